"""The direction of flow: a folder imports from lower layers only, and a heavy library has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "gen_jax"

LAYERS = {
    "data": 1,
    "models": 1,
    "edit": 1,
    "augment": 1,
    "draw": 1,
    "metrics": 1,
    "doctor": 1,
    "objectives": 2,
    "latent": 2,
    "experiment": 3,
    "build": 3,
    "io": 3,
    "train": 4,
    "evaluate": 4,
    "serve": 5,
    "azure": 5,
    "cli": 5,
}
"""Part of the package -> its layer; every other module at the top is in layer 0."""

SAME_LAYER = {
    ("augment", "edit"),
    ("data", "augment"),
    ("data", "draw"),
    ("metrics", "edit"),
    ("build", "experiment"),
    ("io", "experiment"),
    ("io", "build"),
    ("train", "evaluate"),
    ("cli", "serve"),
    ("cli", "azure"),
    ("azure", "serve"),
}
"""Who may import from whom within a layer, besides a folder from itself."""

HOMES = {
    "orbax": ("io/",),
    "tensorflow_datasets": ("data/",),
    "grain": ("data/",),
    "array_record": ("data/",),
    "flax": ("models/", "metrics/networks/", "train/state.py"),
    "h5py": ("io/",),
    "tensorboardX": ("io/",),
    "mlflow": ("io/mlflow_run.py",),
    "fontTools": ("draw/logo/letters.py",),
    "fastapi": ("serve/http/app.py",),
    "starlette": ("serve/",),
    "uvicorn": ("serve/http/server.py", "serve/http/connection.py"),
    "python_multipart": ("serve/reading/multipart.py",),
    "prometheus_client": ("serve/batching/monitoring.py",),
    "jwt": ("serve/access/entra.py", "serve/access/entra_keys.py"),
    "c2pa": ("serve/answers/credentials.py",),
    "onnxruntime": ("io/", "serve/answers/content_filter.py"),
    "httpx": ("serve/client/calling.py",),
    "azureml_inference_server_http": ("serve/score.py",),
    "azure": ("azure/",),
    "marshmallow": ("azure/",),
    "yaml": ("azure/",),
}
"""Library -> where in gen_jax/ it may be imported."""

FORBIDDEN = {
    "tensorflow": "no TensorFlow: tensorflow_datasets reads without it",
    "haiku": "networks are written in flax.linen",
    "torch": "torch is for tests and benchmarks",
    "train": "the package does not import the scripts beside it",
    "sample": "the package does not import the scripts beside it",
    "configs": "a config is found by its file",
    "tests": "the package does not import its tests",
    "benchmarks": "the package does not import its benchmarks",
}
"""Top-level name -> why nothing in gen_jax/ imports it."""


def imported_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) for each import, wherever it stands: ``from a import b`` gives ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}"


def part_of(name: str) -> str:
    """Return the part of the package: ``data`` of ``data/config.py`` as of ``gen_jax.data.config``."""
    return name.removeprefix("gen_jax.").replace("/", ".").removesuffix(".py").split(".")[0]


def complaint(path: str, name: str) -> str | None:
    """Return the rule that importing ``name`` in ``gen_jax/PATH`` breaks, or None."""
    top = name.split(".")[0]
    if name.startswith("."):
        return "write the full name: from gen_jax..."
    if "_src" in name.split("."):
        return "public API only: nothing from a private module"
    if top == "gen_jax":
        return layer_complaint(part_of(path), part_of(name))
    if top in FORBIDDEN:
        return FORBIDDEN[top]
    if top in HOMES and not path.startswith(HOMES[top]):
        return f"{top} is imported only in {' and '.join('gen_jax/' + home for home in HOMES[top])}"
    return None


def layer_complaint(importer: str, imported: str) -> str | None:
    """Return the rule that one part breaks by importing from another, or None."""
    here, there = LAYERS.get(importer, 0), LAYERS.get(imported, 0)
    if importer == imported or there < here or (here, there) == (0, 0) or (importer, imported) in SAME_LAYER:
        return None
    return (
        f"{importer} is in layer {here} and {imported} in layer {there}: import only from lower layers; "
        "move what both need down"
    )


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_every_import_goes_down_and_heavy_libraries_stay_home() -> None:
    complaints = []
    for module in modules():
        path = module.relative_to(PACKAGE).as_posix()
        for line, name in imported_names(module.read_text()):
            rule = complaint(path, name)
            if rule:
                complaints.append(f"gen_jax/{path}:{line}: imports {name}: {rule}")
    assert not complaints, "\n" + "\n".join(complaints)


def test_every_folder_has_a_layer() -> None:
    folders = {path.parent.relative_to(PACKAGE).parts[0] for path in modules() if path.parent != PACKAGE}
    assert folders <= LAYERS.keys(), f"give {folders - LAYERS.keys()} a layer, here and in docs/architecture.md"


def test_modules_of_layer_0_import_nothing_from_above() -> None:
    """Layer 0 is whatever lies at the top; a module that is put there and reaches up is caught."""
    assert layer_complaint("pixels", "data") is not None
    assert layer_complaint("pixels", "errors") is None


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("data/source.py", "from gen_jax.train import loop"),
        ("data/source.py", "from gen_jax.models import dcgan"),
        ("models/dcgan.py", "def build():\n    import gen_jax.io.files"),
        ("objectives/gan.py", "from gen_jax import latent"),
        ("build.py", "from gen_jax.io import models"),
        ("serve/http/app.py", "from gen_jax.cli import main"),
        ("cli/main.py", "import train"),
        ("cli/main.py", "from configs import fashion_dcgan"),
        ("cli/main.py", "import orbax.checkpoint"),
        ("train/loop.py", "from flax import linen"),
        ("io/files.py", "import grain"),
        ("data/tfds.py", "import tensorflow as tf"),
        ("rng.py", "from jax._src import random"),
        ("rng.py", "from jax import _src"),
        ("rng.py", "from gen_jax.data.config import DataConfig"),
        ("data/source.py", "from .config import DataConfig"),
    ],
)
def test_an_import_that_goes_up_or_leaves_home_is_refused(path: str, source: str) -> None:
    [(_, name)] = imported_names(source)
    assert complaint(path, name) is not None


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("data/source.py", "from gen_jax.data.config import DataConfig"),
        ("data/source.py", "from gen_jax import pixels"),
        ("build.py", "from gen_jax.experiment import Experiment"),
        ("train/state.py", "from flax import struct"),
        ("data/tfds.py", "import tensorflow_datasets"),
        ("cli/main.py", "from gen_jax.train import loop"),
        ("rng.py", "import jax"),
    ],
)
def test_an_import_that_goes_down_is_allowed(path: str, source: str) -> None:
    [(_, name)] = imported_names(source)
    assert complaint(path, name) is None


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after ``statement``."""
    program = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return set(run.stdout.split())


def test_importing_the_package_loads_neither_jax_nor_numpy() -> None:
    loaded = loaded_by("import gen_jax")
    assert "gen_jax" in loaded
    assert not loaded & {"jax", "numpy", "flax", "pydantic", "tyro"}


@pytest.mark.parametrize("module", ["gen_jax.experiment", "gen_jax.data.source", "gen_jax.build"])
def test_describing_a_run_loads_no_heavy_library(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not loaded & {"orbax", "grain", "tensorflow_datasets", "array_record", "tensorboardX", "tensorflow", "torch"}
