"""Small image files for the tests of the data layer."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image


def png(value=0, size=(8, 8), mode="RGB"):
    """A PNG of one level."""
    buffer = io.BytesIO()
    Image.new(mode, size, value if mode == "L" else (value, value, value)).save(buffer, "PNG")
    return buffer.getvalue()


def write(root: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write files into a .zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def label_file(pairs) -> bytes:
    """The dataset.json of StyleGAN's tools."""
    return json.dumps({"labels": pairs}).encode()


def random_array(n, h=8, w=8, c=3, seed=0):
    """Random uint8 images."""
    return np.random.default_rng(seed).integers(0, 256, (n, h, w, c), np.uint8)
