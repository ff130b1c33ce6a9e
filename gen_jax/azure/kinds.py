"""Which kind of Azure Machine Learning file a YAML file is: by its ``$schema``, or by the keys it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMAS = {
    "commandjob": "job",
    "sweepjob": "job",
    "pipelinejob": "job",
    "automljob": "job",
    "sparkjob": "job",
    "paralleljob": "job",
    "finetuningjob": "job",
    "commandcomponent": "component",
    "pipelinecomponent": "component",
    "parallelcomponent": "component",
    "sparkcomponent": "component",
    "automlcomponent": "component",
    "environment": "environment",
    "data": "data",
    "dataset": "data",
    "model": "model",
    "amlcompute": "compute",
    "computeinstance": "compute",
    "vmcompute": "compute",
    "kubernetescompute": "compute",
    "synapsesparkcompute": "compute",
    "compute": "compute",
    "schedule": "schedule",
    "managedonlineendpoint": "online endpoint",
    "kubernetesonlineendpoint": "online endpoint",
    "onlineendpoint": "online endpoint",
    "managedonlinedeployment": "online deployment",
    "kubernetesonlinedeployment": "online deployment",
    "onlinedeployment": "online deployment",
    "batchendpoint": "batch endpoint",
    "batchdeployment": "batch deployment",
    "modelbatchdeployment": "batch deployment",
    "pipelinecomponentbatchdeployment": "batch deployment",
    "azureblob": "datastore",
    "azurefile": "datastore",
    "azuredatalakegen1": "datastore",
    "azuredatalakegen2": "datastore",
}
"""Name of a schema in lower case -> kind."""

OTHER_SCHEMAS = (
    "workspace", "hub", "project", "registry", "connection", "workspaceconnection", "featurestore", "featureset",
    "featurestoreentity", "mltable", "privatelink", "monitorschedule", "importdata", "dataimport", "promptflow",
    "flow", "prompty", "serverlessendpoint", "marketplacesubscription", "batchscoring", "modelpackage", "index",
)  # fmt: skip
"""Schemas of Azure that are not checked here."""

KINDS = tuple(dict.fromkeys(SCHEMAS.values()))

JOB_TYPES = ("command", "sweep", "pipeline", "parallel", "spark", "automl", "finetuning")
DATA_TYPES = ("uri_file", "uri_folder", "mltable")
MODEL_TYPES = ("custom_model", "mlflow_model", "triton_model")
COMPUTE_TYPES = ("amlcompute", "computeinstance", "virtualmachine", "kubernetes", "synapsespark")
LITERAL_TYPES = ("string", "integer", "number", "boolean", "enum")


def schema_name(data: Mapping[str, Any]) -> str | None:
    """Return the name in ``$schema`` (``commandJob``), or None."""
    schema = data.get("$schema")
    if not isinstance(schema, str):
        return None
    return schema.rstrip("/").split("/")[-1].split("#")[0].removesuffix(".json").removesuffix(".schema")


def kind_of(data: Any) -> str | None:
    """Return the kind of a file, or None where it is none of Azure Machine Learning's, or one not checked here."""
    if not isinstance(data, dict):
        return None
    name = schema_name(data)
    if name is not None and name.lower() in SCHEMAS:
        return SCHEMAS[name.lower()]
    if name is not None and (name.lower() in OTHER_SCHEMAS or "azureml" not in str(data["$schema"])):
        return None
    return _by_keys(data)


def _by_keys(data: Mapping[str, Any]) -> str | None:
    kind = data.get("type")
    tests = (
        ("schedule", "trigger" in data and "create_job" in data),
        ("batch deployment", "endpoint_name" in data and ("mini_batch_size" in _map(data, "settings")
                                                          or kind in ("model", "pipeline") or "component" in data)),
        ("online deployment", "endpoint_name" in data or {"model", "instance_type"} <= data.keys()),
        ("batch endpoint", "deployment_name" in _map(data, "defaults")),
        ("online endpoint", "auth_mode" in data),
        ("component", kind in JOB_TYPES and _is_component(data)),
        ("job", kind in JOB_TYPES or {"command", "environment"} <= data.keys()),
        ("data", kind in DATA_TYPES),
        ("model", kind in MODEL_TYPES),
        ("compute", kind in COMPUTE_TYPES),
        ("environment", "name" in data and bool({"image", "build"} & data.keys()) and "services" not in data),
    )  # fmt: skip
    return next((name for name, holds in tests if holds), None)


def _is_component(data: Mapping[str, Any]) -> bool:
    """Tell a component from a job of the same type: it has a version, or inputs that only have a type."""
    inputs = [value for value in _map(data, "inputs").values() if isinstance(value, dict)]
    return "version" in data or "is_deterministic" in data or any("type" in v and "path" not in v for v in inputs)


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
