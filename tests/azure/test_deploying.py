"""A new deployment gets the traffic when it has passed its try; where it fails, the old one goes on serving."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("azure.ai.ml")
pytest.importorskip("httpx")

from gen_jax.azure import smoke
from gen_jax.azure.deploying import Waiting, deploy, token_of
from gen_jax.azure.deployment_files import Target, find_target, with_model
from gen_jax.azure.smoke import DeploymentClient, WrongPixels, address, smoke_test
from gen_jax.errors import RunError, UserError
from tests.azure.fake_workspace import FakePoller, FakeWorkspace, Refusal, endpoint_

SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest/{}.schema.json\n"
ENDPOINT = SCHEMA.format("managedOnlineEndpoint") + "name: shoes\nauth_mode: aad_token\ndescription: Shoes.\n"
DEPLOYMENT = (
    SCHEMA.format("managedOnlineDeployment")
    + "name: blue\nendpoint_name: shoes\nmodel: azureml:shoes:1\nenvironment: azureml:serve:1\n"
    + "instance_type: Standard_F4s_v2\ninstance_count: 1\n"
)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    (tmp_path / "endpoint.yml").write_text(ENDPOINT)
    (tmp_path / "container.yml").write_text(DEPLOYMENT)
    return find_target(tmp_path)


class Tried:
    """A try that notes what it was asked for, and fails if told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._error = error

    def __call__(self, scoring_uri: str, deployment: str, token: str) -> None:
        self.asked.append((scoring_uri, deployment, token))
        if self._error:
            raise self._error


def serving(**traffic: int) -> FakeWorkspace:
    workspace = FakeWorkspace()
    workspace.online_endpoints.found["shoes"] = endpoint_("shoes", traffic, description="Shoes.")
    return workspace


def put(workspace: FakeWorkspace, target: Target, tried: Any, **waiting: float) -> tuple[str, list[str]]:
    said: list[str] = []
    name = deploy(workspace, target, tried, waiting=Waiting(clock=workspace.clock, **waiting), say=said.append)
    return name, said


def fails(workspace: FakeWorkspace, target: Target, tried: Any, **waiting: float) -> tuple[str, list[str]]:
    said: list[str] = []
    with pytest.raises(RunError) as caught:
        deploy(workspace, target, tried, waiting=Waiting(clock=workspace.clock, **waiting), say=said.append)
    return str(caught.value), said


def test_the_first_deployment_makes_the_endpoint_and_gets_all_traffic(target: Target) -> None:
    workspace, tried = FakeWorkspace(), Tried()
    assert put(workspace, target, tried)[0] == "blue"
    assert tried.asked == [("https://shoes.westeurope.inference.ml.azure.com/edit", "blue", "eyJtoken")]
    assert workspace.online_endpoints.updates == [{}, {"blue": 100}]
    assert [made.name for made in workspace.online_deployments.made] == ["blue"]


def test_beside_a_deployment_that_serves_the_new_one_takes_the_other_name(target: Target) -> None:
    workspace, tried = serving(blue=100), Tried()
    name, said = put(workspace, target, tried)
    assert name == "green" and tried.asked[0][1] == "green"
    assert workspace.online_endpoints.updates == [{"green": 100}], "the traffic moves once, at the end"
    assert said[-1].endswith("az ml online-deployment delete --endpoint-name shoes --name blue")


def test_an_endpoint_is_brought_up_to_its_file_without_touching_the_traffic(target: Target) -> None:
    workspace = serving(blue=100)
    workspace.online_endpoints.found["shoes"].description = "Old."
    put(workspace, target, Tried())
    assert workspace.online_endpoints.updates[0] == {"blue": 100}
    assert workspace.online_endpoints.found["shoes"].description == "Shoes."


def test_an_endpoint_with_other_authentication_is_refused(target: Target) -> None:
    workspace = serving(blue=100)
    workspace.online_endpoints.found["shoes"].auth_mode = "key"
    with pytest.raises(UserError, match="auth_mode is key in Azure and aad_token in the file"):
        put(workspace, target, Tried())
    assert not workspace.online_deployments.made and not workspace.online_endpoints.updates


def test_a_deployment_that_never_becomes_ready_ends_in_time_with_its_log(target: Target) -> None:
    workspace = serving(blue=90, green=0)
    workspace.online_deployments.poller = lambda: FakePoller(workspace.clock, None)
    workspace.online_deployments.log = "loading\nNo space left; token eyJSECRETx.eyJSECRETy.z\n"
    told, said = fails(workspace, target, Tried(), limit=600, poll=60)
    assert "not ready after 10 minutes" in told and "blue 90 %" in told
    assert workspace.clock.now == 600 and "  loading" in said and "SECRET" not in "\n".join(said)
    assert not workspace.online_endpoints.updates, "the traffic is as it was"


@pytest.mark.parametrize(
    ("error", "words"),
    [(WrongPixels("other pixels"), "other pixels"), (UserError("no model"), "no model"), (Refusal(429, "x"), "429")],
)
def test_a_try_that_fails_leaves_the_old_traffic(target: Target, error: Exception, words: str) -> None:
    workspace = serving(blue=100)
    told, said = fails(workspace, target, Tried(error))
    assert words in told and not workspace.online_endpoints.updates
    assert "az ml online-deployment delete --endpoint-name shoes --name green" in said[-1]


