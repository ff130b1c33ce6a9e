"""Clusters: how far they grow, when they go back, and what they cost while nobody looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document


def cluster(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes a cluster that shrinks below nothing, or whose least is above its most."""
    if kind != "compute" or document.data.get("type") != "amlcompute":
        return
    data = document.data
    low, high, idle = (data.get(name) for name in ("min_instances", "max_instances", "idle_time_before_scale_down"))
    if isinstance(low, int) and low < 0:
        yield Finding(("min_instances",), f"{low} is below 0", "give 0: nothing is paid while nothing runs")
    if isinstance(high, int) and high < 1:
        yield Finding(("max_instances",), f"{high} machines run nothing", "give 1 or more")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Finding(("min_instances",), f"min_instances {low} is above max_instances {high}", "exchange them")
    if isinstance(idle, int) and idle < 0:
        yield Finding(("idle_time_before_scale_down",), f"{idle} is below 0", "give seconds: 600 are ten minutes")


def size(document: Document, kind: str) -> Iterator[Finding]:
    """Without a size Azure takes a small machine without a GPU."""
    if kind == "compute" and document.data.get("type") == "amlcompute" and not document.data.get("size"):
        yield Finding(("size",), "is missing: Azure takes a small machine without a GPU", "add size: Standard_...")


def name(document: Document, kind: str) -> Iterator[Finding]:
    """Azure's service takes 2 to 32 letters, digits and hyphens, beginning with a letter."""
    value = document.data.get("name") if kind == "compute" else None
    if isinstance(value, str) and "{" not in value and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,31}", value):
        yield Finding(("name",), f"{value!r} is no name of a compute", "use 2 to 32 letters, digits and -")


def always_on(document: Document, kind: str) -> Iterator[Finding]:
    """Machines that stay on are paid for day and night."""
    low, idle = document.data.get("min_instances"), document.data.get("idle_time_before_scale_down")
    if kind == "compute" and isinstance(low, int) and low > 0:
        yield Finding(("min_instances",), f"{low} machines stay on and are paid for", "write 0")
    if kind == "compute" and isinstance(idle, int) and idle > 3600:
        yield Finding(("idle_time_before_scale_down",), f"idle machines stay for {idle} seconds", "write 600")


RULES = (cluster, name)

ADVICE = (size, always_on)
