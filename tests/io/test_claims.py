"""A piece has one living owner, and none once that has ended."""

import json
import os
import subprocess
import sys
import time
import types

import pytest

from gen_jax.io import claims
from gen_jax.io.claims import Claims


def test_a_claim_is_one_processs_until_it_is_given_back(tmp_path):
    with Claims(tmp_path) as ours, Claims(tmp_path) as theirs:
        assert ours.take("a") and theirs.take("b")
        assert not theirs.take("a") and not ours.take("b")
        ours.drop("a")
        assert theirs.take("a")
    assert not list(tmp_path.iterdir())


def test_the_claim_of_a_killed_process_is_free_at_once(tmp_path):
    program = "import os, sys; from pathlib import Path; from gen_jax.io.claims import Claims\n"
    program += "claims = Claims(Path(sys.argv[1])).__enter__(); claims.take('a'); print('taken', flush=True); input()"
    words = [sys.executable, "-c", program, str(tmp_path)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process, Claims(tmp_path) as ours:
        assert process.stdout is not None and process.stdout.readline() == b"taken\n"
        assert not ours.take("a")
        process.kill()
        process.wait()
        assert ours.take("a")


def test_a_number_that_another_process_has_now_is_not_the_old_one(tmp_path):
    with Claims(tmp_path) as ours:
        ours.take("a")
        owner = json.loads((tmp_path / "a.claim").read_text())
        (tmp_path / "a.claim").write_text(json.dumps({**owner, "life": "1", "token": "of a process before us"}))
        assert ours.take("a")


@pytest.mark.parametrize("words", ['{"host": "elsewhere", "process": 7, "life": "1", "token": "x", "beat": 3}', ""])
def test_a_claim_of_another_machine_is_free_after_its_silence(tmp_path, monkeypatch, words):
    """Also one whose process ended before it wrote anything."""
    now = [0.0]
    monkeypatch.setattr(claims, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    (tmp_path / "a.claim").write_text(words)
    os.utime(tmp_path / "a.claim", (0, 0))  # the clocks of machines differ: nobody looks at them
    with Claims(tmp_path, silence=300) as ours:
        assert not ours.take("a")
        now[0] = 200
        assert not ours.take("a")
        (tmp_path / "a.claim").write_text(f"{words} and a sign of life")
        now[0] = 400
        assert not ours.take("a")
        now[0] = 699
        assert not ours.take("a")
        now[0] = 701
        assert ours.take("a")


def test_a_claim_is_renewed_while_its_process_works(tmp_path):
    with Claims(tmp_path, beat=0.01) as ours, Claims(tmp_path, silence=0.3) as theirs:
        ours.take("a")
        first = (tmp_path / "a.claim").read_text()
        end = time.monotonic() + 20
        while (tmp_path / "a.claim").read_text() == first:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert not theirs.take("a")


def test_who_has_lost_a_claim_neither_renews_nor_removes_it(tmp_path):
    with Claims(tmp_path, beat=0.01) as ours:
        ours.take("a")
        (tmp_path / "a.claim").write_text("of another")
        time.sleep(0.05)
        ours.drop("a")
    assert (tmp_path / "a.claim").read_text() == "of another"
