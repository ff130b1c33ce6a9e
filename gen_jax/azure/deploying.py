"""A model put behind an endpoint: a new deployment beside the old one, tried, and only then given the traffic."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

from gen_jax.azure.deployment_files import Target, load_deployment, load_endpoint
from gen_jax.azure.failures import is_missing, one_line, patiently, plain, without_secrets
from gen_jax.azure.submitting import Say
from gen_jax.azure.workspace import Workspace
from gen_jax.errors import RunError, UserError

OTHER = {"blue": "green", "green": "blue"}
LOG_LINES = 40
CHANGEABLE = ("description", "tags")
"""What of an endpoint that exists is brought up to its file; the rest only a new endpoint can have."""

Try = Callable[[str, str, str], None]
"""Takes scoring address, deployment and token, and raises ``UserError`` or ``RunError`` where a request fails."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waiting:
    """How long is waited, and how often is looked."""

    limit: float = 2700.0
    """Seconds until a deployment must be ready."""
    poll: float = 30.0
    clock: Callable[[], float] = time.monotonic


def deploy(
    workspace: Workspace,
    target: Target,
    smoke: Try,
    *,
    waiting: Waiting | None = None,
    say: Say = print,
) -> str:
    """Put a deployment behind an endpoint, and give it the traffic when it has passed.

    What served before goes on serving until then, and stays afterwards without traffic, to go back to.

    Args:
      workspace: where.
      target: endpoint and deployment.
      smoke: tries the deployment.
      waiting: how long.
      say: takes lines for the user.

    Returns:
      The name of the deployment.

    Raises:
      UserError: Azure refuses a file, or its name is taken by what serves now.
      RunError: the deployment did not become ready, or failed the try; the traffic is as it was.
    """
    waiting = waiting or Waiting()
    endpoint = _endpoint(workspace, target, waiting, say)
    before = {name: share for name, share in (endpoint.traffic or {}).items() if share}
    name = free_name(target.deployment["name"], before, fixed=target.fixed_name)
    say(f"endpoint {target.endpoint_name}: traffic {_shares(before)}; deployment {name} is made, which takes minutes")
    try:
        _create(workspace, target, name, waiting, say)
        ready = patiently(lambda: workspace.online_endpoints.get(target.endpoint_name))
        smoke(ready.scoring_uri, name, token_of(workspace.online_endpoints.get_keys(target.endpoint_name)))
    except Exception as error:
        told = _as_told(error, name)
        _tell_failure(workspace, target.endpoint_name, name, before, say)
        raise RunError(f"deployment {name}: {told}; traffic stays as it was: {_shares(before)}") from error
    _set_traffic(workspace, target.endpoint_name, name, waiting, say)
    for old in sorted(before.keys() - {name}):
        say(
            f"deployment {old} stays without traffic, and costs; delete it when {name} has proved itself: "
            f"{_delete(target.endpoint_name, old)}"
        )
    return name


def free_name(name: str, traffic: Mapping[str, int], *, fixed: bool = False) -> str:
    """Return the name of the new deployment: another one where what is called so serves now.

    Raises:
      UserError: the user fixed the name, or both names serve.
    """
    if not traffic.get(name):
        return name
    other = OTHER.get(name, f"{name}-2")
    if fixed or traffic.get(other):
        raise UserError(f"deployment {name}: serves now; give the new one another name with --name")
    return other


def token_of(keys: Any) -> str:
    """Return what a request shows an endpoint: the first of its keys, or a token."""
    return str(getattr(keys, "primary_key", None) or getattr(keys, "access_token", None) or "")


def _endpoint(workspace: Workspace, target: Target, waiting: Waiting, say: Say) -> Any:
    """Return the endpoint; it is made, or changed to what its file says, the traffic aside."""
    name = target.endpoint_name
    with plain(f"endpoint {name}"):
        try:
            found = patiently(lambda: workspace.online_endpoints.get(name))
        except Exception as error:
            if not is_missing(error):
                raise
            found = None
        wanted = load_endpoint(target) if target.endpoint_file else None
        if found is None and wanted is None:
            raise UserError(f"endpoint {name}: does not exist, and no file of it lies beside the deployment's")
        if found is None:
            say(f"endpoint {name}: is made")
            _wait(workspace.online_endpoints.begin_create_or_update(wanted), f"endpoint {name}", waiting, say)
            return patiently(lambda: workspace.online_endpoints.get(name))
        if wanted is not None:
            _bring_up(workspace, found, wanted, waiting, say)
        return found