def test_a_deployment_that_azure_refuses_or_gives_up_leaves_the_old_traffic(target: Target) -> None:
    workspace = serving(blue=100)
    workspace.online_deployments.poller = lambda: FakePoller(workspace.clock, 1, Refusal(400, "OutOfQuota: no cores"))
    assert "quota" in fails(workspace, target, Tried())[0]
    workspace.online_deployments.poller, workspace.online_deployments.state = None, "Failed"
    assert "is Failed" in fails(workspace, target, Tried())[0]
    assert not workspace.online_endpoints.updates


def test_a_name_that_serves_is_never_taken(target: Target, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="deployment blue: serves now"):
        put(serving(blue=50, green=50), target, Tried())
    with pytest.raises(UserError, match="deployment blue: serves now"):
        put(serving(blue=100), find_target(tmp_path, name="blue"), Tried())
    assert put(serving(blue=100), find_target(tmp_path, name="third"), Tried())[0] == "third"


def test_a_folder_with_two_deployments_asks_which(target: Target, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text(DEPLOYMENT.replace("blue", "green"))
    with pytest.raises(UserError, match=r"2 online deployments; give one of .*container\.yml"):
        find_target(tmp_path)
    assert find_target(tmp_path / "other.yml", endpoint="mine").endpoint_name == "mine"


def test_a_registered_model_is_taken_as_it_is_named(target: Target) -> None:
    with with_model(target, "azureml:bags:3", licence="MIT") as changed:
        workspace = serving()
        put(workspace, changed, Tried())
    assert workspace.online_deployments.made[0].model == "bags:3"


def test_a_token_is_a_key_or_a_token() -> None:
    class Keys:
        primary_key = "one"

    assert token_of(Keys()) == "one" and token_of(FakeWorkspace().online_endpoints.get_keys("a")) == "eyJtoken"


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers as a service would that edits the photo of the test, rightly or wrongly."""

    seen: ClassVar[list[tuple[str, str | None, str | None]]] = []
    wrong = False
    refusals = 0
    only = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        type(self).seen.append((self.path, self.headers[smoke.HEADER], self.headers["Authorization"]))
        if self.refusals or self.only not in self.path:
            type(self).refusals -= bool(self.refusals)
            self.send_response(404)
            self.end_headers()
        elif "models" in self.path:
            self._answer("application/json", json.dumps({"models": [{"name": "shoes"}]}).encode())
        elif "generate" in self.path:
            image = {"data": base64.b64encode(png(np.full((8, 8, 3), len(self.seen), np.uint8) * self.wrong)).decode()}
            self._answer("application/json", json.dumps({"images": [{**image, "media_type": "image/png"}]}).encode())
        else:
            photo = (np.arange(48 * 64 * 3) * 7 % 256).astype(np.uint8).reshape(48, 64, 3)
            pixels = np.array(smoke.edited_here(photo))
            pixels[0, 0, 0] ^= self.wrong
            self._answer("image/png", png(pixels))

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def service() -> Iterator[str]:
    Handler.seen, Handler.wrong, Handler.refusals, Handler.only = [], False, 0, ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/score"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_try_asks_the_deployment_itself_and_compares_pixels(service: str) -> None:
    said: list[str] = []
    with DeploymentClient(service, "green", token="secret") as client:
        smoke_test(client, say=said.append)
        assert [seen[1:] for seen in Handler.seen] == [("green", "Bearer secret")] * 2
        assert "shoes" in said[0] and "same pixels" in said[1]
        Handler.wrong = True
        with pytest.raises(WrongPixels, match="of the pixels differ"):
            smoke_test(client, say=said.append)
    assert "secret" not in "\n".join(said)


def test_where_one_address_alone_is_passed_on_it_is_tried(service: str) -> None:
    Handler.only, said = "generate", []
    with DeploymentClient(service, "green", token="secret") as client:
        smoke_test(client, say=said.append)
        assert said[-1].endswith("the same seed gives the same image")
        Handler.wrong = True
        with pytest.raises(WrongPixels, match="two images"):
            smoke_test(client, say=said.append)


def test_the_front_of_an_endpoint_may_learn_late_of_a_deployment(service: str) -> None:
    waits: list[float] = []
    Handler.refusals = 3  # models, edit and images once
    with DeploymentClient(service, "green", token="secret") as client:
        smoke_test(client, say=lambda line: None, sleep=waits.append)
    assert waits and set(waits) == {smoke.PAUSE}


def test_a_container_is_asked_at_its_own_paths_and_a_script_at_its_one() -> None:
    uri = "https://a.westeurope.inference.ml.azure.com/edit"
    assert address(uri, {"environment": "azureml:serve:1"}) == "https://a.westeurope.inference.ml.azure.com"
    script = {"code_configuration": {"code": ".", "scoring_script": "score.py"}}
    assert address("https://a/score", script) == "https://a/score"
