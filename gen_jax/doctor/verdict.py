"""Judge the facts: is this the machine that was expected, and if not, what is the likely remedy?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gen_jax.doctor.facts import UNREAD
from gen_jax.errors import UserError

LEAST_DRIVER = {"12": (525, 60, 13), "13": (580,)}
"""Major version of CUDA -> oldest driver for Linux that serves it (JAX's installation page; NVIDIA's release notes)."""


def check_expectation(expect: str) -> str:
    """Return the expectation; raises ``UserError`` for one that is not gpu, cpu or a number of GPUs."""
    if expect in ("gpu", "cpu") or (expect.isdecimal() and int(expect) > 0):
        return expect
    raise UserError(f"--expect {expect}: must be gpu, cpu, or how many GPUs this process should see, such as 4")


def complaint(facts: Mapping[str, Any], expect: str) -> str | None:
    """Return one line on what is not as expected, with its likely remedy; None where all is well.

    Args:
      facts: from ``facts.look``.
      expect: gpu, cpu or a number of GPUs.
    """
    devices = facts["devices"] if isinstance(facts["devices"], list) else []
    gpus = sum(device["platform"] != "cpu" for device in devices)
    if expect == "cpu":
        return f"a CPU was expected and jax takes {gpus} accelerators: set JAX_PLATFORMS=cpu" if gpus else None
    if not gpus:
        what = "a GPU was expected" if expect == "gpu" else f"{expect} GPUs were expected"
        return f"{what} and jax {'runs on the CPU' if devices else 'finds no device'}: {why_no_gpu(facts)}"
    if expect != "gpu" and gpus != int(expect):
        return f"{expect} GPUs were expected and jax sees {gpus}: {_why_not_as_many(facts)}"
    return None


def why_no_gpu(facts: Mapping[str, Any]) -> str:
    """Return the likeliest reason why jax has no GPU, and what to do."""
    environment, versions, driver = facts["environment"], facts["versions"], facts["driver"]
    if environment.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return f"CUDA_VISIBLE_DEVICES={environment['CUDA_VISIBLE_DEVICES']!r} hides all GPUs; unset it"
    platforms = environment.get("JAX_PLATFORMS", "")
    if platforms and not {"cuda", "gpu", "rocm"} & set(platforms.split(",")):
        return f"JAX_PLATFORMS={platforms} asks for no GPU; unset it"
    if not driver.get("gpus"):
        reason = driver.get(UNREAD, "nvidia-smi lists no GPU")
        return f"no NVIDIA driver ({reason}); take a GPU machine, and start a container with --gpus all"
    return _why_cuda_fails(environment, versions, driver) or _what_jax_says(facts)


def _why_cuda_fails(environment: Mapping[str, str], versions: Mapping[str, str], driver: Mapping[str, Any]) -> str:
    """Return what keeps jax from a GPU that the driver has; empty where nothing is known to."""
    served = str(driver.get("cuda", "")).partition(".")[0]
    plugins = {major: f"jax-cuda{major}-plugin" for major in LEAST_DRIVER if f"jax-cuda{major}-plugin" in versions}
    if not plugins:
        major = "13" if served.isdecimal() and int(served) >= 13 else "12"
        return f"jax has no CUDA plugin; pip install 'jax[cuda{major}]'"
    for major, plugin in plugins.items():
        least = LEAST_DRIVER[major]
        if _numbers(driver["version"]) < least:
            other = ", or pip install 'jax[cuda12]' instead" if major == "13" else ""
            return (
                f"driver {driver['version']} is too old for CUDA {major}, which needs {'.'.join(map(str, least))}; "
                f"take an image or machine with a newer driver{other}"
            )
        if versions[plugin] != versions.get("jaxlib"):
            return (
                f"{plugin} {versions[plugin]} does not fit jaxlib {versions.get('jaxlib', '(missing)')}; "
                f"pip install -U 'jax[cuda{major}]'"
            )
    if environment.get("LD_LIBRARY_PATH"):
        return (
            f"LD_LIBRARY_PATH={environment['LD_LIBRARY_PATH']} puts other CUDA libraries before those of jax; unset it"
        )
    return ""


def _what_jax_says(facts: Mapping[str, Any]) -> str:
    said = facts["devices"].get(UNREAD) if isinstance(facts["devices"], Mapping) else None
    return f"jax says: {said}" if said else "run `python -c 'import jax; jax.devices()'` to see what jax says"


def _why_not_as_many(facts: Mapping[str, Any]) -> str:
    shown = facts["environment"].get("CUDA_VISIBLE_DEVICES")
    there = len(facts["driver"].get("gpus", []))
    if shown is not None:
        return f"CUDA_VISIBLE_DEVICES={shown} chooses among the {there} of this machine"
    return f"this machine has {there} by its driver; take another machine size, or correct --expect"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
