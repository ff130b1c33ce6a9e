"""Online and batch deployments: time-outs, probes, routes, mini-batches, what is written where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.blocks import is_whole, mapping
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

LONGEST_REQUEST = 180_000
"""Milliseconds that a managed endpoint waits for an answer (how-to-manage-quotas)."""
ROUTES = ("liveness_route", "readiness_route", "scoring_route")


def request_settings(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes any number; the endpoint waits 180 seconds at most, and 5 if nothing is said."""
    if kind != "online deployment":
        return
    settings = mapping(document.data, "request_settings")
    wait = settings.get("request_timeout_ms")
    if is_whole(wait) and wait > LONGEST_REQUEST:
        yield Finding(("request_settings", "request_timeout_ms"), f"{wait} ms are more than Azure waits",
                      "give 180000 or less; longer work belongs to a batch endpoint")  # fmt: skip
    elif is_whole(wait) and wait < 1000:
        yield Finding(("request_settings", "request_timeout_ms"), f"{wait} ms end every request",
                      "it is in milliseconds: 90000 are 90 seconds")  # fmt: skip
    yield from _at_least(document, ("request_settings", "max_concurrent_requests_per_instance"), 1)
    yield from _at_least(document, ("request_settings", "max_queue_wait_ms"), 0)


def probes(document: Document, kind: str) -> Iterator[Finding]:
    """A probe with a zero, or with a time-out beyond its period, takes a healthy container down."""
    if kind != "online deployment":
        return
    for name in ("liveness_probe", "readiness_probe", "startup_probe"):
        for part, least in (("initial_delay", 0), ("period", 1), ("timeout", 1), ("success_threshold", 1),
                            ("failure_threshold", 1)):  # fmt: skip
            yield from _at_least(document, (name, part), least)
    successes = mapping(document.data, "liveness_probe").get("success_threshold")
    if is_whole(successes) and successes > 1:
        yield Finding(("liveness_probe", "success_threshold"), f"{successes} is refused: liveness needs one success",
                      "write 1")  # fmt: skip


def routes(document: Document, kind: str) -> Iterator[Finding]:
    """A container of one's own without routes is never asked anything; a route without a port is refused."""
    if kind not in ("online deployment", "environment"):
        return
    place: Key = ("environment",) if kind == "online deployment" else ()
    environment = document.at(place)
    config = mapping(environment, "inference_config")
    given = isinstance(environment, dict) and "inference_config" in environment
    if given:
        for name in ROUTES:
            yield from _route((*place, "inference_config", name), config.get(name))
    own_image = isinstance(environment, dict) and "image" in environment and "conda_file" not in environment
    if kind == "online deployment" and own_image and not given and "code_configuration" not in document.data:
        yield Finding(("environment", "inference_config"), "is missing: nobody knows where the container answers",
                      "add liveness_route, readiness_route and scoring_route, or a code_configuration")  # fmt: skip


def _route(key: Key, route: Any) -> Iterator[Finding]:
    if not isinstance(route, dict):
        yield Finding(key, "is missing", "add {path: /PATH, port: PORT}")
        return
    path, port = route.get("path"), route.get("port")
    if isinstance(path, str) and not path.startswith("/"):
        yield Finding((*key, "path"), f"{path!r} does not begin with /", f"write /{path}")
    if is_whole(port) and not 1 <= port <= 65535:
        yield Finding((*key, "port"), f"{port} is no port", "give one from 1 to 65535")


def one_port(document: Document, kind: str) -> Iterator[Finding]:
    """The three routes lead into one container; a port that differs is a slip."""
    place: Key = ("environment", "inference_config") if kind == "online deployment" else ("inference_config",)
    config = document.at(place)
    ports = {
        name: mapping(config, name).get("port") for name in ROUTES if mapping(config, name).get("port") is not None
    }
    if len(set(map(str, ports.values()))) > 1:
        yield Finding(
            place, f"the routes have different ports ({', '.join(map(str, ports.values()))})", "give them one port"
        )


def models(document: Document, kind: str) -> Iterator[Finding]:
    """A mount path that is not absolute is refused; a batch deployment needs a model."""
    if kind == "online deployment":
        path = document.data.get("model_mount_path")
        if isinstance(path, str) and not path.startswith("/"):
            yield Finding(("model_mount_path",), f"{path!r} is not absolute", f"write /{path}")
    if kind == "batch deployment" and not _is_pipeline(document.data) and "model" not in document.data:
        yield Finding(("model",), "is missing", "add model: azureml:NAME:VERSION")


