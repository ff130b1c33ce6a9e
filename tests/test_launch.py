"""Where a process stands among others, by each launcher's variables."""

import pytest

from gen_jax.errors import UserError
from gen_jax.launch import Distributed, Launch, find_launch, first_host

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
    assert first_host(nodes) == host


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


# distribution: pytorch on Azure: WORLD_SIZE counts processes; nothing says how many a node has.
AZURE = {
    "MASTER_ADDR": "10.0.0.4",
    "MASTER_PORT": "6105",
    "WORLD_SIZE": "2",
    "NODE_RANK": "1",
    "RANK": "1",
    "LOCAL_RANK": "0",
    "AZUREML_RUN_ID": "calm_tree_1",
    "AZUREML_NODE_COUNT": "2",
}


def test_azure_is_read_and_its_port_left_alone():
    expected = Launch(coordinator="10.0.0.4:6106", num_processes=2, process_id=1, local_device=None)
    assert find_launch(Distributed(), AZURE) == expected
    assert find_launch(Distributed(), AZURE | {"JAX_COORDINATOR_PORT": "7000"}).coordinator == "10.0.0.4:7000"


def test_an_azure_job_of_one_process_has_no_launch():
    one = AZURE | {"WORLD_SIZE": "1", "RANK": "0", "NODE_RANK": "0", "AZUREML_NODE_COUNT": "1"}
    assert find_launch(Distributed(), one) is None


def test_several_processes_of_an_azure_node_are_told_their_devices():
    launches = [
        find_launch(
            Distributed(),
            AZURE | {"WORLD_SIZE": "8", "RANK": str(rank), "NODE_RANK": str(rank // 4), "LOCAL_RANK": str(rank % 4)},
        )
        for rank in range(8)
    ]
    assert [launch.local_device for launch in launches] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert [launch.process_id for launch in launches] == list(range(8))


@pytest.mark.parametrize(
    "node", [{"AZ_BATCH_MASTER_NODE": "10.0.0.7:6000"}, {"AZ_BATCHAI_MPI_MASTER_NODE": "10.0.0.7"}]
)
def test_azure_with_mpi_says_its_first_node_in_its_own_way(node):
    environment = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2", "AZUREML_RUN_ID": "a"} | node
    assert find_launch(Distributed(), environment) == Launch(
        coordinator="10.0.0.7:29501", num_processes=4, process_id=2
    )


def test_one_of_several_without_a_number_is_refused_and_does_not_train_alone():
    environment = {name: value for name, value in AZURE.items() if name != "RANK"}
    with pytest.raises(UserError, match=r"WORLD_SIZE=2 .* RANK is not set; set RANK"):
        find_launch(Distributed(), environment)
