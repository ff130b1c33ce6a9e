"""Environments: an image, or a build; pinned, and with a name that Azure takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_jax.azure.blocks import mapping
from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document
from gen_jax.azure.rules.files import environments

IMAGE = re.compile(
    r"[a-z0-9][\w.-]*(?::\d+)?(?:/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?", re.IGNORECASE
)


def image_or_build(document: Document, kind: str) -> Iterator[Finding]:
    """Both of them load, and are refused when the environment is made; with neither there is nothing to run in."""
    for key, environment in environments(document, kind):
        if not isinstance(environment, dict):
            continue
        if environment.get("image") and environment.get("build"):
            yield Finding((*key, "image"), "an image and a build are given", "keep one of them")
        if environment.get("conda_file") and environment.get("build"):
            yield Finding((*key, "conda_file"), "a conda file says nothing beside a build",
                          "install it in the Dockerfile, or give an image in place of the build")  # fmt: skip
        if environment.get("conda_file") and not environment.get("image") and not environment.get("build"):
            yield Finding((*key, "conda_file"), "a conda file needs an image to be installed in", "add image")
        if kind == "environment" and not {"image", "build", "conda_file"} & environment.keys():
            yield Finding(key, "the environment has neither an image nor a build", "add build: {path: FOLDER}")


def images(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes any text for an image."""
    for key, environment in environments(document, kind):
        image = environment.get("image") if isinstance(environment, dict) else None
        if not isinstance(image, str) or "{" in image or "$" in image:
            continue
        if image.startswith("azureml:"):
            yield Finding(
                (*key, "image"), f"{image!r} is an environment, and no image", "write environment: azureml:..."
            )
        elif not IMAGE.fullmatch(re.sub(r"^https?://", "", image)) or image.startswith("http"):
            yield Finding((*key, "image"), f"{image!r} is no name of an image", "write REGISTRY/NAME:TAG")


def build_paths(document: Document, kind: str) -> Iterator[Finding]:
    """``dockerfile_path`` starts from the build folder, whatever this file lies in."""
    for key, environment in environments(document, kind):
        build = mapping(environment, "build")
        if isinstance(environment, dict) and "build" in environment and build and not build.get("path"):
            yield Finding((*key, "build", "path"), "is missing", "name the folder that has the Dockerfile")
        dockerfile = build.get("dockerfile_path")
        if isinstance(dockerfile, str) and (dockerfile.startswith("/") or ".." in dockerfile.split("/")):
            yield Finding((*key, "build", "dockerfile_path"), f"{dockerfile!r} lies outside the build folder",
                          "write it from the build folder")  # fmt: skip


def moving_images(document: Document, kind: str) -> Iterator[Finding]:
    """What ``:latest`` is changes under the feet of a run that is to be repeated."""
    for key, environment in environments(document, kind):
        image = environment.get("image") if isinstance(environment, dict) else None
        if (
            isinstance(image, str)
            and "@sha256:" not in image
            and (image.endswith(":latest") or ":" not in image.split("/")[-1])
        ):
            yield Finding((*key, "image"), f"{image!r} is another image tomorrow", "name a tag, or better @sha256:...")


def moving_environments(document: Document, kind: str) -> Iterator[Finding]:
    """So does ``@latest``."""
    for key, environment in environments(document, kind):
        if isinstance(environment, str) and environment.endswith(("@latest", "/labels/latest")):
            yield Finding(key, f"{environment!r} is another environment tomorrow", "name a version")


RULES = (image_or_build, images, build_paths)

ADVICE = (moving_images, moving_environments)
