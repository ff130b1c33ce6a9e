"""``gen-jax COMMAND``: every command that the list names is there, and takes its words."""

import contextlib

import pytest

from gen_jax.cli.main import COMMANDS, dispatch
from gen_jax.errors import UserError


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_for_help(name, capsys):
    code = 0
    with contextlib.suppress(SystemExit):  # tyro ends the program after its help
        code = dispatch([name, "--help"])
    assert code == 0
    assert f"gen-jax {name}" in capsys.readouterr().out


def test_a_misspelt_command_gets_the_nearest_one():
    with pytest.raises(UserError, match="evaluate"):
        dispatch(["evalute"])
