"""Numbers computed once by the published networks, kept beside the repository; tests skip where they are absent."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[1].parent / "shared" / "golden"


def golden(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of ``NAME.npz``, or skip the test."""
    with np.load(_existing(f"{name}.npz")) as arrays:
        return {key: arrays[key] for key in arrays.files}


def golden_json(name: str) -> dict:
    """Return ``NAME.json``, or skip the test."""
    return json.loads(_existing(f"{name}.json").read_text())


def tolerance(name: str, key: str) -> float:
    """Return the absolute error that float32 explains: 20 times the stored one, and 1e-6 of the largest value."""
    entry = golden_json("precision")[f"{name}.npz"][key]
    return 20.0 * entry["maxabs"] + 1e-6 * entry["scale"]


def _existing(file: str) -> pathlib.Path:
    path = FOLDER / file
    if not path.exists():
        pytest.skip(f"no golden vectors: {file}")
    return path
