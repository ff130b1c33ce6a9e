"""Checkpoints in processes of their own: killed while writing, on a full disk, among several processes."""

import shutil
import socket
import subprocess
import sys
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.io.checkpoint import Checkpoints

KILLED = """
import sys, jax, jax.numpy as jnp
from gen_jax.io.checkpoint import Checkpoints
checkpoints = Checkpoints(sys.argv[1], keep_last=3)
for images in range(1, 10_000):
    x = jax.random.normal(jax.random.key(images), (256, 1024))
    checkpoints.save(images, {"params": {"x": x}}, {})
    print(images, flush=True)
"""


@pytest.mark.slow
def test_kill_in_the_middle_of_a_save_leaves_a_sound_checkpoint(tmp_path, repository):
    for round_ in range(2):
        program = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)], stdout=subprocess.PIPE, cwd=repository
        )
        started = 0
        with program:
            for line in program.stdout:
                started = int(line)
                if started == 4 + round_:
                    program.kill()
                    break
        template = {"params": {"x": jax.ShapeDtypeStruct((256, 1024), jnp.float32)}}
        with Checkpoints(tmp_path, keep_last=3) as checkpoints:
            restored = checkpoints.restore_latest(template)
        assert started - 1 <= restored.images <= started + 1
        expected = jax.random.normal(jax.random.key(restored.images), (256, 1024))
        np.testing.assert_array_equal(restored.items["params"]["x"], expected)
        assert all(path.name.isdecimal() or path.name.startswith("damaged-") for path in tmp_path.iterdir())
        shutil.rmtree(tmp_path)


FULL = """
import sys, jax
from gen_jax.errors import RunError
from gen_jax.io.checkpoint import Checkpoints, list_checkpoints
try:
    with Checkpoints(sys.argv[1], keep_last=9) as checkpoints:
        for images in range(1, 9):
            checkpoints.save(images, {"params": {"x": jax.random.normal(jax.random.key(images), (128, 1024))}}, {})
except RunError as error:
    print(error)
with Checkpoints(sys.argv[1], keep_last=9) as checkpoints:
    print(list_checkpoints(sys.argv[1])[-1], checkpoints.restore_latest({}).images)
"""


@pytest.mark.slow
def test_full_disk_for_real_is_one_line_and_the_last_complete_one_is_sound(tmp_path, repository):
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"', str(tmp_path)]
    try:
        subprocess.run([*mount, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine does not let a test mount a small disk")
    command = [*mount, sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    message, last = done.stdout.splitlines()
    assert message.startswith(f"no space left for a checkpoint at {tmp_path}: free some space")
    assert message.endswith(f"the last complete checkpoint is {last.split()[0]}")
    assert last.split()[0] == last.split()[1]
    assert done.stderr == ""


MEMBER = """
import os, sys, json, logging
directory, rank, count, port = sys.argv[1], *map(int, sys.argv[2:5])
import jax, numpy as np
jax.config.update("jax_num_cpu_devices", 2)
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(f"127.0.0.1:{port}", count, rank)
from gen_jax.io.checkpoint import Checkpoints
mesh = jax.make_mesh((2 * count,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
values = np.arange(32, dtype=np.float32).reshape(8, 4)
def spread(spec, scale):
    sharding = jax.NamedSharding(mesh, spec)
    return jax.make_array_from_callback((8, 4), sharding, lambda index: values[index] * scale)
def items(scale):
    return {"params": {"split": spread(jax.P("data"), scale), "whole": spread(jax.P(), scale)}, "progress": {"n": 7}}
with Checkpoints(directory, keep_last=5) as checkpoints:
    first = checkpoints.restore_latest(items(1))  # written by one process
    assert first.images == 1 and all((np.asarray(s.data) == values[s.index]).all()
                                     for s in first.items["params"]["split"].addressable_shards)
    checkpoints.save(2, items(2), {"by": count})
    checkpoints.save(3, items(3), {"by": count})
    checkpoints.wait()
    if rank == 0:
        largest = max(__import__("pathlib").Path(directory, "3", "params").rglob("d/*"), key=lambda p: p.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:-1])
    restored = checkpoints.restore_latest(items(1))
    print(restored.images, [images for images, _ in restored.passed_over], restored.passed_over[0][1])
"""


@pytest.mark.slow
def test_moves_between_process_counts_and_processes_agree_on_damage(tmp_path, repository):
    values = np.arange(32, dtype=np.float32).reshape(8, 4)
    one = {"params": {"split": jnp.asarray(values), "whole": jnp.asarray(values)}, "progress": {"n": 7}}
    with Checkpoints(tmp_path, keep_last=5) as checkpoints:
        checkpoints.save(1, one, {})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    members = [
        subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(tmp_path), str(rank), "2", str(port)],
            cwd=repository,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [member.communicate(timeout=120) for member in members]
    assert [member.returncode for member in members] == [0, 0], outputs
    # Gloo greets on the standard output first.
    assert all(out.splitlines()[-1].startswith("2 [3] params/") for out, _ in outputs), outputs
    with Checkpoints(tmp_path, keep_last=5) as checkpoints:
        restored = checkpoints.restore_latest(one)
    assert restored.images == 2 and restored.metadata["by"] == 2
    for leaf in restored.items["params"].values():
        np.testing.assert_array_equal(leaf, 2 * values)
