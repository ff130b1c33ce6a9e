"""``gen-jax serve``: its line and its environment become settings; what is wrong is one line."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from gen_jax.cli import serve
from gen_jax.errors import UserError
from gen_jax.serve.limits import Limits
from gen_jax.serve.settings import Settings


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Commands that would have served."""
    monkeypatch.delenv("GEN_JAX_SERVE", raising=False)
    monkeypatch.delenv("AZUREML_MODEL_DIR", raising=False)
    commands: list[Any] = []
    monkeypatch.setattr(serve, "run", lambda command: commands.append(command) or 0)
    return commands


def test_the_line_names_runs_and_any_setting(served: list[Any]) -> None:
    words = "--port 0 a --limits.images 8 b=runs/b --warm-edits rotate=12 --warm-edits invert --batch 4"
    assert serve.main(words.split()) == 0
    [command] = served
    assert command.runs == ("a", "b=runs/b")
    assert (command.port, command.limits.images, command.batch) == (0, 8, 4)
    assert command.warm_edits == ("rotate=12", "invert")


def test_the_environment_gives_the_defaults(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEN_JAX_SERVE", '{"runs": ["a"], "limits": {"images": 8, "operations": 2}}')
    serve.main(["--limits.images", "9"])
    serve.main(["b"])
    assert [command.runs for command in served] == [("a",), ("b",)]
    assert served[0].limits == Limits(images=9, operations=2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--port 99999", "--port 99999"),
        ("--drain -1", "--drain -1"),
        ("--limits.images 0", "limits.images is 0"),
        ("--limits.imags 5", "limits.images"),
        ("--batch many", "batch"),
    ],
)
def test_a_wrong_line_is_refused_in_one_line(served: list[Any], words: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        serve.main(words.split())
    assert "\n" not in str(caught.value)
    assert not served


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "gen_jax.serve.http.server", raising=False)
    monkeypatch.delitem(sys.modules, "gen_jax.serve.http.connection", raising=False)
    with pytest.raises(UserError, match=r"needs uvicorn.*: pip install 'gen_jax\[serve\]'"):
        serve.run(serve.ServeCommand())


def test_what_is_served_is_what_the_line_says(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fastapi")
    from gen_jax.serve.http import server

    called: list[Any] = []
    monkeypatch.setattr(server, "serve", lambda settings, **options: called.append((settings, options)))
    assert serve.run(serve.ServeCommand(runs=("a",), port=1, unix_socket="/x", notice=0, drain=5)) == 0
    options = {"host": "127.0.0.1", "port": 1, "unix_socket": "/x", "notice": 0, "drain": 5}
    assert called == [(Settings(runs=("a",)), options)]
