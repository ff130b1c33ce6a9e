"""Machines: how many, which, how much of them, and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.blocks import Map, jobs, mapping, pipelines
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

SKU = re.compile(
    r"(?:Standard|Basic)_[A-Z]{1,3}\d+(?:-\d+)?[a-z]*(?:_(?:v\d+|(?!v\d)[A-Z]{1,3}\d{1,4}[A-Z]?|NDR|XDR|Promo|Internal))*",
    re.IGNORECASE,
)
"""Family, processors, features, accelerator, version: ``Standard_NC24ads_A100_v4``."""
SKU_LETTERS = ("A", "B", "D", "DC", "DS", "E", "EC", "F", "FX", "G", "GS", "H", "HB", "HC", "HX", "L", "LS", "M", "NC",
               "NCC", "ND", "NG", "NP", "NV", "FS", "ES", "MS", "NVS")  # fmt: skip
"""Families of virtual machines (learn.microsoft.com, "Sizes for virtual machines")."""
SHM_SIZE = re.compile(r"[1-9]\d*[bkmg]", re.IGNORECASE)
"""What docker takes; the schema takes any text."""
COMPUTELESS = ("pipeline", "spark", "if_else", "do_while", "parallel_for", "data_transfer")
"""Steps that bring their own machines, or need none."""
LONGEST = 21 * 86400
"""Seconds that a job may run: 21 days, and 7 on Spot nodes (how-to-manage-quotas)."""


def instance_counts(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK accepts a job on no machine at all."""
    for key, value in _counts(document, kind):
        if isinstance(value, int) and not isinstance(value, bool) and value < 1:
            yield Finding(key, f"{value} machines run nothing", "give 1 or more")


def _counts(document: Document, kind: str) -> Iterator[tuple[Key, Any]]:
    for at, job in jobs(document, kind):
        for name in ("instance_count", "max_instance_count"):
            if name in mapping(job, "resources"):
                yield (*at, "resources", name), job["resources"][name]
    if kind == "batch deployment":
        yield ("resources", "instance_count"), mapping(document.data, "resources").get("instance_count")
        settings = mapping(mapping(document.data, "settings"), "resources")
        yield ("settings", "resources", "instance_count"), settings.get("instance_count")
    if kind == "online deployment":
        yield ("instance_count",), document.data.get("instance_count")


