"""One program on one device, on eight, or on many hosts: mesh, shardings, multi-process start."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from gen_jax.errors import RunError, UserError
from gen_jax.rendezvous import meet
from gen_jax.types import PyTree

AXIS = "data"
"""Name of the one mesh axis: the batch is split along it, and with fsdp the state too."""


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Launch:
    """One process among several, as flags or environment describe it."""

    coordinator: str
    num_processes: int
    process_id: int
    local_device: int | None = None
    """The accelerator of this process where the launcher starts one process for each."""


def find_launch(options: Distributed, environment: Mapping[str, str]) -> Launch | None:
    """Work out where this process stands: from flags, else from torchrun, Open MPI or Slurm variables.

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
    return None


_LAUNCHERS = (
    ("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
    ("SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE"),
)
"""size, rank, local rank and local size of torchrun, Open MPI and Slurm (srun), in the order they are tried."""


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
        port = environment.get("MASTER_PORT", "29500")
        if environment.get("TORCHELASTIC_USE_AGENT_STORE") == "True" and port.isdigit():
            # torchrun's own store listens at MASTER_PORT.
            port = str(int(port) + 1 if int(port) < 65_535 else int(port) - 1)
        return f"{environment['MASTER_ADDR']}:{port}"
    if size == "SLURM_NTASKS" and "SLURM_STEP_NODELIST" in environment:
        # Any process computes the same port, and two jobs on one node rarely the same.
        port = 61_000 + int(environment.get("SLURM_JOB_ID", "0")) % 4_000
        return f"{first_host(environment['SLURM_STEP_NODELIST'])}:{port}"
    raise UserError(
        f"{size}={environment[size]} says that this is one of several processes, but MASTER_ADDR is not set; "
        "set MASTER_ADDR and MASTER_PORT to process 0, or pass --distributed.coordinator HOST:PORT with "
        "--distributed.num_processes and --distributed.process_id"
    )


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


def start(options: Distributed, environment: Mapping[str, str] | None = None) -> None:
    """Join the other processes, if there are any; call it before anything asks jax for its devices.

    Raises:
      RunError: the others did not come within ``options.timeout`` seconds.
      UserError: see ``find_launch``.
    """
    launch = find_launch(options, os.environ if environment is None else environment)
    if launch is None or launch.num_processes == 1:
        return
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    host, _, port = launch.coordinator.rpartition(":")
    try:
        meet(
            host.strip("[]"),
            int(port),
            num_processes=launch.num_processes,
            process_id=launch.process_id,
            timeout=options.timeout,
        )
        jax.distributed.initialize(
            coordinator_address=launch.coordinator,
            num_processes=launch.num_processes,
            process_id=launch.process_id,
            local_device_ids=None if launch.local_device is None else [launch.local_device],
            initialization_timeout=options.timeout,
        )
    except (RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(
            f"process {launch.process_id} of {launch.num_processes} could not join the others at "
            f"{launch.coordinator} within {options.timeout} s ({reason}); check that all processes run, that the "
            "port is open between the hosts, or raise --distributed.timeout"
        ) from None


def make_mesh() -> Mesh:
    """Return the mesh of all devices of all processes, one axis long."""
    return jax.make_mesh((jax.device_count(),), (AXIS,), axis_types=(AxisType.Auto,))


def replicated(mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array that every device holds whole."""
    return NamedSharding(mesh, PartitionSpec())


def split(mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array whose first axis is split over the devices."""
    return NamedSharding(mesh, PartitionSpec(AXIS))


def state_shardings(mesh: Mesh, shapes: PyTree, *, fsdp: bool, least: int = 2**14) -> PyTree:
    """Return a sharding for each leaf of a state.

    Args:
      mesh: from ``make_mesh``.
      shapes: the state, or its ``jax.eval_shape``.
      fsdp: split each leaf of at least ``least`` elements along its longest axis that the devices
        divide; else every device holds everything.
      least: smaller leaves are not worth the messages.
    """
    devices = mesh.size

    def choose(leaf: Any) -> NamedSharding:
        shape = np.shape(leaf)
        axes = [axis for axis, length in enumerate(shape) if length % devices == 0]
        if not fsdp or devices == 1 or not axes or int(np.prod(shape)) < least:
            return replicated(mesh)
        longest = max(axes, key=lambda axis: shape[axis])
        return NamedSharding(mesh, PartitionSpec(*[AXIS if axis == longest else None for axis in range(len(shape))]))

    return jax.tree.map(choose, shapes)


def check_batch(batch: int, *, accumulate: int = 1) -> None:
    """Refuse a batch that the devices cannot share.

    Raises:
      UserError: names the batch, the devices, and the nearest batch that works.
    """
    unit = jax.device_count() * accumulate
    if batch % unit:
        parts = f" times --train.accumulate {accumulate}" if accumulate > 1 else ""
        raise UserError(
            f"--train.batch {batch}: must be a multiple of the {jax.device_count()} devices{parts}; "
            f"the nearest is {max(unit, round(batch / unit) * unit)}"
        )


def compile_step(function: Callable[..., Any], *, state: PyTree, donate: tuple[int, ...] = (0,)) -> jax.stages.Wrapped:
    """Compile ``function(state, ...) -> (state, ...)``; the state keeps its shardings and its memory.

    Args:
      function: pure; its first argument and first result are the state.
      state: the shardings of the state, a tree of NamedSharding.
      donate: arguments whose memory the results may take over.
    """
    return jax.jit(function, out_shardings=(state, None), donate_argnums=donate)


CPU_OPTIONS: dict[str, str | bool] = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION"
}
"""Hand products and convolutions to YNNPACK: a sixth less time for a small GAN's step than with XLA's own kernels."""


def compile_lowered(lowered: jax.stages.Lowered) -> jax.stages.Compiled:
    """Compile with the options that suit the backend; without them where this version of XLA does not know them."""
    if jax.default_backend() != "cpu":
        return lowered.compile()
    try:
        return lowered.compile(compiler_options=CPU_OPTIONS)
    except jax.errors.JaxRuntimeError:
        return lowered.compile()


def any_process(mesh: Mesh, flag: bool) -> Array:
    """Return this process's part of a vote, a global array with one entry a device, for use in a compiled call."""
    local = np.full((len(mesh.local_devices),), flag, np.bool_)
    return jax.make_array_from_process_local_data(split(mesh), local, (mesh.size,))
