"""What a file refers to on this machine: code, data, Dockerfiles, conda files, scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Any

from gen_jax.azure.blocks import commands, component_of, jobs, local_path, mapping
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

REMEDY = "correct the path, which starts from the folder of this file"
FETCHES = re.compile(r"\bcd\s|\bmv\s|\bcp\s|\bgit\s|\bcurl\s|\bwget\s|\btar\s|\bunzip\s|\becho\s|\bcat\s|>")
"""A command with one of these may have made its script itself."""
SCRIPT = re.compile(r"(?:^|[;&|]\s*|exec\s+)(?:python3?|bash|sh|Rscript)\s+(?:-u\s+)?([\w./-]+\.(?:py|sh|R))\b")


def local_paths(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK looks for ``code`` only; what else is missing is found at the upload, after the job was named."""
    for key, value, what in _named(document, kind):
        path = local_path(value)
        if path is None:
            continue
        if path.is_absolute() or PureWindowsPath(value).drive:
            yield Finding(key, f"{value!r} is a folder of one machine", "write the path from the folder of this file")
        elif not (document.folder / path).exists():
            yield Finding(key, f"{value!r} does not exist", REMEDY)
        elif what == "folder" and not (document.folder / path).is_dir():
            yield Finding(key, f"{value!r} is a file where a folder is needed", "name the folder")
        elif what == "file" and not (document.folder / path).is_file():
            yield Finding(key, f"{value!r} is a folder where a file is needed", "name the file")


def _named(document: Document, kind: str) -> Iterator[tuple[Key, Any, str]]:
    """Yield (key, value, what it must be) for everything that may be a path on this machine."""
    data = document.data
    for at, job in jobs(document, kind):
        for place in ((*at, "code"), (*at, "trial", "code"), (*at, "task", "code")):
            yield place, document.at(place), "any"
        for place in ((*at, "component"), (*at, "trial")):
            yield place, document.at(place), "file"
        for name, value in mapping(job, "inputs").items():
            if isinstance(value, dict) and not (kind == "component" and at == ()):
                expected = {"uri_folder": "folder", "mltable": "folder", "uri_file": "file"}.get(str(value.get("type")))
                yield (*at, "inputs", name, "path"), value.get("path"), expected or "any"
    for place, environment in environments(document, kind):
        if isinstance(environment, dict):
            yield (*place, "conda_file"), environment.get("conda_file"), "file"
            yield (*place, "build", "path"), mapping(environment, "build").get("path"), "folder"
        elif isinstance(environment, str) and environment.startswith("file:"):
            yield place, environment, "file"
    if kind in ("online deployment", "batch deployment"):
        yield ("code_configuration", "code"), mapping(data, "code_configuration").get("code"), "folder"
        yield ("component",), data.get("component"), "file"
        model = data.get("model")
        yield ("model", "path"), mapping(data, "model").get("path"), "any"
        yield ("model",), model if isinstance(model, str) else None, "any"
    if kind in ("data", "model"):
        expected = {"uri_folder": "folder", "mltable": "folder", "uri_file": "file", "mlflow_model": "folder"}
        yield ("path",), data.get("path"), expected.get(str(data.get("type")), "any")
    if kind == "schedule":
        yield ("create_job",), data.get("create_job"), "file"
        yield ("create_job", "job"), mapping(data, "create_job").get("job"), "file"


def environments(document: Document, kind: str) -> Iterator[tuple[Key, Any]]:
    """Yield every environment that a file names or writes out."""
    if kind == "environment":
        yield (), document.data
    if kind in ("online deployment", "batch deployment"):
        yield ("environment",), document.data.get("environment")
    for at, _ in jobs(document, kind):
        for place in ((*at, "environment"), (*at, "trial", "environment"), (*at, "task", "environment")):
            if document.at(place) is not None:
                yield place, document.at(place)


def dockerfiles(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK does not look for the Dockerfile of a build folder."""
    for key, environment in environments(document, kind):
        build = mapping(environment, "build")
        folder = local_path(build.get("path"))
        name = build.get("dockerfile_path", "Dockerfile")
        if folder is None or not isinstance(name, str) or not (document.folder / folder).is_dir():
            continue
        if not (document.folder / folder / name).is_file():
            at = (*key, "build", "dockerfile_path" if "dockerfile_path" in build else "path")
            yield Finding(at, f"there is no {name!r} in {build['path']!r}", "correct dockerfile_path, or add the file")


def tables(document: Document, kind: str) -> Iterator[Finding]:
    """An mltable is a folder with a file called MLTable; the SDK asks for it at the upload."""
    for key, value, _ in _named(document, kind):
        holder = document.at(key[:-1])
        folder = local_path(value)
        if not isinstance(holder, dict) or holder.get("type") != "mltable" or folder is None:
            continue
        if (document.folder / folder).is_dir() and not (document.folder / folder / "MLTable").is_file():
            yield Finding(key, f"there is no file MLTable in {value!r}", "write one, or make the type uri_folder")


def scripts(document: Document, kind: str) -> Iterator[Finding]:
    """A script that is not in the code folder fails once the machine is paid for."""
    for command in commands(document, kind):
        code, line = local_path(command.data.get("code")), command.data.get("command")
        if "code" not in command.data and isinstance(line, str) and not FETCHES.search(line):
            for script in SCRIPT.findall(line):
                if not script.startswith("/"):
                    yield Finding(
                        (*command.at, "command"), f"{script!r} is run, and there is no code", "add code: FOLDER"
                    )
        if code is None or not isinstance(line, str) or FETCHES.search(line):
            continue
        folder = document.folder / code
        for script in SCRIPT.findall(line):
            if folder.is_dir() and not script.startswith("/") and not (folder / script).is_file():
                yield Finding((*command.at, "command"), f"{script!r} is not in the code folder {str(code)!r}",
                              "correct the name, or code")  # fmt: skip


def scoring_scripts(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK does not look for the scoring script: the container starts, fails, and starts again."""
    if kind not in ("online deployment", "batch deployment"):
        return
    code = mapping(document.data, "code_configuration")
    folder, script = local_path(code.get("code")), code.get("scoring_script")
    if code and not isinstance(script, str):
        yield Finding(("code_configuration", "scoring_script"), "is missing", "name the script in the code folder")
    elif isinstance(script, str) and folder is not None and (document.folder / folder).is_dir():
        found = (document.folder / folder / script).is_file()
        if not found:
            yield Finding(("code_configuration", "scoring_script"), f"{script!r} is not in {code['code']!r}",
                          "correct the name, or code")  # fmt: skip
    if isinstance(script, str) and "code" not in code:
        yield Finding(("code_configuration", "code"), "is missing: the script has no folder", "name the folder")


def referenced_jobs(document: Document, kind: str) -> Iterator[Finding]:
    """A step that names a file which is no component is refused with five lines of something else."""
    for at, job in jobs(document, kind):
        value = job.get("component")
        path = local_path(value)
        if path is None or path.suffix not in (".yml", ".yaml") or not (document.folder / path).is_file():
            continue
        if component_of(document, value) is None:
            yield Finding((*at, "component"), f"{value!r} is no component", "name a file of a component")


RULES = (local_paths, dockerfiles, tables, scripts, scoring_scripts, referenced_jobs)