def shared_memory(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes any text for the size of shared memory; docker does not."""
    for at, job in jobs(document, kind):
        size = mapping(job, "resources").get("shm_size")
        if size is None or (isinstance(size, str) and "${{" in size):
            continue
        if not isinstance(size, str) or not SHM_SIZE.fullmatch(size):
            yield Finding(
                (*at, "resources", "shm_size"), f"{size!r} is no size", "write a number and a unit: 16g, 512m"
            )


def machine_sizes(document: Document, kind: str) -> Iterator[Finding]:
    """Nothing offline knows every size, but one that is not built like a size is a mistake."""
    for key, value in _sizes(document, kind):
        for index, size in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(size, str) and "{" not in size and "$" not in size and not is_size(size):
                at = (*key, index) if isinstance(value, list) else key
                yield Finding(
                    at, f"{size!r} is not built like a size of Azure", "write it like Standard_NC24ads_A100_v4"
                )


def is_size(name: str) -> bool:
    """Whether a text is built like the name of a virtual machine's size."""
    if not SKU.fullmatch(name):
        return False
    family = re.match(r"[A-Z]+", name.split("_", 1)[1].upper())
    return family is not None and family[0] in SKU_LETTERS


def _sizes(document: Document, kind: str) -> Iterator[tuple[Key, Any]]:
    if kind == "online deployment":
        yield ("instance_type",), document.data.get("instance_type")
    if kind == "compute" and document.data.get("type") in ("amlcompute", "computeinstance"):
        yield ("size",), document.data.get("size")
    for at, job in jobs(document, kind):
        # A cluster of Kubernetes has instance types with names of its own.
        if job.get("compute") in (None, "azureml:serverless", "serverless"):
            yield (*at, "resources", "instance_type"), mapping(job, "resources").get("instance_type")


def distributions(document: Document, kind: str) -> Iterator[Finding]:
    """Several machines without a distribution leave all but one idle."""
    for at, job in jobs(document, kind):
        share = mapping(job, "distribution")
        count = mapping(job, "resources").get("instance_count")
        has_command = "command" in job or job.get("type") == "sweep"
        if has_command and isinstance(count, int) and count > 1 and not share and "trial" not in job:
            yield Finding((*at, "resources", "instance_count"), f"{count} machines, and no distribution: one works",
                          "add distribution: {type: pytorch}, or take one machine")  # fmt: skip
        per_node = share.get("process_count_per_instance")
        if isinstance(per_node, int) and per_node < 1:
            yield Finding((*at, "distribution", "process_count_per_instance"), f"{per_node} processes run nothing",
                          "give 1 or more")  # fmt: skip
        workers = share.get("worker_count")
        if (
            share.get("type") == "tensorflow"
            and isinstance(workers, int)
            and isinstance(count, int)
            and workers != count
        ):
            yield Finding((*at, "distribution", "worker_count"), f"{workers} workers on {count} machines",
                          "make it the same as resources.instance_count")  # fmt: skip


def several_processes(document: Document, kind: str) -> Iterator[Finding]:
    """One JAX process owns all accelerators of its machine; several on one machine fight over them."""
    for at, job in jobs(document, kind):
        share = mapping(job, "distribution")
        per_node = share.get("process_count_per_instance")
        if share.get("type") in ("pytorch", "mpi") and isinstance(per_node, int) and per_node > 1:
            yield Finding((*at, "distribution", "process_count_per_instance"), f"{per_node} JAX processes on a machine",
                          "one process takes all its GPUs: write 1")  # fmt: skip


def time_limits(document: Document, kind: str) -> Iterator[Finding]:
    """Time limits are seconds; the schema takes 0 and negative ones."""
    for at, job in jobs(document, kind):
        for name in ("timeout", "trial_timeout"):
            value = mapping(job, "limits").get(name)
            if not isinstance(value, int) or isinstance(value, bool):
                continue
            if value <= 0:
                yield Finding(
                    (*at, "limits", name), f"{value} seconds end the job at once", "give seconds: 86400 is a day"
                )
            elif value > LONGEST:
                yield Finding((*at, "limits", name), f"{value} seconds are more than the 21 days that a job may run",
                              "give 1814400 or less")  # fmt: skip


def queues(document: Document, kind: str) -> Iterator[Finding]:
    """A tier of the queue is for jobs without a compute of their own."""
    for at, job in jobs(document, kind):
        tier = mapping(job, "queue_settings").get("job_tier")
        compute = job.get("compute")
        if tier is not None and isinstance(compute, str) and compute not in ("serverless", "azureml:serverless"):
            yield Finding((*at, "queue_settings", "job_tier"), f"job_tier says nothing on {compute}",
                          "take compute out for serverless Spot, or make the cluster itself low_priority")  # fmt: skip


def step_computes(document: Document, kind: str) -> Iterator[Finding]:
    """A step needs a compute, of its own or of the pipeline; the SDK asks for it when the job is sent."""
    if kind != "job":
        return
    for pipeline in pipelines(document, kind):
        settings = mapping(pipeline.data, "settings")
        if pipeline.at or pipeline.is_component or settings.get("default_compute") or pipeline.data.get("compute"):
            continue
        for key, name, step in pipeline.steps():
            if not _has_compute(step):
                yield Finding(key, f"the step {name!r} has no compute, and the pipeline no default",
                              "add settings: {default_compute: azureml:NAME}")  # fmt: skip


def _has_compute(step: Map) -> bool:
    component = step.get("component")
    inner = isinstance(component, dict) and component.get("type") == "pipeline"
    return bool(step.get("compute")) or inner or step.get("type") in COMPUTELESS


def locations(document: Document, kind: str) -> Iterator[Finding]:
    """Regions are written without spaces."""
    for at, job in jobs(document, kind):
        places = mapping(job, "resources").get("locations")
        for index, place in enumerate(places if isinstance(places, list) else []):
            if isinstance(place, str) and not re.fullmatch(r"[a-z]+[a-z0-9]*", place):
                yield Finding(
                    (*at, "resources", "locations", index), f"{place!r} is no region", "write it like westeurope"
                )


RULES = (
    instance_counts,
    shared_memory,
    machine_sizes,
    distributions,
    time_limits,
    queues,
    step_computes,
    locations,
)

ADVICE = (several_processes,)
