"""Look at the machine: devices, driver, versions, launcher, disks. What cannot be read says so; nothing here raises."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import gen_jax
from gen_jax.launch import Distributed, find_launch

PACKAGES = (
    *("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin", "jax-cuda12-pjrt", "jax-cuda13-pjrt"),
    *("nvidia-cuda-runtime-cu12", "nvidia-cudnn-cu12", "nvidia-nccl-cu12"),
    *("nvidia-cuda-runtime", "nvidia-cudnn-cu13", "nvidia-nccl-cu13"),
    *("flax", "optax", "orbax-checkpoint", "numpy", "mlflow-skinny", "azureml-mlflow"),
)
"""Whose versions matter when something does not work; what is not installed is left out."""

VARIABLES = (
    *("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "NODE_RANK", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    *("JAX_COORDINATOR_PORT", "AZUREML_NODE_COUNT", "AZUREML_RUN_ID", "AZUREML_CR_NODE_RANK", "AZ_BATCH_MASTER_NODE"),
    *("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "SLURM_NTASKS", "SLURM_PROCID"),
    *("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "JAX_PLATFORMS", "LD_LIBRARY_PATH", "XLA_FLAGS"),
    *("XLA_PYTHON_CLIENT_MEM_FRACTION", "XLA_PYTHON_CLIENT_PREALLOCATE", "JAX_COMPILATION_CACHE_DIR"),
)
"""Of the launcher and of the libraries; none of them is a secret."""

UNREAD = "unread"
"""Key of what stands in the place of a fact that could not be found out: ``{"unread": reason}``."""


def look(folders: Iterable[str | os.PathLike[str]], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return everything there is to know without computing anything, as JSON holds it.

    Args:
      folders: whose disks are of interest; they need not exist yet.
      environment: of this process.
    """
    return {
        "versions": tried(versions),
        "host": tried(host),
        "driver": tried(driver),
        "devices": tried(devices),
        "processes": tried(lambda: processes(environment)),
        "environment": {name: environment[name] for name in VARIABLES if name in environment},
        "disks": {str(folder): tried(lambda folder=folder: disk(Path(folder))) for folder in folders},
        "shared_memory": tried(lambda: disk(Path("/dev/shm"), strict=True)),
    }


def tried(function: Callable[[], Any]) -> Any:
    """Return what ``function`` returns, or why it could not: ``{"unread": reason}``."""
    try:
        return function()
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0][:300]
        return {UNREAD: first or type(error).__name__}


def versions() -> dict[str, str]:
    """Return the versions of Python, of gen_jax and of what it stands on."""
    found = {"python": platform.python_version(), "gen_jax": gen_jax.__version__}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def host() -> dict[str, Any]:
    """Return system, processors that this process may use, and bytes of memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"system": platform.platform(), "cores": cores, "memory_bytes": memory}


def driver() -> dict[str, Any]:
    """Return what nvidia-smi says: version of the driver, newest CUDA that it serves, and its GPUs.

    Raises:
      RuntimeError: there is no such program, which as a rule means no driver; or it failed.
    """
    query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"]
    rows = [[part.strip() for part in row.split(",")] for row in _nvidia_smi(query).splitlines() if row.strip()]
    cuda = re.search(r"CUDA Version:\s*([\d.]+)", _nvidia_smi([]))
    return {
        "version": rows[0][1] if rows else "",
        "cuda": cuda.group(1) if cuda else "",
        "gpus": [{"name": name, "memory_mib": memory} for name, _, memory in rows],
    }


def _nvidia_smi(arguments: list[str]) -> str:
    if shutil.which("nvidia-smi") is None:
        raise RuntimeError("there is no nvidia-smi")
    done = subprocess.run(["nvidia-smi", *arguments], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip() or f"nvidia-smi ended with {done.returncode}")
    return done.stdout


def devices() -> list[dict[str, Any]]:
    """Return the devices that jax gives this process; raises what jax raises."""
    import jax

    found = []
    for device in jax.local_devices():
        stats = tried(device.memory_stats) or {}
        found.append(
            {"platform": device.platform, "kind": device.device_kind, "memory_bytes": stats.get("bytes_limit")}
        )
    return found


def processes(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return where this process stands among the others, by the variables of the launcher; nobody is joined."""
    launch = find_launch(Distributed(), environment)
    if launch is None:
        return {"count": 1, "number": 0}
    place = {"count": launch.num_processes, "number": launch.process_id, "coordinator": launch.coordinator}
    return place if launch.local_device is None else {**place, "local_device": launch.local_device}


def disk(folder: Path, *, strict: bool = False) -> dict[str, Any]:
    """Return bytes in all and bytes free where a folder is, or will be unless ``strict``; raises ``OSError``."""
    place = folder.expanduser().absolute()
    while not strict and not place.exists() and place != place.parent:
        place = place.parent
    usage = shutil.disk_usage(place)
    return {"bytes": usage.total, "free_bytes": usage.free}
