"""The Dockerfiles in ``azure/environments``: pinned, without rights, and with everything that they copy at hand."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = REPOSITORY / "azure" / "environments"
DOCKERFILES = sorted(ENVIRONMENTS.rglob("*Dockerfile"))
LOCKS = sorted(ENVIRONMENTS.rglob("requirements-*.txt"))


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ENVIRONMENTS).as_posix() for path in paths]


def instructions(text: str) -> list[str]:
    """Return the instructions of a Dockerfile, a line each, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def pinned(lock: Path) -> dict[str, str]:
    """Return name -> version of a lock."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", DOCKERFILES, ids=names(DOCKERFILES))
def test_an_image_runs_without_rights_and_leaves_jax_its_own_libraries(path: Path) -> None:
    lines = instructions(path.read_text())
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    assert not any("LD_LIBRARY_PATH" in line for line in lines)
    # The CUDA images of Azure and NVIDIA set it.
    assert "ARG BASE=python:3.12-slim-trixie" in lines
    assert {line.split(" AS ")[0] for line in lines if line.startswith("FROM")} == {"FROM ${BASE}"}


@pytest.mark.parametrize("path", DOCKERFILES, ids=names(DOCKERFILES))
def test_nothing_is_installed_that_is_not_in_the_lock(path: Path) -> None:
    installs = [part for part in re.split(r"&&", " ".join(instructions(path.read_text()))) if "pip install" in part]
    assert installs
    assert all("--require-hashes" in part or "--no-deps --no-build-isolation ." in part for part in installs)


@pytest.mark.parametrize("path", DOCKERFILES, ids=names(DOCKERFILES))
def test_what_an_image_copies_is_there_and_is_sent(path: Path) -> None:
    context = path.parent if path.parent.name == "train" else REPOSITORY
    kept = [line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    sent = [line[2:] for line in (REPOSITORY / ".amlignore").read_text().splitlines() if line.startswith("!/")]
    accelerator = re.search(r"ARG ACCELERATOR=(\w+)", path.read_text())
    for line in instructions(path.read_text()):
        if line.startswith("COPY") and "--from" not in line:
            for word in line.split()[1:-1]:
                source = word.replace("${ACCELERATOR}", accelerator[1] if accelerator else "")
                assert (context / source).exists(), source
                if context == REPOSITORY:
                    top = source.split("/")[0]
                    assert any(fnmatch.fnmatch(top, name) for name in kept), f"{source} is in .dockerignore"
                    assert {top, f"{top}/"} & set(sent), f"{source} is in .amlignore"


def test_the_three_images_for_training_differ_in_the_accelerator_alone() -> None:
    bodies = {
        path.name.split(".")[0]: [line.strip() for line in instructions(path.read_text())]
        for path in DOCKERFILES
        if path.parent.name == "train"
    }
    assert bodies.keys() == {"cpu", "cuda12", "cuda13"}
    for accelerator, lines in bodies.items():
        assert lines[0] == f"ARG ACCELERATOR={accelerator}"
    assert len({tuple(lines[1:]) for lines in bodies.values()}) == 1


@pytest.mark.parametrize("lock", LOCKS, ids=names(LOCKS))
def test_a_lock_has_a_hash_for_every_package_and_what_was_asked_for(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert all(re.match(r"[\w.-]+==\S+ \\\n", entry) and "--hash=sha256:" in entry for entry in entries)
    asked = (lock.parent / "requirements.in").read_text()
    if "-r ../../../requirements.txt" in asked:
        asked += (REPOSITORY / "requirements.txt").read_text()
    wanted = {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z][\w.-]*)", asked, re.MULTILINE)}
    there = {name.lower().replace("_", "-") for name in pinned(lock)}
    assert wanted <= there
    accelerator = lock.stem.removeprefix("requirements-")
    plugins = {name for name in there if re.fullmatch(r"jax-cuda\d+-plugin", name)}
    assert plugins == (set() if accelerator == "cpu" else {f"jax-{accelerator}-plugin"})


def test_the_scoring_server_and_the_service_are_never_in_one_image() -> None:
    """They ask for different versions of OpenTelemetry."""
    for lock in LOCKS:
        assert not {"fastapi", "azureml-inference-server-http"} <= pinned(lock).keys(), lock
    assert "azureml-inference-server-http" in pinned(ENVIRONMENTS / "score" / "requirements-cuda12.txt")
