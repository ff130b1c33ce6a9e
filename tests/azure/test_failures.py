"""Errors of Azure's libraries as one line for the user, without secrets; requests sent again where that helps."""

from __future__ import annotations

import pytest

pytest.importorskip("azure.ai.ml")

from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from gen_jax.azure.failures import explain, one_line, patiently, plain
from gen_jax.errors import RunError, UserError
from tests.azure.fake_workspace import FakeClock, Refusal, missing

FORBIDDEN = (
    "(AuthorizationFailed) The client 'a@b.c' does not have authorization to perform action "
    "'Microsoft.MachineLearningServices/workspaces/jobs/write' over scope '/subscriptions/1'"
)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (CredentialUnavailableError("no credential\nEnvironmentCredential: ..."), UserError, "az login"),
        (ClientAuthenticationError("token expired"), UserError, "az login"),
        (Refusal(401, "unauthorized"), UserError, "az login"),
        (Refusal(403, FORBIDDEN), UserError, "AzureML Data Scientist"),
        (Refusal(403, "AuthorizationPermissionMismatch"), UserError, "Storage Blob Data"),
        (missing("job a"), UserError, "not found"),
        (Refusal(409, "Conflict: is updating"), UserError, "409"),
        (Refusal(400, "OutOfQuota: not enough quota for Standard_NC4as_T4_v3"), UserError, "quota"),
        (Refusal(429, "slow down"), RunError, "429"),
        (Refusal(503, "busy"), RunError, "later"),
        (ServiceRequestError("Name or service not known"), RunError, "cannot be reached"),
    ],
)
def test_an_error_of_azure_is_one_line_that_says_what_to_do(error: Exception, kind: type, words: str) -> None:
    told = explain(error, "job a")
    assert type(told) is kind
    assert words in str(told) and str(told).startswith("job a: ") and "\n" not in str(told)


def test_a_defect_keeps_its_traceback() -> None:
    with pytest.raises(KeyError), plain("job a"):
        raise KeyError("x")


@pytest.mark.parametrize(
    "secret",
    [
        "https://a.blob.core.windows.net/c/log.txt?sv=2021&sig=SECRET%2Bx%3D&se=1",
        "Authorization: Bearer SECRET.abc-1",
        "AccountKey=SECRET==;EndpointSuffix=core.windows.net",
        '{"primaryKey": "SECRET"}',
        "token eyJSECRETa.eyJSECRETb.SECRET",
    ],
)
def test_tokens_and_keys_are_struck_out(secret: str) -> None:
    assert "SECRET" not in one_line(f"failed: {secret} (again)")


def test_a_throttled_request_waits_as_long_as_azure_asks_and_is_sent_again() -> None:
    clock = FakeClock()
    answers: list[Exception | str] = [Refusal(429, "slow", {"Retry-After": "17"}), ServiceRequestError("reset"), "job"]

    def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(call, sleep=clock.sleep) == "job"
    assert clock.waits == [17.0, 4.0]


def test_a_refusal_is_not_sent_again_and_trouble_without_end_is_told() -> None:
    clock, calls = FakeClock(), []

    def refused(status: int) -> None:
        calls.append(status)
        raise Refusal(status, "no")

    with pytest.raises(Refusal):
        patiently(lambda: refused(403), sleep=clock.sleep)
    with pytest.raises(Refusal):
        patiently(lambda: refused(503), sleep=clock.sleep, tries=3)
    assert calls == [403, 503, 503, 503]
