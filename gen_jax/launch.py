"""Where a process stands among others: from flags, or from the variables that its launcher sets."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Distributed:
    """How several processes find each other; left out, the launcher's environment is read."""

    coordinator: str | None = None
    """``host:port`` of process 0."""
    num_processes: int | None = None
    """How many processes there are in all."""
    process_id: int | None = None
    """Number of this one, from 0."""
    timeout: int = 300
    """Seconds to wait for the others before giving up."""
    heartbeat_timeout: int = 100
    """Seconds of silence after which a process counts as dead and the others end too."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Launch:
    """One process among several, as flags or environment describe it."""

    coordinator: str
    num_processes: int
    process_id: int
    local_device: int | None = None
    """The accelerator of this process where the launcher starts one process for each."""


def find_launch(options: Distributed, environment: Mapping[str, str]) -> Launch | None:
    """Work out where this process stands: from flags, else from the variables of a launcher.

    Launchers are Azure Machine Learning (``distribution: pytorch`` or ``mpi``), torchrun, Open MPI and Slurm.

    Returns:
      None for a process on its own.

    Raises:
      UserError: the description is incomplete or contradicts itself; names what is missing.
    """
    flags = (options.coordinator, options.num_processes, options.process_id)
    if any(flag is not None for flag in flags):
        if any(flag is None for flag in flags):
            raise UserError(
                "--distributed.coordinator, --distributed.num_processes and --distributed.process_id belong "
                f"together; got {flags[0]}, {flags[1]}, {flags[2]}"
            )
        return _checked(Launch(coordinator=flags[0], num_processes=flags[1], process_id=flags[2]))  # type: ignore[arg-type]
    environment = _with_azure_counts(environment)
    for size, rank, local_rank, local_size in _LAUNCHERS:
        if environment.get(size, "1") != "1" and rank in environment:
            return _checked(
                Launch(
                    coordinator=_coordinator(environment, size),
                    num_processes=_integer(environment, size),
                    process_id=_integer(environment, rank),
                    local_device=_local_device(environment, local_rank, local_size),
                )
            )
    if environment.get("WORLD_SIZE", "1") != "1":
        raise UserError(
            f"WORLD_SIZE={environment['WORLD_SIZE']} says that this is one of several processes, but RANK is not set; "
            "set RANK to the number of this one, or unset WORLD_SIZE for a process on its own"
        )
    return None


_LAUNCHERS = (
    ("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
    ("SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE"),
)
"""size, rank, local rank and local size of torchrun, Open MPI and Slurm (srun), in the order they are tried."""


def _with_azure_counts(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with what Azure leaves out: how many processes a node has, as torchrun says it."""
    # WORLD_SIZE counts processes there, not nodes.
    counts = [environment.get(name, "") for name in ("WORLD_SIZE", "AZUREML_NODE_COUNT")]
    if "LOCAL_WORLD_SIZE" in environment or not all(count.isdigit() and int(count) for count in counts):
        return environment
    return {**environment, "LOCAL_WORLD_SIZE": str(int(counts[0]) // int(counts[1]))}


def _local_device(environment: Mapping[str, str], local_rank: str, local_size: str) -> int | None:
    """Return the device of one process among several on its host, unless the launcher shows it that one alone."""
    # Slurm counts node by node: "4(x2),1".
    alone = all(count.split("(")[0] == "1" for count in environment.get(local_size, "1").split(","))
    bound = "CUDA_VISIBLE_DEVICES" in environment and "," not in environment["CUDA_VISIBLE_DEVICES"]
    if alone or bound or local_rank not in environment:
        return None
    return _integer(environment, local_rank)


def _coordinator(environment: Mapping[str, str], size: str) -> str:
    if "MASTER_ADDR" in environment:
        return f"{environment['MASTER_ADDR']}:{_port(environment)}"
    for name in ("AZ_BATCH_MASTER_NODE", "AZ_BATCHAI_MPI_MASTER_NODE"):  # Azure's mpi: of several nodes, of one
        if size == "OMPI_COMM_WORLD_SIZE" and environment.get(name):
            return f"{environment[name].partition(':')[0]}:{_port(environment)}"
    if size == "SLURM_NTASKS" and "SLURM_STEP_NODELIST" in environment:
        # Any process computes the same port, and two jobs on one node rarely the same.
        port = 61_000 + int(environment.get("SLURM_JOB_ID", "0")) % 4_000
        return f"{first_host(environment['SLURM_STEP_NODELIST'])}:{port}"
    raise UserError(
        f"{size}={environment[size]} says that this is one of several processes, but MASTER_ADDR is not set; "
        "set MASTER_ADDR and MASTER_PORT to process 0, or pass --distributed.coordinator HOST:PORT with "
        "--distributed.num_processes and --distributed.process_id"
    )


def _port(environment: Mapping[str, str]) -> str:
    """Return the port of process 0: JAX_COORDINATOR_PORT, or MASTER_PORT, or its neighbour where that may be taken."""
    if "JAX_COORDINATOR_PORT" in environment:
        return environment["JAX_COORDINATOR_PORT"]
    port = environment.get("MASTER_PORT", "29500")
    # torchrun's own store listens at MASTER_PORT; on Azure the platform has chosen it for whatever the image brings.
    taken = environment.get("TORCHELASTIC_USE_AGENT_STORE") == "True" or is_azure_job(environment)
    if taken and port.isdigit():
        port = str(int(port) + 1 if int(port) < 65_535 else int(port) - 1)
    return port


def is_azure_job(environment: Mapping[str, str]) -> bool:
    """Tell whether this process belongs to a job of Azure Machine Learning."""
    return any(name in environment for name in ("AZUREML_RUN_ID", "AZUREML_NODE_COUNT", "AZUREML_ROOT_RUN_ID"))


def first_host(nodes: str) -> str:
    """Return the first host of a Slurm node list: ``gpu[003-005,9],login1`` gives ``gpu003``."""
    first = re.match(r"(?:\[[^\]]*\]|[^,\[])*", nodes)
    return re.sub(r"\[([^\],-]*)[^\]]*\]", r"\1", first.group() if first else nodes)


def _integer(environment: Mapping[str, str], name: str) -> int:
    try:
        return int(environment[name])
    except ValueError:
        raise UserError(f"environment variable {name}={environment[name]!r}: must be a whole number") from None


def _checked(launch: Launch) -> Launch:
    host, _, port = launch.coordinator.rpartition(":")
    if not host or not port.isdigit():
        raise UserError(f"--distributed.coordinator {launch.coordinator!r}: must be HOST:PORT, such as 10.0.0.4:29500")
    if not 0 <= launch.process_id < launch.num_processes:
        raise UserError(
            f"process {launch.process_id} of {launch.num_processes}: numbers go from 0 to {launch.num_processes - 1}"
        )
    return launch