def whole(document: Document, kind: str) -> Iterator[Finding]:
    """A deployment of a pipeline loads without its endpoint, and without a pipeline."""
    if kind != "batch deployment" or document.data.get("type") != "pipeline":
        return
    if not {"component", "job_definition"} & document.data.keys():
        yield Finding(
            ("component",), "is missing: there is no pipeline to run", "name the file of a pipeline component"
        )
    for name in ("name", "endpoint_name"):
        if name not in document.data:
            yield Finding((name,), "is missing", "add it")


def _is_pipeline(data: Any) -> bool:
    return data.get("type") == "pipeline" or "component" in data or "job_definition" in data


def script_and_environment(document: Document, kind: str) -> Iterator[Finding]:
    """A script runs in an environment; only MLflow models bring both."""
    if kind not in ("online deployment", "batch deployment"):
        return
    if "code_configuration" in document.data and "environment" not in document.data:
        yield Finding(("environment",), "is missing: the scoring script has nothing to run in",
                      "add environment: azureml:NAME:VERSION")  # fmt: skip


def scaling(document: Document, kind: str) -> Iterator[Finding]:
    """Limits of scaling that exclude each other load."""
    if kind != "online deployment":
        return
    scale = mapping(document.data, "scale_settings")
    low, high = scale.get("min_instances"), scale.get("max_instances")
    if is_whole(low) and is_whole(high) and low > high:
        yield Finding(
            ("scale_settings", "min_instances"), f"min_instances {low} is above max_instances {high}", "exchange them"
        )


def batch_settings(document: Document, kind: str) -> Iterator[Finding]:
    """Zeros and contradictions in the settings of a batch deployment load, and fail at the first call."""
    if kind != "batch deployment" or _is_pipeline(document.data):
        return
    for place in (("settings",), ()):
        values = document.at(place)
        values = values if isinstance(values, dict) else {}
        for name, least in (("mini_batch_size", 1), ("max_concurrency_per_instance", 1), ("error_threshold", -1)):
            yield from _at_least(document, (*place, name), least)
        yield from _at_least(document, (*place, "retry_settings", "max_retries"), 0)
        yield from _at_least(document, (*place, "retry_settings", "timeout"), 1)
        level = values.get("logging_level")
        if isinstance(level, str) and level.lower() not in ("info", "warning", "debug"):
            yield Finding((*place, "logging_level"), f"{level!r} is no level", "take info, warning or debug")
        if values.get("output_action") == "summary_only" and values.get("output_file_name"):
            yield Finding((*place, "output_file_name"), "says nothing with output_action: summary_only", "take it out")
        name = values.get("output_file_name")
        if isinstance(name, str) and ("/" in name or "\\" in name):
            yield Finding((*place, "output_file_name"), f"{name!r} is a path", "give the name of a file alone")


def twice(document: Document, kind: str) -> Iterator[Finding]:
    """``settings`` has taken the place of the same keys at the top."""
    if kind != "batch deployment":
        return
    for name in mapping(document.data, "settings"):
        if name in document.data and name != "resources":
            yield Finding((name,), "is given here and in settings", "keep the one in settings")


def _at_least(document: Document, key: Key, least: int) -> Iterator[Finding]:
    value = document.at(key)
    if is_whole(value) and value < least:
        yield Finding(key, f"{value} is below {least}", f"give {least} or more")


def names(document: Document, kind: str) -> Iterator[Finding]:
    """Azure's service refuses names of endpoints and deployments that the schema takes."""
    if kind not in ("online deployment", "batch deployment", "online endpoint", "batch endpoint"):
        return
    for key in ("name", "endpoint_name"):
        value = document.data.get(key)
        if value is None or (isinstance(value, str) and re.search(r"[${<]", value)):
            continue
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z](?:[-A-Za-z0-9]*[A-Za-z0-9])?", value):
            yield Finding((key,), f"{value!r} is no name for it", "use letters, digits and -, and begin with a letter")
        elif not 3 <= len(value) <= 32:
            yield Finding((key,), f"{value!r} has {len(value)} characters", "use 3 to 32")


RULES = (
    whole,
    request_settings,
    probes,
    routes,
    one_port,
    models,
    script_and_environment,
    scaling,
    batch_settings,
    twice,
    names,
)
