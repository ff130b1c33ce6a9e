"""Compiled programs are kept on disk, so that the second start of a command is quick."""

from __future__ import annotations

import os
from pathlib import Path


def keep_programs(directory: str | None = None) -> None:
    """Keep compiled programs in ``directory``, else where JAX_COMPILATION_CACHE_DIR says, else in the user's cache."""
    import jax

    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    directory = directory or os.environ.get("JAX_COMPILATION_CACHE_DIR") or f"{caches}/gen_jax/xla"
    jax.config.update("jax_compilation_cache_dir", str(Path(directory).expanduser()))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
