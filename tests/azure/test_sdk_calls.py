"""What is called on Azure's SDK exists there with these names and parameters; a job of Azure can be sent again."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import pytest

pytest.importorskip("azure.ai.ml")

from azure.ai.ml import MLClient, load_job
from azure.ai.ml.entities import AzureBlobDatastore, AzureDataLakeGen2Datastore, Job, OnlineDeployment, OnlineEndpoint
from azure.core.polling import LROPoller
from azure.storage.blob import BlobProperties, ContainerClient

from gen_jax.azure import workspace as calls
from gen_jax.azure.loading import quiet
from gen_jax.azure.storage import open_store
from gen_jax.azure.watching import again
from gen_jax.azure.workspace import WorkspaceName, connect

NAME = WorkspaceName(subscription="0", resource_group="group", workspace="workspace")
PARTS = {
    "jobs": calls.Jobs,
    "online_endpoints": calls.OnlineEndpoints,
    "online_deployments": calls.OnlineDeployments,
    "datastores": calls.Datastores,
}


@pytest.fixture(scope="module")
def client() -> Any:
    return connect(NAME)


def test_a_client_is_made_without_a_network(client: Any) -> None:
    assert isinstance(client, MLClient) and client.workspace_name == "workspace"


def test_every_call_fits_the_sdk(client: Any) -> None:
    checked = 0
    for part, protocol in PARTS.items():
        for name, ours in vars(protocol).items():
            if inspect.isfunction(ours) and not name.startswith("_"):
                theirs = inspect.signature(getattr(getattr(client, part), name)).parameters
                parameters = [p for p in inspect.signature(ours).parameters.values() if p.name != "self"]
                positional = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
                assert list(theirs)[: len(positional)] == positional, f"{part}.{name}"
                takes_any = any(p.kind is p.VAR_KEYWORD for p in theirs.values())
                assert takes_any or {p.name for p in parameters} <= theirs.keys(), f"{part}.{name}"
                checked += 1
    assert checked == 12


def test_the_list_of_jobs_takes_a_tag_down_to_the_request(client: Any) -> None:
    """``list`` passes keywords on; the service client behind it must know ``tag``."""
    from azure.ai.ml._restclient.arm_ml_service.operations import _operations  # the request is built there

    assert "tag" in inspect.signature(_operations.build_jobs_list_request).parameters


def test_the_attributes_that_are_read_exist() -> None:
    for owner, names in (
        (Job, ("status", "studio_url")),
        (OnlineEndpoint, ("scoring_uri",)),
        (OnlineDeployment, ("provisioning_state",)),
        (LROPoller, ("done", "wait", "result", "status")),
        (ContainerClient, ("list_blobs", "download_blob")),
    ):
        assert [name for name in names if not hasattr(owner, name)] == []
    blob = BlobProperties()
    assert all(hasattr(blob, name) for name in ("name", "size", "last_modified", "metadata"))


def test_datastores_say_where_their_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        def __init__(self, datastore: Any) -> None:
            self.datastores = self
            self._datastore = datastore

        def get(self, name: str) -> Any:
            return self._datastore

    seen: list[tuple[str, str]] = []
    monkeypatch.setattr("azure.storage.blob.ContainerClient", lambda url, name, credential: seen.append((url, name)))
    open_store(Found(AzureBlobDatastore(name="a", account_name="acc", container_name="c")), "a")  # type: ignore[arg-type]
    open_store(Found(AzureDataLakeGen2Datastore(name="b", account_name="acc", filesystem="f")), "b")  # type: ignore[arg-type]
    assert seen == [("https://acc.blob.core.windows.net", "c"), ("https://acc.blob.core.windows.net", "f")]


COMMAND = """\
type: command
name: photos-1
tags: {run_key: photos}
command: exec gen-jax train ${{inputs.config}} --run-dir ${{outputs.runs}}
environment: azureml:train:1
environment_variables: {A: b}
inputs:
  config: fashion_dcgan
  data: {type: uri_folder, path: azureml://datastores/workspaceblobstore/paths/x, mode: download}
outputs:
  runs: {type: uri_folder, mode: rw_mount, path: azureml://datastores/workspaceblobstore/paths/gen_jax/runs}
compute: azureml:gpu
resources: {instance_count: 2, shm_size: 16g}
distribution: {type: pytorch, process_count_per_instance: 1}
limits: {timeout: 3600}
identity: {type: managed}
"""
SWEEP = """\
type: sweep
name: photos-1
tags: {run_key: photos}
trial:
  command: exec gen-jax train fashion_dcgan --optim.lr ${{search_space.lr}} --run-dir ${{outputs.runs}}
  environment: azureml:train:1
outputs:
  runs: {type: uri_folder, mode: rw_mount, path: azureml://datastores/workspaceblobstore/paths/gen_jax/runs}
compute: azureml:gpu
sampling_algorithm: random
search_space: {lr: {type: choice, values: [0.1, 0.2]}}
objective: {goal: minimize, primary_metric: eval/fd}
limits: {max_total_trials: 2, max_concurrent_trials: 1, timeout: 100}
"""


@pytest.mark.parametrize("text", [COMMAND, SWEEP], ids=["command", "sweep"])
def test_a_job_as_azure_gives_it_is_sent_again_as_it_was(text: str, tmp_path: Any) -> None:
    """The SDK's own way to the service and back, without the service: only name, tags and artifacts may differ."""
    from azure.ai.ml._restclient.arm_ml_service._utils.model_base import _deserialize
    from azure.ai.ml._restclient.arm_ml_service.models import JobBase
    from azure.ai.ml.entities._job.to_rest_functions import to_rest_job_object

    (tmp_path / "job.yml").write_text(text)
    with quiet():
        first = to_rest_job_object(load_job(tmp_path / "job.yml")).as_dict()
        # What the service adds by itself.
        facts = copy.deepcopy(first["properties"])
        artifacts = "azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.photos-1"
        facts["outputs"]["default"] = {"uri": artifacts, "mode": "ReadWriteMount", "jobOutputType": "uri_folder"}
        facts["properties"] = {"_azureml.ComputeTargetType": "amlctrain", "azureml.git.commit": "abc"}
        facts["services"] = {"Studio": {"jobServiceType": "Studio", "endpoint": "https://ml.azure.com/runs/photos-1"}}
        answer = {"id": "/subscriptions/0/jobs/photos-1", "name": "photos-1", "properties": facts}
        job = again(Job._from_rest_object(_deserialize(JobBase, answer)))
        job.name = "photos-2"
        second = to_rest_job_object(job).as_dict()["properties"]
    expected = {
        **first["properties"],
        "properties": {"azureml.git.commit": "abc"},
        "tags": {"run_key": "photos", "resumes": "photos-1"},
    }
    assert without_empty(second) == without_empty(expected)


def without_empty(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, {}, "")}
