"""Make the embedded data set: the first images of Fashion-MNIST, from its idx files, as one small .npz.

    python scripts/make_fashion_mnist.py /usr/share/datasets/fashion-mnist

The folder holds the four ``*-ubyte.gz`` files of https://github.com/zalandoresearch/fashion-mnist;
Debian ships them in the package ``dataset-fashion-mnist``. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np

TRAIN, TEST = 10_000, 2_000
CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
DESTINATION = Path(__file__).resolve().parents[1] / "gen_jax" / "data" / "embedded" / "fashion_mnist.npz"


def read_idx(path: Path) -> np.ndarray:
    """Read a gzipped idx file of bytes: magic 0, 0, 8, rank, then the sizes as big-endian int32, then the data."""
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = np.frombuffer(data, ">i4", count=rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write_npz(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write a compressed .npz whose bytes depend on the arrays alone (no clock)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)


def main() -> None:
    """Read the idx files and write the .npz beside the package's licence text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the idx files")
    parser.add_argument("--out", type=Path, default=DESTINATION)
    options = parser.parse_args()
    read = {
        (part, kind): read_idx(options.folder / f"{part}-{kind}-ubyte.gz")
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    }
    parts = (("train", TRAIN), ("t10k", TEST))
    arrays = {
        "images": np.concatenate([read[part, "images-idx3"][:count] for part, count in parts]),
        "labels": np.concatenate([read[part, "labels-idx1"][:count] for part, count in parts]).astype(np.int32),
        "class_names": np.array(CLASS_NAMES),
        "num_test": np.array(TEST),
    }
    write_npz(options.out, arrays)


if __name__ == "__main__":
    main()
