"""Which workspace is meant, and the calls that are made on it; the only module that opens a connection to Azure."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from gen_jax.errors import UserError

VARIABLES = {
    "subscription": ("AZUREML_ARM_SUBSCRIPTION", "AZURE_SUBSCRIPTION_ID"),
    "resource_group": ("AZUREML_ARM_RESOURCEGROUP",),
    "workspace": ("AZUREML_ARM_WORKSPACE_NAME",),
}
"""Part of a workspace's name -> variables that give it; Azure sets the first ones in its own machines."""

IN_FILE = {"subscription": "subscription_id", "resource_group": "resource_group", "workspace": "workspace_name"}


class Jobs(Protocol):
    """What is called on ``MLClient.jobs``."""

    def get(self, name: str) -> Any:
        """Return a job."""
        ...

    def list(self, *, tag: str) -> Iterable[Any]:
        """Return the jobs that have a tag of this name."""
        ...

    def create_or_update(self, job: Any) -> Any:
        """Start a job."""
        ...

    def stream(self, name: str) -> None:
        """Print the log of a job until its end; raises where the job failed."""
        ...

    def download(self, name: str, *, download_path: str) -> None:
        """Bring the logs of a job that has ended."""
        ...


class OnlineEndpoints(Protocol):
    """What is called on ``MLClient.online_endpoints``."""

    def get(self, name: str) -> Any:
        """Return an endpoint."""
        ...

    def begin_create_or_update(self, endpoint: Any) -> Any:
        """Begin to make or change an endpoint; returns a poller."""
        ...

    def get_keys(self, name: str) -> Any:
        """Return what a request must carry: keys, or a token."""
        ...


class OnlineDeployments(Protocol):
    """What is called on ``MLClient.online_deployments``."""

    def get(self, name: str, endpoint_name: str) -> Any:
        """Return a deployment."""
        ...

    def begin_create_or_update(self, deployment: Any) -> Any:
        """Begin to make or change a deployment; returns a poller."""
        ...

    def get_logs(self, name: str, endpoint_name: str, lines: int) -> str:
        """Return the last lines that the container wrote."""
        ...


class Datastores(Protocol):
    """What is called on ``MLClient.datastores``."""

    def get(self, name: str) -> Any:
        """Return a datastore."""
        ...


class Workspace(Protocol):
    """What is used of ``MLClient``; tests put a fake in its place."""

    @property
    def jobs(self) -> Jobs:
        """Its jobs."""
        ...

    @property
    def online_endpoints(self) -> OnlineEndpoints:
        """Its online endpoints."""
        ...

    @property
    def online_deployments(self) -> OnlineDeployments:
        """Their deployments."""
        ...

    @property
    def datastores(self) -> Datastores:
        """Its datastores."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkspaceName:
    """A workspace, in full."""

    subscription: str
    resource_group: str
    workspace: str

    def __str__(self) -> str:
        return f"{self.workspace} (resource group {self.resource_group})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkspaceOptions:
    """Which workspace."""

    workspace: str | None = None
    """Workspace; left out, AZUREML_ARM_WORKSPACE_NAME, or config.json here or in a folder above."""
    resource_group: str | None = None
    """Its resource group; left out, AZUREML_ARM_RESOURCEGROUP, or config.json."""
    subscription: str | None = None
    """Id of the subscription; left out, AZUREML_ARM_SUBSCRIPTION, AZURE_SUBSCRIPTION_ID, or config.json."""


def find_workspace(
    given: WorkspaceOptions, *, environment: Mapping[str, str] | None = None, start: Path | None = None
) -> WorkspaceName:
    """Return the workspace that is meant: option, else variable, else ``config.json`` in a folder above.

    Raises:
      UserError: a part of the name is given nowhere; the line says what to give.
    """
    environment = os.environ if environment is None else environment
    file = _config_file(Path.cwd() if start is None else start)
    found: dict[str, str] = {}
    for part, variables in VARIABLES.items():
        values = [getattr(given, part), *(environment.get(name) for name in variables), file.get(IN_FILE[part])]
        found[part] = next((str(value) for value in values if value), "")
    missing = [part for part, value in found.items() if not value]
    if missing:
        options = ", ".join(f"--{part.replace('_', '-')} (or {VARIABLES[part][0]})" for part in missing)
        raise UserError(
            f"which workspace? give {options}; or put the workspace's config.json here "
            "(studio: menu of the workspace > Download config file)"
        )
    return WorkspaceName(**found)


def _config_file(start: Path) -> Mapping[str, Any]:
    """Return the nearest ``config.json`` that names a workspace; a run's own is one of another kind."""
    for folder in (start, *start.parents):
        for path in (folder / "config.json", folder / ".azureml" / "config.json"):
            try:
                value = json.loads(path.read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(value, dict) and "workspace_name" in value:
                return value
    return {}


def credential() -> Any:
    """Return the identity of whoever runs the command: ``az login``, a managed identity, a federated one.

    Raises:
      UserError: azure-identity is not installed.
    """
    try:
        from azure.identity import DefaultAzureCredential
    except ModuleNotFoundError:
        raise UserError("azure-identity is not installed: `pip install 'gen_jax[azure]'`") from None
    return DefaultAzureCredential()


def connect(name: WorkspaceName) -> Workspace:
    """Return the client of a workspace; nothing is sent before its first call.

    Raises:
      UserError: azure-ai-ml is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from azure.ai.ml import MLClient
    except ModuleNotFoundError:
        raise UserError("azure-ai-ml is not installed: `pip install 'gen_jax[azure]'`") from None
    for noisy in ("azure", "azure.ai.ml", "azure.identity"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    return MLClient(  # type: ignore[return-value]
        credential(), name.subscription, name.resource_group, name.workspace, enable_telemetry=False
    )
