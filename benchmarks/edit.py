"""How fast are the edits, against Pillow, OpenCV, dm_pix and kornia, and how near to Pillow's pixels is each?

    python benchmarks/edit.py [--rounds 7] [--rows flip,rotate] [--libraries gen_jax,pillow] [--json FILE]

Two inputs: a batch of 32 images of 256x256x3, and one of 2048x2048x3 (--photo FILE makes them of your own
photograph). Every library gets its input in the form it likes best (uint8 NHWC, or float32), already on its device,
and is timed without file access or transfers; they take turns, and the median round counts. "diff" is the largest
difference to Pillow in levels. "share" is what gen_jax moves (its input and output, once) against a measured copy.
A library that is not installed is left out; `pip install dm-pix kornia opencv-python-headless` brings them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ROWS = ("flip", "rotate", "resize", "color", "blur", "chain")
STORIES = {
    "flip": "flip left to right",
    "rotate": "rotate 30 degrees, bilinear",
    "resize": "resize to half, antialiased bilinear",
    "color": "brightness 1.2, contrast 1.3, saturation 1.4",
    "blur": "Gaussian blur, radius 2",
    "chain": "flip, rotate, resize, brightness, contrast, saturation",
}
LIBRARIES = ("pillow", "pillow_threads", "opencv", "dm_pix", "kornia", "gen_jax")
REST = 0.25
"""Seconds; OpenMP's threads spin for 0.2 after their work, which would be charged to the next library."""
SLOW = 2.0
"""Seconds above which one round must do."""


def photograph(size: int, seed: int) -> np.ndarray:
    """Return uint8 [size, size, 3] with the statistics of a photograph: a 1/f spectrum, correlated colors."""
    generator = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    amplitude = 1.0 / np.maximum(frequency, 1.0 / size)
    mixing = np.array([[1.0, 0.3, 0.1], [1.0, 0.0, -0.2], [1.0, -0.3, 0.1]])
    noise = np.fft.fft2(generator.normal(size=(3, size, size)))
    layers = np.fft.ifft2(noise * amplitude).real
    layers /= layers.std(axis=(1, 2), keepdims=True)
    return np.clip(np.einsum("ij,jhw->hwi", mixing, layers) * 50.0 + 128.0, 0, 255).astype(np.uint8)


def inputs(photo: Path | None) -> dict[str, np.ndarray]:
    """Return the two inputs, uint8 [n, h, w, 3]."""
    if photo is None:
        return {
            "32x256x256": np.stack([photograph(256, seed) for seed in range(32)]),
            "2048": photograph(2048, 99)[None],
        }
    image = Image.open(photo).convert("RGB")
    large = np.asarray(image.resize((2048, 2048), Image.Resampling.LANCZOS))
    tiles = large.reshape(8, 256, 8, 256, 3).swapaxes(1, 2).reshape(64, 256, 256, 3)[:32]
    return {"32x256x256": np.ascontiguousarray(tiles), "2048": large[None]}


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rested(work: Callable[[], Any], *, again: list[float]) -> float:
    """Return the seconds of one call, once the threads of the library before have stopped waiting busily."""
    time.sleep(REST)
    if not again or again[0] < SLOW / 10:
        work()
    return timed(work)


def copy_bandwidth() -> float:
    """Return bytes a second, read and written, of a copy on the device that jax uses."""
    source = np.ones(1 << 28, np.uint8)
    if jax.default_backend() == "cpu":
        target = np.empty_like(source)
        return 2 * source.size / min(timed(lambda: np.copyto(target, source)) for _ in range(7))
    array = jax.device_put(source)
    step = jax.jit(lambda value: value + 1)
    step(array).block_until_ready()

    def ten() -> None:
        value = array
        for _ in range(10):
            value = step(value)
        value.block_until_ready()

    return 20 * source.size / min(timed(ten) for _ in range(5))


def difference(result: np.ndarray, reference: np.ndarray) -> int:
    """Return the largest difference in levels; float results are rounded first."""
    if result.dtype != np.uint8:
        result = np.clip(np.round(result * 255.0), 0, 255).astype(np.uint8)
    return int(np.abs(result.astype(int) - reference.astype(int)).max())


def loaded(names: list[str]) -> dict[str, Any]:
    """Return the peers that are installed: module with ``programs(images) -> {row: (work, result)}``."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.import_module(f"benchmarks.edit_peers.{name}")
        except ImportError as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
    return found


def measure(peers: dict[str, Any], images: np.ndarray, rows: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Return for each row and library the median seconds, the first call, and the difference to Pillow."""
    programs = {name: peer.programs(images) for name, peer in peers.items()}
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        present = {name: rows_of[row] for name, rows_of in programs.items() if row in rows_of}
        first = {name: timed(work) for name, (work, _) in present.items()}
        seconds: dict[str, list[float]] = {name: [] for name in present}
        for number in range(rounds):
            for name, (work, _) in present.items():
                if number == 0 or seconds[name][0] < SLOW:
                    seconds[name].append(rested(work, again=seconds[name]))
        reference = np.asarray(present["pillow"][1]())
        table[row] = {
            name: {
                "seconds": statistics.median(seconds[name]),
                "first_call": first[name],
                "difference": difference(np.asarray(present[name][1]()), reference),
                "output_pixels": int(np.prod(reference.shape[:-1])),
            }
            for name in present
        }
    return table


def show(label: str, table: dict[str, dict[str, Any]], pixels: int, bandwidth: float) -> None:
    """Print one input's table: MPix/s (of the input) and largest difference a library."""
    names = list(dict.fromkeys(name for cells in table.values() for name in cells))
    print(f"\n{label}: MPix/s, largest difference to Pillow in levels")
    print(f"{'':<8}" + "".join(f"{name:>18}" for name in names) + f"{'x Pillow':>10}{'share':>8}")
    for row, cells in table.items():
        line = f"{row:<8}"
        for name in names:
            cell = cells.get(name)
            text = "" if cell is None else f"{pixels / cell['seconds'] / 1e6:.1f}  d{cell['difference']}"
            line += f"{text:>18}"
        ours = cells.get("gen_jax")
        if ours:
            moved = 3 * (pixels + ours["output_pixels"]) / ours["seconds"]
            line += f"{cells['pillow']['seconds'] / ours['seconds']:>10.2f}{moved / bandwidth:>8.0%}"
        print(line)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    parser.add_argument("--photo", type=Path, help="a photograph to edit in place of synthetic ones")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    names = list(dict.fromkeys(["pillow", *options.libraries.split(",")]))
    peers = loaded(names)
    bandwidth = copy_bandwidth()
    print(f"{jax.devices()[0].device_kind}, copy {bandwidth / 1e9:.1f} GB/s read and written, {options.rounds} rounds")
    for row in options.rows.split(","):
        print(f"  {row:<8}{STORIES[row]}")
    figures: dict[str, Any] = {
        "device": jax.devices()[0].device_kind,
        "machine": platform.platform(),
        "copy_bytes_per_second": bandwidth,
        "versions": {name: peer.version() for name, peer in peers.items()},
        "inputs": {},
    }
    for label, images in inputs(options.photo).items():
        table = measure(peers, images, options.rows.split(","), options.rounds)
        show(label, table, int(np.prod(images.shape[:3])), bandwidth)
        figures["inputs"][label] = table
    print("\n" + json.dumps(figures["versions"]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
