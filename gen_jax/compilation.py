"""Compiled programs are kept on disk, so that the second start of a command is quick."""

from __future__ import annotations

import os
from pathlib import Path


def keep_programs(directory: str | None = None, *, least_seconds: float = 0.2) -> None:
    """Keep compiled programs on disk from now on.

    Args:
      directory: where; left out, where JAX_COMPILATION_CACHE_DIR says, else in the user's cache. Its path is part of
        what programs are found by: a folder that has moved is of no use.
      least_seconds: programs that compile faster are not kept.
    """
    import jax

    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    directory = directory or os.environ.get("JAX_COMPILATION_CACHE_DIR") or f"{caches}/gen_jax/xla"
    jax.config.update("jax_compilation_cache_dir", str(Path(directory).expanduser().absolute()))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", least_seconds)


def keep_at_most(num_bytes: int) -> None:
    """Keep no further programs once the folder of ``keep_programs`` holds so much; those in it go on being used."""
    import jax

    folder = jax.config.jax_compilation_cache_dir  # type: ignore[attr-defined]
    if folder and sum(file.stat().st_size for file in Path(folder).glob("*") if file.is_file()) >= num_bytes:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", float("inf"))
