"""How fast does a folder of 256x256 JPEGs reach the device, against Pillow alone on all cores?

    python benchmarks/data_pipeline.py [--images 1500] [--size 256] [--batch 64] [--rounds 5] [--json FILE]

Pillow's own rate is the better of threads and processes that open, decode to RGB and make a numpy array of every
file, and do nothing else. The stream feed does the same work and puts whole batches on the device, in the order of
training. The two take turns, so that a busy machine is busy for both; the figure is the best round of each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import platform
import tempfile
import time
from pathlib import Path

import jax
import numpy as np
import PIL
from PIL import Image

from gen_jax.data.config import FolderData
from gen_jax.data.dataset import Dataset, open_dataset
from gen_jax.data.pipeline import StreamFeed
from gen_jax.data.threads import usable_cores


def make_photographs(folder: Path, count: int, size: int) -> None:
    """Write JPEGs with the statistics of photographs: noise with a 1/f spectrum, colors correlated, quality 90."""
    generator = np.random.default_rng(0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    amplitude = 1.0 / np.maximum(frequency, 1.0 / size)
    mixing = np.array([[1.0, 0.3, 0.1], [1.0, 0.0, -0.2], [1.0, -0.3, 0.1]])
    for number in range(count):
        noise = np.fft.fft2(generator.normal(size=(3, size, size)))
        layers = np.fft.ifft2(noise * amplitude).real
        layers /= layers.std(axis=(1, 2), keepdims=True)
        pixels = np.einsum("ij,jhw->hwi", mixing, layers) * 50.0 + 128.0
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        image.save(folder / f"{number:05d}.jpg", quality=90)


def decode(path: str) -> int:
    """Do with one file what Pillow's users do."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).shape[0]


def decode_all(pool: concurrent.futures.Executor, paths: list[str], chunk: int) -> float:
    """Return images a second of a pool."""
    start = time.perf_counter()
    for _ in pool.map(decode, paths, chunksize=chunk):
        pass
    return len(paths) / (time.perf_counter() - start)


def stream_all(dataset: Dataset, batch: int) -> float:
    """Return images a second of the stream feed, from a cold start, until the last batch is on the device."""
    mesh = jax.make_mesh((1,), ("data",), devices=jax.devices()[:1])
    steps = len(dataset) // batch
    start = time.perf_counter()
    feed = StreamFeed(dataset, rows=batch, seed=0, mesh=mesh, steps_per_call=1)
    try:
        for step in range(steps):
            jax.block_until_ready(feed.take(step, 1))
        return steps * batch / (time.perf_counter() - start)
    finally:
        feed.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    cores = usable_cores()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "images"
        folder.mkdir()
        os.environ["XDG_CACHE_HOME"] = name
        make_photographs(folder, options.images, options.size)
        paths = sorted(str(path) for path in folder.iterdir())
        dataset = open_dataset(FolderData(path=str(folder)), size=options.size)
        stream_all(dataset, options.batch)  # imports, and the first touch of everything
        rates: dict[str, list[float]] = {"pillow threads": [], "pillow processes": [], "stream feed": []}
        threads = concurrent.futures.ThreadPoolExecutor(cores)
        # Spawned, for a fork would copy the threads of jax.
        context = multiprocessing.get_context("spawn")
        processes = concurrent.futures.ProcessPoolExecutor(cores, mp_context=context)
        with threads, processes:
            decode_all(processes, paths[: 64 * cores], 16)
            for _ in range(options.rounds):
                rates["pillow threads"].append(decode_all(threads, paths, 1))
                rates["pillow processes"].append(decode_all(processes, paths, 16))
                rates["stream feed"].append(stream_all(dataset, options.batch))
    best = {name: max(values) for name, values in rates.items()}
    pillow = max(best["pillow threads"], best["pillow processes"])
    print(f"{options.images} JPEGs {options.size}x{options.size}, {cores} cores, best of {options.rounds}")
    print(f"{'':<18}{'images/s':>10}{'to Pillow':>11}")
    for label, rate in best.items():
        print(f"{label:<18}{rate:>10.0f}{rate / pillow:>11.2f}")
    figures = {
        "images_per_second": best,
        "all_rounds": rates,
        "ratio_to_pillow": best["stream feed"] / pillow,
        "cores": cores,
        "images": options.images,
        "size": options.size,
        "batch": options.batch,
        "machine": platform.platform(),
        "pillow": PIL.__version__,
    }
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