def _bring_up(workspace: Workspace, found: Any, wanted: Any, waiting: Waiting, say: Say) -> None:
    if str(wanted.auth_mode).lower() != str(found.auth_mode).lower():
        raise UserError(
            f"endpoint {found.name}: auth_mode is {found.auth_mode} in Azure and {wanted.auth_mode} in the file; "
            "it cannot be changed: give the endpoint another name, or delete it first"
        )
    stale = [part for part in CHANGEABLE if getattr(wanted, part) and getattr(wanted, part) != getattr(found, part)]
    if stale:
        for part in stale:
            setattr(found, part, getattr(wanted, part))
        say(f"endpoint {found.name}: new {' and '.join(stale)}")
        _wait(workspace.online_endpoints.begin_create_or_update(found), f"endpoint {found.name}", waiting, say)


def _create(workspace: Workspace, target: Target, name: str, waiting: Waiting, say: Say) -> None:
    deployment = load_deployment(target, name)
    poller = workspace.online_deployments.begin_create_or_update(deployment)
    _wait(poller, f"deployment {name}", waiting, say)
    made = patiently(lambda: workspace.online_deployments.get(name, target.endpoint_name))
    if str(made.provisioning_state).lower() != "succeeded":
        raise RunError(f"is {made.provisioning_state}")
    say(f"deployment {name}: ready")


def _wait(poller: Any, what: str, waiting: Waiting, say: Say) -> None:
    """Wait for Azure to finish something; raises what Azure raises, or ``RunError`` when the time is over."""
    begin = waiting.clock()
    while not poller.done():
        spent = waiting.clock() - begin
        if spent >= waiting.limit:
            raise RunError(f"{what} is not ready after {spent / 60:.0f} minutes; a larger --limit waits longer")
        poller.wait(min(waiting.poll, waiting.limit - spent))
        if not poller.done():
            say(f"{what}: {(waiting.clock() - begin) / 60:.0f} min, {poller.status()}")
    poller.result()


def _set_traffic(workspace: Workspace, endpoint_name: str, name: str, waiting: Waiting, say: Say) -> None:
    with plain(f"endpoint {endpoint_name}"):
        endpoint = patiently(lambda: workspace.online_endpoints.get(endpoint_name))
        endpoint.traffic = {name: 100}
        _wait(workspace.online_endpoints.begin_create_or_update(endpoint), f"endpoint {endpoint_name}", waiting, say)
    say(f"endpoint {endpoint_name}: all traffic goes to {name}; {endpoint.scoring_uri}")


def _as_told(error: Exception, name: str) -> str:
    from gen_jax.azure.failures import explain

    known = error if isinstance(error, UserError | RunError) else explain(error, f"deployment {name}")
    if known is None:
        raise error
    return str(known).removeprefix(f"deployment {name}: ")


def _tell_failure(workspace: Workspace, endpoint_name: str, name: str, before: Mapping[str, int], say: Say) -> None:
    """Show the last lines of the container's log, and how to be rid of the deployment."""
    try:
        log = workspace.online_deployments.get_logs(name, endpoint_name, LOG_LINES)
    except Exception as error:
        say(f"deployment {name}: its log cannot be read ({one_line(str(error))})")
        log = ""
    for line in str(log).splitlines()[-LOG_LINES:]:
        say(f"  {without_secrets(line.rstrip())}")
    say(f"deployment {name} is left for a look, and costs if it exists; delete it: {_delete(endpoint_name, name)}")


def _delete(endpoint_name: str, name: str) -> str:
    return f"az ml online-deployment delete --endpoint-name {endpoint_name} --name {name}"


def _shares(traffic: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {share} %" for name, share in sorted(traffic.items())) or "none"
