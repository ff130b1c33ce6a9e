"""Pieces of work: each is made, whoever lives, and the manifest names each file once."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gen_jax.io.pieces import MANIFEST, Made, Pieces, Record, incomplete, usual_size
from gen_jax.io.whole import Fault, faults
from gen_jax.shard import Shard


def pieces_of(folder, total=1000, **shard):
    return Pieces(folder, total=total, shard=Shard(**shard), digest=lambda members: members.start << 16 | members.stop)


def record_of(members):
    return Record({f"{member}.png": Made(3, member) for member in members}, {})


def make_all(pieces):
    pieces.create()
    made = []
    for number in pieces.unfinished():
        made.append(number)
        pieces.finish(number, record_of(pieces.members(number)))
    return made


@pytest.mark.parametrize(("total", "size"), [(1, 64), (4096, 64), (4097, 128), (50_000, 832), (10**6, 1024)])
def test_there_are_enough_pieces_to_share_and_none_is_large(tmp_path, total, size):
    assert usual_size(total) == size
    pieces = pieces_of(tmp_path, total)
    assert [member for number in pieces.numbers for member in pieces.members(number)] == list(range(total))


def test_fixed_shares_are_disjoint_and_whole(tmp_path):
    made = [make_all(pieces_of(tmp_path, number=number, count=3, fixed=True)) for number in range(3)]
    assert made == [[*range(0, 16, 3)], [*range(1, 16, 3)], [*range(2, 16, 3)]]


def test_an_idle_process_takes_what_nobody_is_at_after_its_own(tmp_path):
    made = make_all(pieces_of(tmp_path, 400, number=2, count=4))
    assert made == [2, 6, 3, 0, 4, 1, 5]


def test_finished_pieces_are_known_whoever_finished_them_and_forgotten_ones_made_again(tmp_path):
    make_all(pieces_of(tmp_path, number=0, count=3, fixed=True))
    again = pieces_of(tmp_path, number=1, count=2)
    assert sorted(again.recorded()) == [*range(0, 16, 3)]
    there = np.ones(1000, bool)
    there[200] = False
    gone = incomplete(again, there, again.recorded())
    assert gone == [3]
    again.forget(gone)
    assert sorted(make_all(again)) == sorted({*range(16)} - {*range(0, 16, 3)} | {3})


def test_a_request_that_grows_keeps_its_pieces_but_the_last(tmp_path):
    make_all(pieces_of(tmp_path, 100))
    grown = pieces_of(tmp_path, 2000)
    assert make_all(grown) == list(range(1, 32))
    names = [json.loads(line)["name"] for path in grown.path.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert sorted(names) == sorted(f"{number}.png" for number in range(2000))


def test_a_process_waits_for_the_last_pieces_of_others_and_takes_over_from_the_dead(tmp_path):
    pieces = pieces_of(tmp_path, 128)
    pieces.create()
    claim = {"host": "elsewhere", "process": 1, "life": "1", "token": "x", "beat": 0}
    other = pieces._record(1).with_suffix(".claim")
    other.write_text(json.dumps(claim))
    made = []
    for number in pieces.unfinished(poll=0.01):
        made.append(number)
        pieces.finish(number, record_of(pieces.members(number)))
        pieces._claims._silence = 0.05
    assert made == [0, 1]
    assert not other.exists()


WORKER = """
import sys, time, zlib
from pathlib import Path
from gen_jax.io import files
from gen_jax.io.pieces import Pieces, Record, made_of
from gen_jax.shard import Shard
folder = Path(sys.argv[1])
pieces = Pieces(folder, total=1500, shard=Shard(number=int(sys.argv[2]), count=int(sys.argv[3])), digest=hash)
pieces.create()
recorded = pieces.recorded()
for number in pieces.unfinished(poll=0.02):
    made = {}
    for member in pieces.members(number):
        data = str(member).encode() * 9
        if not (folder / f"{member}.bin").exists():
            files.write_bytes(folder / f"{member}.bin", data)
        made[f"{member}.bin"] = made_of(data)
    pieces.finish(number, Record(made, {}))
"""


def test_processes_killed_at_any_time_leave_work_that_others_finish(tmp_path):
    """Killed again and again, with other numbers of processes each time; at last the living ones end by themselves."""
    chance = random.Random(0)
    folder = tmp_path / "out"
    folder.mkdir()

    def start(process, processes):
        words = [sys.executable, "-c", WORKER, str(folder), str(process), str(processes)]
        return subprocess.Popen(words, env={**os.environ, "PYTHONHASHSEED": "0"})

    crew = [start(number, 4) for number in range(4)]
    for done in (40, 250, 500):
        while sum(1 for _ in os.scandir(folder)) < done:
            time.sleep(0.005)
        victim = crew.pop(chance.randrange(len(crew)))
        victim.kill()
        victim.wait()
    crew += [start(number, 2) for number in range(2)]
    assert [process.wait(60) for process in crew] == [0, 0, 0]
    assert {path.name: path.read_bytes() for path in folder.glob("*.bin")} == {
        f"{member}.bin": str(member).encode() * 9 for member in range(1500)
    }
    lines = [line for path in (folder / MANIFEST).glob("*.jsonl") for line in path.read_text().splitlines()]
    assert sorted(json.loads(line)["name"] for line in lines) == sorted(f"{member}.bin" for member in range(1500))
    assert not list((folder / MANIFEST).glob("*.claim"))


def test_faults_are_found_with_a_record_and_without_one(tmp_path):
    pieces = pieces_of(tmp_path, 4)
    names = [f"{member}.png" for member in range(4)]
    (tmp_path / "1.png").write_bytes(b"abc")
    (tmp_path / "2.png").write_bytes(b"no image")
    assert [fault[:2] for fault in faults(pieces, 0, folder=tmp_path, names=names)] == [
        ("missing", "0.png"),
        ("broken", "1.png"),
        ("broken", "2.png"),
        ("missing", "3.png"),
    ]
    pieces.create()
    pieces.finish(0, Record({"1.png": Made(3, 0x352441C2), "2.png": Made(8, 0)}, {"3.png": "not an image"}))
    assert list(faults(pieces, 0, folder=Path(tmp_path), names=names)) == [
        Fault("missing", "0.png", "is not made yet"),
        Fault("broken", "2.png", "has changed since it was made"),
        Fault("skipped", "3.png", "not an image"),
    ]


def test_a_record_that_is_damaged_counts_for_none(tmp_path):
    pieces = pieces_of(tmp_path, 4)
    make_all(pieces)
    assert pieces.read(0) == record_of(range(4))
    pieces._record(0).write_text('{"name": "0.p')
    assert pieces.read(0) is None
