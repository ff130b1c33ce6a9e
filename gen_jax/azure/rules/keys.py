"""Keys with a letter too many: in components, steps and settings the SDK passes over what it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from gen_jax.azure.blocks import jobs, mapping, pipelines
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

COMPONENT = (
    "$schema", "name", "version", "type", "display_name", "description", "tags", "is_deterministic", "inputs",
    "outputs", "code", "command", "environment", "environment_variables", "resources", "distribution",
    "queue_settings", "properties", "jobs", "additional_includes", "task", "mini_batch_size", "input_data",
    "retry_settings", "limits", "compute", "entry", "args", "conf", "jars", "files", "py_files", "archives",
    "identity", "logging_level", "error_threshold", "mini_batch_error_threshold", "max_concurrency_per_instance",
)  # fmt: skip
STEP = (*COMPONENT, "component", "trial", "services", "comment", "search_space", "objective", "sampling_algorithm",
        "early_termination")  # fmt: skip
SETTINGS = ("default_compute", "default_datastore", "continue_on_step_failure", "force_rerun",
            "continue_run_on_failed_optional_input", "default_datastore_name")  # fmt: skip
PARTS = {
    "resources": ("instance_count", "instance_type", "shm_size", "docker_args", "locations", "max_instance_count",
                  "properties", "runtime_version"),
    "distribution": ("type", "process_count_per_instance", "worker_count", "parameter_server_count", "port", "address",
                     "include_dashboard", "dashboard_port", "head_node_additional_args", "worker_node_additional_args"),
    "limits": ("timeout", "trial_timeout", "max_total_trials", "max_concurrent_trials", "max_trials", "timeout_minutes",
               "trial_timeout_minutes", "max_concurrent_trials", "max_nodes", "max_cores_per_trial", "exit_score",
               "enable_early_termination"),
}  # fmt: skip
"""Key of a job or component -> the keys below it."""
INPUT = ("type", "description", "default", "optional", "min", "max", "enum", "mode", "path", "value", "path_on_compute")
NEAR = 0.8
"""How alike a key must be to a known one to be called misspelt; what is like none may be newer than this list."""


def misspelt(document: Document, kind: str) -> Iterator[Finding]:
    """``resourcess:`` in a component loads, and the job runs without resources."""
    for at, job in jobs(document, kind):
        is_step = at[-2:-1] == ("jobs",)
        if is_step or kind == "component" or at[-1:] == ("component",):
            yield from _near(document, at, STEP if is_step else COMPONENT)
        for part, known in PARTS.items():
            yield from _near(document, (*at, part), known)
        for side in ("inputs", "outputs"):
            for name in mapping(job, side):
                yield from _near(document, (*at, side, name), INPUT)
    for pipeline in pipelines(document, kind):
        yield from _near(document, (*pipeline.at, "settings"), SETTINGS)
    if kind == "batch deployment" and document.data.get("type") == "pipeline":
        yield from _near(document, ("settings",), SETTINGS)


def _near(document: Document, key: Key, known: tuple[str, ...]) -> Iterator[Finding]:
    there = document.at(key)
    for name in there if isinstance(there, dict) else ():
        if name in known or not isinstance(name, str):
            continue
        near = difflib.get_close_matches(name, [word for word in known if word not in there], n=1, cutoff=NEAR)
        if near:
            yield Finding(
                (*key, name), f"{name!r} is not a key that Azure knows here", f"perhaps you meant {near[0]!r}"
            )


RULES = (misspelt,)
