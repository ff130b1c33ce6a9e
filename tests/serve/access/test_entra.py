"""Tokens of Microsoft Entra ID: signed by the tenant, for this application, in time, with the role; else refused."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen_jax.errors import UserError
from gen_jax.serve.access.entra_keys import EntraKeys
from gen_jax.serve.access.gate import Gate
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Access
from tests.serve.entra_issuer import AUDIENCE, TENANT, AfterNow, Issuer, KeyServer, bearer, kind_of

TOKEN = "correct-horse-battery-staple"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(TOKEN)
    return path


@pytest.fixture(scope="module")
def served() -> Iterator[Issuer]:
    pytest.importorskip("jwt")
    pytest.importorskip("cryptography")
    with KeyServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Issuer(server)
        server.shutdown()
        thread.join()


@pytest.fixture
def issuer(served: Issuer) -> Issuer:
    served.publish("one")
    served.server.asked = 0
    return served


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0"},
        {"aud": [AUDIENCE, "api://other"]},
        {"exp": AfterNow(-5)},  # within what clocks may differ
        {"roles": None, "scp": "User.Read Images.Make"},
    ],
)
def test_a_token_of_the_tenant_for_this_application_with_the_role_passes(claims: dict, issuer: Issuer) -> None:
    assert kind_of(issuer.gate(entra_role="Images.Make"), bearer(issuer.token(**claims))) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": AfterNow(-3600)},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": AfterNow(3600)},
        {"aud": "api://other"},
        {"aud": None},
        {"aud": {"api": AUDIENCE}},
        {"tid": "00000000-0000-0000-0000-000000000000"},
        {"tid": None},
        {"tid": [TENANT]},
        {"iss": "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0"},
        {"iss": f"https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"},
        {"iss": None},
        {"iss": [f"https://sts.windows.net/{TENANT}/"]},
        {"kid": None},
        {"kid": "unknown"},
        {"kid": "curve"},
    ],
)
def test_a_token_that_is_not_for_here_and_now_is_refused(claims: dict, issuer: Issuer) -> None:
    assert kind_of(issuer.gate(), bearer(issuer.token(**claims))) == "unauthorized"


def test_a_signature_by_anything_but_the_tenants_key_is_refused(issuer: Issuer) -> None:
    import base64
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    gate = issuer.gate()
    good = issuer.token()
    head, body, signature = good.split(".")
    public = issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def part(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    confused = f"{part({'alg': 'HS256', 'kid': 'one'})}.{body}"  # signed with what everybody knows
    mac = base64.urlsafe_b64encode(hmac.digest(public, confused.encode(), hashlib.sha256)).rstrip(b"=").decode()
    tokens = {
        "wrong key": issuer.token(key=issuer.wrong_key),
        "none": f"{part({'alg': 'none', 'kid': 'one'})}.{body}.",
        "HS256 with the public key": f"{confused}.{mac}",
        "RS512": issuer.token(algorithm="RS512"),
        "own key in the head": f"{part({'alg': 'RS256', 'kid': 'x', 'jku': issuer.url})}.{body}.{signature}",
        "another body": f"{head}.{part({'tid': TENANT})}.{signature}",
        "no signature": f"{head}.{body}.",
        "garbage": "a.b.c",
        "nested": ".".join(["eyJhbGciOiJSUzI1NiJ9", "W" * 8000, "x"]),
    }
    assert {name: kind_of(gate, bearer(token)) for name, token in tokens.items()} == dict.fromkeys(
        tokens, "unauthorized"
    )
    assert kind_of(gate, bearer(good)) is None


@pytest.mark.parametrize("claims", [{"roles": ["Images.Look"]}, {"roles": None}, {"roles": "Images.Make.Not"},
                                    {"roles": [["Images.Make"]]}, {"roles": None, "scp": ["Images.Make"]}])  # fmt: skip
def test_a_token_without_the_role_is_forbidden(claims: dict, issuer: Issuer) -> None:
    assert kind_of(issuer.gate(entra_role="Images.Make"), bearer(issuer.token(**claims))) == "forbidden"


def test_an_expired_token_is_called_so(issuer: Issuer) -> None:
    with pytest.raises(Problem, match="has expired"):
        issuer.gate().check(bearer(issuer.token(exp=AfterNow(-3600))))


def test_tokens_of_both_kinds_pass_side_by_side(issuer: Issuer, token_file: Path) -> None:
    gate = issuer.gate(token_file=str(token_file))
    assert [kind_of(gate, bearer(token)) for token in (TOKEN, issuer.token())] == [None, None]
    assert kind_of(gate, bearer("neither-of-the-two-kinds")) == "unauthorized"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def found(keys: EntraKeys, name: str) -> str:
    try:
        return "found" if keys.find(name) is not None else "none"
    except Problem as problem:
        return problem.kind


def test_without_the_key_server_nobody_passes(issuer: Issuer) -> None:
    token = issuer.token()
    for document in (None, [], {"keys": []}, {"keys": "none"}):
        issuer.server.document = document
        assert kind_of(issuer.gate(), bearer(token)) == "not-ready"


def test_keys_are_fetched_seldom_and_a_new_one_is_found(issuer: Issuer) -> None:
    clock = Clock()
    keys = EntraKeys(issuer.url, clock=clock)
    assert [found(keys, name) for name in ("one", "one", "two", "three")] == ["found", "found", *["unauthorized"] * 2]
    assert issuer.server.asked == 1  # names that nobody knows do not make a request each
    issuer.publish("one", "two")
    clock.now += 31
    assert (found(keys, "two"), found(keys, "two"), issuer.server.asked) == ("found", "found", 2)
    issuer.publish("two")
    clock.now += 3601
    assert (found(keys, "one"), issuer.server.asked) == ("unauthorized", 3)  # a key that is withdrawn


def test_keys_outlive_a_short_absence_of_their_server(issuer: Issuer) -> None:
    clock = Clock()
    keys = EntraKeys(issuer.url, clock=clock)
    assert found(keys, "one") == "found"
    issuer.server.document = None
    clock.now += 7200
    assert [found(keys, "one") for _ in range(5)] == ["found"] * 5
    assert issuer.server.asked == 2
    clock.now += 86400
    assert found(keys, "one") == "not-ready"
    issuer.publish("one")
    clock.now += 31
    assert found(keys, "one") == "found"


@pytest.mark.parametrize(
    ("access", "says"),
    [
        ({"entra_tenant": "common", "entra_audience": AUDIENCE}, "access.entra_tenant 'common' must be a directory"),
        ({"entra_tenant": TENANT}, "access.entra_audience is left out"),
        ({"entra_audience": AUDIENCE}, "access.entra_tenant is left out"),
        ({"entra_role": "Images.Make"}, "access.entra_tenant is left out"),
    ],
)
def test_half_a_set_up_is_refused_at_the_start(access: dict, says: str) -> None:
    with pytest.raises(UserError, match=says):
        Gate(Access(**access), environment={})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/keys", "keys"])
def test_keys_come_by_http_alone(url: str) -> None:
    pytest.importorskip("jwt")
    with pytest.raises(UserError, match="scheme"):
        Gate(Access(entra_tenant=TENANT, entra_audience=AUDIENCE), environment={}, keys_url=url)


def test_the_log_says_that_something_was_refused_and_never_shows_a_token(
    issuer: Issuer, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gate = issuer.gate(token_file=str(token_file), entra_role="Images.Make")
    tokens = [TOKEN, "wrong-" + TOKEN, issuer.token(roles=[]), issuer.token(aud="api://other"), issuer.token(kid="two")]
    for token in tokens:
        kind_of(gate, bearer(token))
    own = Gate(Access(token_file=str(token_file)), environment={})
    kind_of(own, bearer(tokens[1]))
    assert caplog.text.count("refused") == 5
    for token in tokens:
        for piece in token.split("."):
            assert piece not in caplog.text
