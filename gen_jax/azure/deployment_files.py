"""Which endpoint and deployment a folder or file means, and the model that goes into it."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gen_jax.azure.documents import read
from gen_jax.azure.failures import plain
from gen_jax.azure.kinds import kind_of
from gen_jax.azure.loading import quiet
from gen_jax.azure.rendering import Rendered, dump, written
from gen_jax.errors import UserError

DEPLOYMENT, ENDPOINT = "online deployment", "online endpoint"


@dataclasses.dataclass(frozen=True)
class Target:
    """What is to be deployed."""

    deployment_file: Path
    deployment: dict[str, Any]
    """Its content, with the model that was asked for."""
    endpoint_file: Path | None
    fixed_name: bool = False
    """Whether the user gave the name of the deployment."""

    @property
    def endpoint_name(self) -> str:
        """The endpoint."""
        return str(self.deployment["endpoint_name"])

    @property
    def files(self) -> list[Path]:
        """The files that are read."""
        return [self.deployment_file, *([self.endpoint_file] if self.endpoint_file else [])]

    def text(self) -> str:
        """Return what would be sent."""
        head = f"# {self.deployment_file.name}, to endpoint {self.endpoint_name}\n"
        return head + dump(self.deployment)


def find_target(path: Path, *, endpoint: str | None = None, name: str | None = None) -> Target:
    """Return what a folder with one deployment, or the file of a deployment, means.

    Args:
      path: the folder or file.
      endpoint: another name for the endpoint.
      name: another name for the deployment.

    Raises:
      UserError: there is no deployment, or there are several.
    """
    file = path if path.is_file() else _only_deployment(path)
    data = read(file).data
    if kind_of(data) != DEPLOYMENT:
        raise UserError(f"{file}: is no online deployment; give the file of one, or a folder with one")
    data = copy.deepcopy(data)
    beside = [other for other in _files(file.parent) if kind_of(read(other).data) == ENDPOINT]
    own = [other for other in beside if read(other).data.get("name") == data.get("endpoint_name")] or beside[:1]
    for key, value in (("endpoint_name", endpoint), ("name", name)):
        if value:
            data[key] = value
        if not data.get(key):
            option = "--endpoint" if key == "endpoint_name" else "--name"
            raise UserError(f"{file}: has no {key}; write it there, or give {option}")
    return Target(file, data, own[0] if own else None, fixed_name=name is not None)


def _only_deployment(folder: Path) -> Path:
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such file or folder")
    found = [file for file in _files(folder) if kind_of(read(file).data) == DEPLOYMENT]
    if len(found) != 1:
        names = ", ".join(str(file) for file in found)
        what = f"holds {len(found)} online deployments; give one of {names}" if found else "holds no online deployment"
        raise UserError(f"{folder}: {what}")
    return found[0]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".yml", ".yaml") and path.is_file())


@contextlib.contextmanager
def with_model(target: Target, model: str | None, *, licence: str) -> Iterator[Target]:
    """Give the target with the model that was asked for; a run is packed into a folder that lasts for the block.

    Args:
      target: what is deployed.
      model: ``azureml:NAME:VERSION``, a run, or None: the model of the file.
      licence: of a run's weights, as ``gen-jax azure package`` takes it.

    Raises:
      UserError: there is no such run.
    """
    if model is None or model.startswith("azureml:"):
        yield target if model is None else _given(target, model)
        return
    from gen_jax.azure.packaging import Packing, package

    with TemporaryDirectory(prefix="gen_jax_model_") as folder:
        path = Path(folder) / "model"
        packed = package(model, path, Packing(licence=licence))
        tags = {"run": packed.run.name, "images": str(packed.images_seen)}
        yield _given(target, {"path": str(path), "type": "custom_model", "tags": tags})


def _given(target: Target, model: Any) -> Target:
    return dataclasses.replace(target, deployment={**target.deployment, "model": model})


def load_deployment(target: Target, name: str) -> Any:
    """Return the SDK's deployment, under a name; raises ``UserError`` where the SDK refuses the file."""
    return _load("load_online_deployment", target.deployment_file, {**target.deployment, "name": name}, DEPLOYMENT)


def load_endpoint(target: Target) -> Any:
    """Return the SDK's endpoint; raises ``UserError`` where the SDK refuses the file."""
    assert target.endpoint_file is not None, "is asked for only where there is one"
    data = {**read(target.endpoint_file).data, "name": target.endpoint_name}
    return _load("load_online_endpoint", target.endpoint_file, data, ENDPOINT)


def _load(function: str, file: Path, data: dict[str, Any], kind: str) -> Any:
    with quiet(), written(Rendered(file, kind, data, (), file.parent)) as path:
        import azure.ai.ml
        from marshmallow import ValidationError

        try:
            with plain(str(file)):
                return getattr(azure.ai.ml, function)(path)
        except ValidationError:
            raise UserError(f"{file}: Azure's SDK refuses it; `gen-jax azure lint {file}` says why") from None
