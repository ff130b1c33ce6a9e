"""Which share of independent work is this process's: said by hand, or by the variables of its launcher.

Processes that need nothing of each other do not meet: one that dies, or comes late, holds up no other.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from gen_jax.errors import UserError
from gen_jax.launch import Distributed, find_launch


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shard:
    """One process among several that share work."""

    number: int = 0
    """From 0."""
    count: int = 1
    fixed: bool = False
    """Whether it makes its own share and no other; otherwise it then takes what nobody else is at."""
    local_device: int | None = None
    """The accelerator of this process where the launcher starts one process for each."""

    @property
    def is_first(self) -> bool:
        """Whether this process does what only one of them does."""
        return self.number == 0


def find_shard(text: str | None, environment: Mapping[str, str]) -> Shard:
    """Return the share of this process.

    Args:
      text: of ``--shard``, such as ``2/8``, the second of eight; None asks the launcher's variables.
      environment: see ``find_launch``.

    Raises:
      UserError: neither is a share.
    """
    if text is not None:
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise UserError(f"--shard {text}: must be K/N, this process and how many there are, from 1/8 to 8/8")
        return Shard(number=int(match[1]) - 1, count=int(match[2]), fixed=True)
    # Nobody is called at this address: find_launch wants one, and only the numbers are of use here.
    launch = find_launch(Distributed(), {"MASTER_ADDR": "localhost", **environment})
    if launch is None:
        return Shard()
    return Shard(number=launch.process_id, count=launch.num_processes, local_device=launch.local_device)


def take_device(shard: Shard) -> None:
    """Let jax use the accelerator of this process alone; call it before anything asks jax for its devices."""
    if shard.local_device is None:
        return
    import jax

    for name in ("jax_cuda_visible_devices", "jax_rocm_visible_devices"):
        jax.config.update(name, str(shard.local_device))
