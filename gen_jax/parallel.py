"""One program on one device, on eight, or on many hosts: mesh, shardings, multi-process start."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from gen_jax.errors import RunError, UserError
from gen_jax.launch import Distributed as Distributed
from gen_jax.launch import find_launch as find_launch
from gen_jax.rendezvous import meet
from gen_jax.types import PyTree

AXIS = "data"
"""Name of the one mesh axis: the batch is split along it, and with fsdp the state too."""


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
            heartbeat_timeout_seconds=options.heartbeat_timeout,
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


def vote(mesh: Mesh, choice: int) -> Array:
    """Return this process's part of a vote, a global array with one entry a device, for use in a compiled call.

    Args:
      mesh: from ``make_mesh``.
      choice: 0 to 255; the largest of all processes is what is decided, by ``jnp.max``.
    """
    local = np.full((len(mesh.local_devices),), choice, np.uint8)
    return jax.make_array_from_process_local_data(split(mesh), local, (mesh.size,))
