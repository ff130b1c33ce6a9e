"""A client of MLflow with the calls that we use, which keeps what it is sent and can be told to fail."""

from __future__ import annotations

import dataclasses
import sys
import types

import pytest


class Refused(Exception):
    """What the server says no with, as MLflow's own exception tells it."""

    def __init__(self, status):
        super().__init__(f"the server says {status}")
        self.status = status

    def get_http_status_code(self):
        return self.status


@dataclasses.dataclass
class Server:
    """What has arrived, by run; ``trouble`` is raised at every call while it is set."""

    uri: str = "https://user:secret@server/mlflow"
    trouble: Exception | None = None
    refused_names: tuple[str, ...] = ()
    runs: dict[str, dict] = dataclasses.field(default_factory=dict)
    experiments: dict[str, str] = dataclasses.field(default_factory=dict)
    calls: int = 0

    def run(self, identity):
        if identity not in self.runs:
            raise Refused(404)
        return self.runs[identity]

    def add(self, identity, **fields):
        empty = {"metrics": [], "params": {}, "tags": {}, "images": [], "artifacts": []}
        self.runs[identity] = {**empty, "status": "RUNNING", "lifecycle_stage": "active", **fields}


class Client:
    server: Server

    def __getattribute__(self, name):
        if not name.startswith("_") and name != "server":
            self.server.calls += 1
            if self.server.trouble is not None:
                raise self.server.trouble
        return super().__getattribute__(name)

    def get_experiment_by_name(self, name):
        found = self.server.experiments.get(name)
        return None if found is None else types.SimpleNamespace(experiment_id=found)

    def create_experiment(self, name):
        self.server.experiments[name] = f"e{len(self.server.experiments)}"
        return self.server.experiments[name]

    def create_run(self, experiment_id, tags, run_name):
        identity = f"run{len(self.server.runs)}"
        self.server.add(identity, experiment=experiment_id, tags=dict(tags), name=run_name)
        return types.SimpleNamespace(info=types.SimpleNamespace(run_id=identity))

    def get_run(self, run_id):
        run = self.server.run(run_id)
        return types.SimpleNamespace(info=types.SimpleNamespace(**{k: run[k] for k in ("status", "lifecycle_stage")}))

    def update_run(self, run_id, status):
        self.server.run(run_id)["status"] = status

    def log_batch(self, run_id, metrics=(), params=(), tags=(), *, synchronous):
        assert synchronous and len(params) <= 100 and len(tags) <= 100
        run = self.server.run(run_id)
        if any(key in self.server.refused_names for key, *_ in metrics):
            raise Refused(400)
        run["metrics"] += [(key, step, value) for key, value, _, step in metrics]
        run["params"].update(params)
        run["tags"].update(tags)

    def log_image(self, run_id, image, *, key, step, synchronous):
        assert synchronous and image.dtype == "uint8"
        self.server.run(run_id)["images"].append((key, step))

    def log_artifact(self, run_id, local_path):
        self.server.run(run_id)["artifacts"].append(local_path.rpartition("/")[2])

    def set_terminated(self, run_id, status):
        self.server.run(run_id)["status"] = status


def install(monkeypatch: pytest.MonkeyPatch) -> Server:
    """Put the fake in the place of the module ``mlflow``; nothing of the environment reaches it."""
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    client = type("Client", (Client,), {"server": server})
    module, entities = types.ModuleType("mlflow"), types.ModuleType("mlflow.entities")
    module.MlflowClient, module.get_tracking_uri = client, lambda: server.uri
    entities.Metric = lambda key, value, timestamp, step: (key, value, timestamp, step)
    entities.Param = entities.RunTag = lambda key, value: (key, value)
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    return server
