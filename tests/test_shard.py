"""Which share of independent work is this process's."""

import pytest

from gen_jax.errors import UserError
from gen_jax.shard import Shard, find_shard


def test_a_process_on_its_own_has_everything():
    assert find_shard(None, {}) == find_shard(None, {"WORLD_SIZE": "1", "RANK": "0"}) == Shard()


def test_a_share_by_hand_counts_from_1_and_goes_before_the_launcher():
    launcher = {"WORLD_SIZE": "4", "RANK": "3"}
    assert find_shard("2/8", launcher) == Shard(number=1, count=8, fixed=True)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WORLD_SIZE": "4", "RANK": "3"}, Shard(number=3, count=4)),
        (
            {"WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"},
            Shard(number=3, count=4, local_device=1),
        ),
        ({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"}, Shard(number=1, count=2)),
        ({"SLURM_NTASKS": "3", "SLURM_PROCID": "2"}, Shard(number=2, count=3)),
    ],
    ids=["azure", "torchrun with a process for each GPU", "open mpi", "slurm"],
)
def test_a_launcher_says_the_numbers_and_its_address_is_not_needed(environment, expected):
    assert find_shard(None, environment) == expected


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", ""])
def test_what_is_no_share_is_one_line(text):
    with pytest.raises(UserError, match=r"--shard .*: must be K/N"):
        find_shard(text, {})
