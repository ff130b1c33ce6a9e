"""Tokens of the service's own: everything that is not right is refused, in one line, and no token is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_jax.errors import UserError
from gen_jax.serve.access.gate import Gate
from gen_jax.serve.settings import Access
from tests.serve.entra_issuer import bearer, kind_of

TOKEN, OTHER = "correct-horse-battery-staple", "another-token-of-some-length"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(f"# for the shop\n{TOKEN}\n\n{OTHER}\n")
    return path


def test_without_any_settings_everybody_passes() -> None:
    gate = Gate(Access(), environment={})
    assert gate.open and kind_of(gate, None) is None


def test_every_token_of_the_file_passes(token_file: Path) -> None:
    gate = Gate(Access(token_file=str(token_file)), environment={})
    assert not gate.open
    assert [kind_of(gate, text) for text in (bearer(TOKEN), f"bearer  {OTHER} ")] == [None, None]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", bearer(TOKEN[:-1]), bearer(TOKEN + "x"),
     bearer(TOKEN.upper()), bearer("ü" * 30), bearer("x" * 100_000), bearer(f"{TOKEN} {TOKEN}"),
     bearer("# for the shop"), bearer(f"{TOKEN}\n{OTHER}")],
)  # fmt: skip
def test_nothing_else_passes(authorization: str | None, token_file: Path) -> None:
    assert kind_of(Gate(Access(token_file=str(token_file)), environment={}), authorization) == "unauthorized"


def test_the_environment_holds_one_token() -> None:
    gate = Gate(Access(), environment={"GEN_JAX_TOKEN": TOKEN + "\n"})
    assert (kind_of(gate, bearer(TOKEN)), kind_of(gate, bearer(OTHER))) == (None, "unauthorized")


def test_a_file_goes_before_the_environment(token_file: Path) -> None:
    gate = Gate(Access(token_file=str(token_file)), environment={"GEN_JAX_TOKEN": "a-third-token-of-some-length"})
    assert kind_of(gate, bearer("a-third-token-of-some-length")) == "unauthorized"


def test_tokens_change_without_a_stop_and_a_missing_file_lets_nobody_pass(token_file: Path) -> None:
    gate = Gate(Access(token_file=str(token_file)), environment={})
    token_file.write_text(OTHER + "\n")
    assert (kind_of(gate, bearer(TOKEN)), kind_of(gate, bearer(OTHER))) == ("unauthorized", None)
    token_file.write_text("")
    assert kind_of(gate, bearer(OTHER)) == "not-ready"
    token_file.unlink()
    assert kind_of(gate, bearer(OTHER)) == "not-ready"
    token_file.write_text(TOKEN)
    assert (kind_of(gate, bearer(TOKEN)), kind_of(gate, bearer(OTHER))) == (None, "unauthorized")


@pytest.mark.parametrize("token", ["", "short", "has a space in its middle", "ümlaut-ümlaut-ümlaut", "x" * 20 + "\0"])
def test_a_token_that_cannot_protect_is_refused_at_the_start_and_not_shown(token: str, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"{OTHER}\n{token}\n" if token else "")
    for access, environment in (
        (Access(token_file=str(tmp_path / "tokens")), {}),
        (Access(), {"GEN_JAX_TOKEN": token}),
    ):
        with pytest.raises(UserError, match="openssl rand") as error:
            Gate(access, environment=environment)
        assert "\n" not in str(error.value) and OTHER not in str(error.value) and "a space" not in str(error.value)


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"access.token_file .*nowhere: cannot be read \(No such file"):
        Gate(Access(token_file=str(tmp_path / "nowhere")), environment={})
