"""Where the files of a run lie in Azure, and how they are listed and read: with the caller's identity, without keys."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from gen_jax.azure.workspace import Workspace, credential
from gen_jax.errors import UserError

ALL_RUNS = "azureml://datastores/workspaceblobstore/paths/gen_jax/runs/"
"""Where the jobs in ``azure/jobs`` keep their runs: a folder for each run key."""

_URI = re.compile(r"azureml://(?:subscriptions/.*/)?datastores/(?P<datastore>[^/]+)/(?:paths/)?(?P<folder>.*)", re.I)


@dataclasses.dataclass(frozen=True)
class Place:
    """A folder in a datastore."""

    datastore: str
    folder: str

    def __str__(self) -> str:
        return f"azureml://datastores/{self.datastore}/paths/{self.folder}"

    def below(self, name: str) -> Place:
        """Return a folder in this one."""
        return Place(self.datastore, f"{self.folder.rstrip('/')}/{name}".lstrip("/"))


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file in a datastore."""

    name: str
    """Below the folder that was listed: ``checkpoints/6400/manifest.json``."""
    size: int
    """Bytes."""
    changed: float
    """Seconds since 1970."""


class Store(Protocol):
    """Files of one datastore; tests put a fake in its place."""

    def list(self, folder: str) -> Iterable[RemoteFile]:
        """Yield every file below a folder."""
        ...

    def read(self, folder: str, name: str) -> Iterator[bytes]:
        """Yield a file in pieces."""
        ...


def place_of(uri: str) -> Place:
    """Return the folder that an ``azureml://datastores/...`` address means.

    Raises:
      UserError: it is another kind of address.
    """
    match = _URI.fullmatch(uri.strip())
    if match is None:
        raise UserError(f"{uri}: is no folder of a datastore; write azureml://datastores/NAME/paths/FOLDER")
    return Place(match["datastore"], match["folder"].strip("/"))


def run_place(job: Any, key: str) -> Place | None:
    """Return where a job keeps its run: below the folder of its output ``runs``, or in its output ``run``."""
    outputs = job.outputs or {}
    for name in ("runs", "run"):
        path = getattr(outputs[name], "path", None) if name in outputs else None
        match = _URI.fullmatch(path.strip()) if isinstance(path, str) and "${{" not in path else None
        if match:
            place = Place(match["datastore"], match["folder"].strip("/"))
            return place.below(key) if name == "runs" else place
    return None


class BlobStore:
    """The files of a datastore in blob storage, Data Lake Gen2 included."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def list(self, folder: str) -> Iterator[RemoteFile]:
        """Yield every file below a folder; the entries of folders themselves are left out."""
        prefix = f"{folder.strip('/')}/"
        for blob in self._container.list_blobs(name_starts_with=prefix, include=["metadata"]):
            if (blob.metadata or {}).get("hdi_isfolder") != "true":
                changed = blob.last_modified or datetime.datetime.fromtimestamp(0, datetime.UTC)
                yield RemoteFile(blob.name.removeprefix(prefix), blob.size, changed.timestamp())

    def read(self, folder: str, name: str) -> Iterator[bytes]:
        """Yield a file in pieces."""
        yield from self._container.download_blob(f"{folder.strip('/')}/{name}").chunks()


def open_store(workspace: Workspace, datastore: str) -> Store:
    """Return the files of a datastore.

    Raises:
      UserError: it is no blob storage, or azure-storage-blob is not installed.
    """
    found = workspace.datastores.get(datastore)
    container = getattr(found, "container_name", None) or getattr(found, "filesystem", None)
    if not container:
        raise UserError(
            f"datastore {datastore}: is {getattr(found, 'type', 'no blob storage')}, and runs are fetched from blob "
            "storage; copy the folder with Azure Storage Explorer"
        )
    try:
        from azure.storage.blob import ContainerClient
    except ModuleNotFoundError:
        raise UserError("azure-storage-blob is not installed: `pip install 'gen_jax[azure]'`") from None
    endpoint = getattr(found, "endpoint", None) or "core.windows.net"
    address = f"https://{found.account_name}.blob.{endpoint}"
    return BlobStore(ContainerClient(address, container, credential=credential()))
