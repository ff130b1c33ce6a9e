"""Where a process stands among others, and where arrays lie on the devices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec

from gen_jax import parallel
from gen_jax.errors import UserError
from gen_jax.parallel import AXIS, Distributed, Launch, find_launch

TORCHRUN = {"MASTER_ADDR": "10.0.0.4", "MASTER_PORT": "1234", "WORLD_SIZE": "8", "RANK": "5"}
OPEN_MPI = {"MASTER_ADDR": "head", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"}
SLURM = {"SLURM_NTASKS": "6", "SLURM_PROCID": "3", "SLURM_STEP_NODELIST": "gpu[003-005,9],login1"}


def test_a_process_on_its_own_has_no_launch():
    assert find_launch(Distributed(), {}) is None
    assert find_launch(Distributed(), {"WORLD_SIZE": "1", "RANK": "0"}) is None
    assert find_launch(Distributed(), {"SLURM_NTASKS": "1", "SLURM_PROCID": "0"}) is None


def test_a_slurm_batch_script_outside_srun_is_a_process_on_its_own():
    assert find_launch(Distributed(), {"SLURM_NTASKS": "4", "SLURM_JOB_ID": "17"}) is None


def test_flags_describe_a_launch_and_win_over_the_environment():
    flags = Distributed(coordinator="10.0.0.9:4000", num_processes=2, process_id=1)
    assert find_launch(flags, TORCHRUN) == Launch(coordinator="10.0.0.9:4000", num_processes=2, process_id=1)


@pytest.mark.parametrize(
    "flags", [{"coordinator": "a:1"}, {"num_processes": 2}, {"process_id": 0}, {"coordinator": "a:1", "process_id": 0}]
)
def test_flags_given_in_part_are_refused(flags):
    with pytest.raises(UserError, match="belong together"):
        find_launch(Distributed(**flags), {})


def test_torchrun_is_read():
    assert find_launch(Distributed(), TORCHRUN) == Launch(coordinator="10.0.0.4:1234", num_processes=8, process_id=5)


def test_one_process_a_device_is_told_its_device():
    environment = TORCHRUN | {"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
    assert find_launch(Distributed(), environment).local_device == 1
    assert find_launch(Distributed(), TORCHRUN | {"LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}).local_device is None


def test_a_process_that_is_shown_its_device_alone_is_told_none():
    environment = TORCHRUN | {"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
    assert find_launch(Distributed(), environment | {"CUDA_VISIBLE_DEVICES": "1"}).local_device is None
    assert find_launch(Distributed(), environment | {"CUDA_VISIBLE_DEVICES": "0,1,2,3"}).local_device == 1


@pytest.mark.parametrize(("port", "free"), [("1234", 1235), ("65535", 65534)])
def test_the_port_that_torchrun_itself_listens_at_is_left_to_it(port, free):
    environment = TORCHRUN | {"TORCHELASTIC_USE_AGENT_STORE": "True", "MASTER_PORT": port}
    assert find_launch(Distributed(), environment).coordinator == f"10.0.0.4:{free}"


def test_open_mpi_is_read_with_the_usual_port():
    assert find_launch(Distributed(), OPEN_MPI) == Launch(coordinator="head:29500", num_processes=4, process_id=2)


def test_slurm_is_read_and_all_its_processes_agree_on_a_port():
    launches = [
        find_launch(Distributed(), SLURM | {"SLURM_PROCID": str(rank), "SLURM_JOB_ID": "1234567"}) for rank in range(6)
    ]
    assert {launch.coordinator for launch in launches} == {"gpu003:63567"}
    assert [launch.process_id for launch in launches] == list(range(6))
    other = find_launch(Distributed(), SLURM | {"SLURM_JOB_ID": "1234568"})
    assert other.coordinator == "gpu003:63568"


@pytest.mark.parametrize(
    ("tasks_per_node", "local_device"), [("4(x2)", 2), ("3,2", 2), ("1(x8)", None), ("1", None), (None, None)]
)
def test_slurm_tells_each_of_several_tasks_on_a_node_its_device(tasks_per_node, local_device):
    environment = SLURM | {"SLURM_LOCALID": "2"}
    if tasks_per_node is not None:
        environment["SLURM_STEP_TASKS_PER_NODE"] = tasks_per_node
    assert find_launch(Distributed(), environment).local_device == local_device


@pytest.mark.parametrize(
    ("nodes", "host"),
    [
        ("gpu[003-005,9],login1", "gpu003"),
        ("login1", "login1"),
        ("login1,gpu[003-005]", "login1"),
        ("gpu[7,9-12]", "gpu7"),
        ("gpu[08-11]", "gpu08"),
        ("rack[1-2]node[03-04]", "rack1node03"),
        ("node[1-2]-ib,other", "node1-ib"),
    ],
)
def test_first_host_of_a_slurm_node_list(nodes, host):
    assert parallel.first_host(nodes) == host


@pytest.mark.parametrize("environment", [TORCHRUN, OPEN_MPI])
def test_a_missing_address_is_named_with_what_to_set(environment):
    environment = {name: value for name, value in environment.items() if name != "MASTER_ADDR"}
    with pytest.raises(UserError, match=r"_?SIZE=\d .*MASTER_ADDR is not set; set MASTER_ADDR") as caught:
        find_launch(Distributed(), environment)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RANK": "8"}, "process 8 of 8: numbers go from 0 to 7"),
        ({"RANK": "-1"}, "process -1 of 8: numbers go from 0 to 7"),
        ({"RANK": "two"}, "environment variable RANK='two': must be a whole number"),
        ({"WORLD_SIZE": "many"}, "environment variable WORLD_SIZE='many': must be a whole number"),
        ({"LOCAL_RANK": "x", "LOCAL_WORLD_SIZE": "2"}, "environment variable LOCAL_RANK='x': must be a whole number"),
        ({"MASTER_PORT": "http"}, "'10.0.0.4:http': must be HOST:PORT"),
    ],
)
def test_an_environment_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(UserError) as caught:
        find_launch(Distributed(), TORCHRUN | change)
    assert message in str(caught.value)


@pytest.mark.parametrize("coordinator", ["host", "host:", ":29500", "host:port"])
def test_a_coordinator_that_is_not_host_and_port_is_refused(coordinator):
    with pytest.raises(UserError, match="must be HOST:PORT"):
        find_launch(Distributed(coordinator=coordinator, num_processes=2, process_id=0), {})


def test_starting_on_its_own_joins_nobody(monkeypatch):
    monkeypatch.setattr(jax.distributed, "initialize", lambda **kwargs: pytest.fail("there is nobody to join"))
    parallel.start(Distributed(), {})
    parallel.start(Distributed(coordinator="localhost:1", num_processes=1, process_id=0), {})


@pytest.mark.devices(4)
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3, 3, 64, 128), (3, 3, 64, 32)),
        ((512, 64), (128, 64)),
        ((64, 66), (16, 66)),  # 66 is longer, but 4 does not divide it
        ((16384,), (4096,)),
        ((16383,), (16383,)),
        ((127, 129), (127, 129)),
        ((64,), (64,)),
        ((), ()),
    ],
)
def test_fsdp_splits_each_large_leaf_along_its_longest_divisible_axis(shape, expected):
    mesh, leaf = parallel.make_mesh(), jax.ShapeDtypeStruct(shape, jnp.float32)
    least = 4096
    sharding = parallel.state_shardings(mesh, {"leaf": leaf}, fsdp=True, least=least)["leaf"]
    assert sharding.shard_shape(shape) == expected
    whole = parallel.state_shardings(mesh, {"leaf": leaf}, fsdp=False, least=least)["leaf"]
    assert whole.shard_shape(shape) == shape


@pytest.mark.devices(4)
def test_a_leaf_smaller_than_the_least_stays_whole():
    mesh = parallel.make_mesh()
    shapes = {"small": jnp.zeros((128, 127)), "large": jnp.zeros((128, 128))}
    shardings = parallel.state_shardings(mesh, shapes, fsdp=True)
    assert shardings["small"].spec == PartitionSpec()
    assert shardings["large"].spec == PartitionSpec(AXIS, None)
    placed = jax.device_put(shapes, shardings)
    assert [shard.data.shape for shard in placed["large"].addressable_shards] == [(32, 128)] * 4


@pytest.mark.devices(4)
def test_a_batch_is_split_in_order_over_the_mesh():
    mesh = parallel.make_mesh()
    assert mesh.size == 4 and mesh.axis_names == (AXIS,)
    batch = jax.device_put(np.arange(8), parallel.split(mesh))
    rows = {shard.device: shard.data.tolist() for shard in batch.addressable_shards}
    assert [rows[device] for device in mesh.devices] == [[0, 1], [2, 3], [4, 5], [6, 7]]


@pytest.mark.devices(4)
def test_a_vote_of_this_process_fills_its_devices():
    mesh = parallel.make_mesh()
    for flag in (True, False):
        vote = parallel.any_process(mesh, flag)
        assert vote.shape == (4,) and bool(jax.jit(jnp.any)(vote)) is flag


def test_a_batch_that_the_devices_cannot_share_is_refused_with_the_nearest():
    devices = jax.device_count()
    parallel.check_batch(4 * devices)
    parallel.check_batch(8 * devices, accumulate=2)
    if devices == 1:
        pytest.skip("one device shares any batch")
    with pytest.raises(
        UserError, match=rf"--train.batch {4 * devices + 1}: .* the {devices} devices; .* {4 * devices}$"
    ):
        parallel.check_batch(4 * devices + 1)
    with pytest.raises(UserError, match=rf"devices times --train.accumulate 2; the nearest is {2 * devices}$"):
        parallel.check_batch(devices, accumulate=2)
    with pytest.raises(UserError, match=rf"the nearest is {devices}$"):
        parallel.check_batch(1)


def test_compile_step_gives_back_the_state_on_its_shardings_and_takes_its_memory():
    mesh = parallel.make_mesh()
    state = {"w": jax.device_put(jnp.ones((8, 4)), parallel.split(mesh)), "n": jnp.zeros((), jnp.int32)}
    shardings = {"w": parallel.split(mesh), "n": parallel.replicated(mesh)}
    step = parallel.compile_step(lambda s, x: ({"w": s["w"] + x, "n": s["n"] + 1}, s["n"]), state=shardings)
    new, before = step(state, 2.0)
    assert new["w"].sharding == shardings["w"] and int(new["n"]) == 1 and int(before) == 0
    np.testing.assert_array_equal(new["w"], np.full((8, 4), 3.0))
    assert state["w"].is_deleted()
