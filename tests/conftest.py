"""Settings that every test runs under: four simulated devices, strict shapes and keys, nothing of the user's touched.

The tests run on the CPU unless ``JAX_PLATFORMS`` says otherwise; ``JAX_PLATFORMS=cuda`` runs them on a GPU.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Programs that a test starts inherit these too, so all of it is set before anything imports jax.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # a test and the program it starts share one GPU

_scratch = tempfile.TemporaryDirectory(prefix="gen_jax_tests_")
atexit.register(_scratch.cleanup)
os.environ["XDG_CACHE_HOME"] = _scratch.name

# A launcher's environment would make every program under test wait for the other hosts of the job, or write to its
# metrics.
_LAUNCHER_VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
for _name in list(os.environ):
    if _name in _LAUNCHER_VARIABLES or _name.startswith(("OMPI_", "SLURM_", "AZUREML_", "AZ_BATCH", "MLFLOW_")):
        del os.environ[_name]

import jax  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[1]

# Most of the time goes into compiling, the same small programs again and again; a second run is several times faster.
os.environ["JAX_COMPILATION_CACHE_DIR"] = str(REPOSITORY / ".pytest_cache" / "programs")
jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_debug_key_reuse", True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked ``devices(n)`` where there are fewer."""
    marker = item.get_closest_marker("devices")
    if marker is not None and jax.device_count() < marker.args[0]:
        pytest.skip(f"needs {marker.args[0]} devices, here are {jax.device_count()}")


@pytest.fixture(scope="module", autouse=True)
def forget_programs() -> Iterator[None]:
    """Drop what a file of tests compiled: some thousand programs would otherwise take gigabytes.

    They stay on disk, however small: commands that ran in a test have set their own rule.
    """
    jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    yield
    jax.clear_caches()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds train.py, gen_jax/ and configs/."""
    return REPOSITORY


@pytest.fixture(scope="session")
def golden_directory() -> Path:
    """Test vectors of the published networks; developers have them beside the repository, users do not."""
    folder = REPOSITORY.parent / "shared" / "golden"
    if not folder.is_dir():
        pytest.skip("no golden vectors beside the repository")
    return folder
