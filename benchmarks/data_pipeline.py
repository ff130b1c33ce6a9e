"""How fast does a folder of 256x256 JPEGs reach the device, against Pillow alone on all cores?

    python benchmarks/data_pipeline.py [--images 1500] [--size 256] [--batch 64] [--rounds 5] [--json FILE]

Pillow's own rate is the better of threads and processes that open, decode to RGB and make a numpy array of every
file, and do nothing else. The stream feed does the same work and puts whole batches on the device, in the order of
training. They take turns, so that a busy machine is busy for all; the figure is the best round of each. Where other
programs share the cores, the processor time an image (threads and feed) says more than the rate.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import PIL
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

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


def timed(work: Callable[[], int]) -> tuple[float, float]:
    """Return images a second, and the processor time of this process in microseconds an image."""
    start, start_cpu = time.perf_counter(), time.process_time()
    images = work()
    return images / (time.perf_counter() - start), (time.process_time() - start_cpu) / images * 1e6


def decode_all(pool: concurrent.futures.Executor, paths: list[str], chunk: int) -> int:
    """Decode every file in a pool; return how many."""
    return sum(1 for _ in pool.map(decode, paths, chunksize=chunk))


def stream_all(dataset: Dataset, batch: int) -> int:
    """Stream one epoch, from a cold start until the last batch is on the device; return how many images."""
    mesh = jax.make_mesh((1,), ("data",), devices=jax.devices()[:1])
    steps = len(dataset) // batch
    feed = StreamFeed(dataset, rows=batch, seed=0, mesh=mesh, steps_per_call=1)
    try:
        for step in range(steps):
            jax.block_until_ready(feed.take(step, 1))
        return steps * batch
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
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "images"
        folder.mkdir()
        os.environ["XDG_CACHE_HOME"] = scratch
        make_photographs(folder, options.images, options.size)
        paths = sorted(str(path) for path in folder.iterdir())
        dataset = open_dataset(FolderData(path=str(folder)), size=options.size)
        stream_all(dataset, options.batch)  # imports, and the first touch of everything
        threads = concurrent.futures.ThreadPoolExecutor(cores)
        # Spawned, for a fork would copy the threads of jax.
        context = multiprocessing.get_context("spawn")
        processes = concurrent.futures.ProcessPoolExecutor(cores, mp_context=context)
        ways: dict[str, Callable[[], int]] = {
            "pillow threads": lambda: decode_all(threads, paths, 1),
            "pillow processes": lambda: decode_all(processes, paths, 16),
            "stream feed": lambda: stream_all(dataset, options.batch),
        }
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        with threads, processes:
            decode_all(processes, paths[: 64 * cores], 16)
            for _ in range(options.rounds):
                for name, work in ways.items():
                    rounds[name].append(timed(work))
    best = {name: max(rate for rate, _ in values) for name, values in rounds.items()}
    cpu = {name: min(cost for _, cost in values) for name, values in rounds.items() if name != "pillow processes"}
    pillow = max(best["pillow threads"], best["pillow processes"])
    print(f"{options.images} JPEGs {options.size}x{options.size}, {cores} cores, best of {options.rounds}")
    print(f"{'':<18}{'images/s':>10}{'to Pillow':>11}{'CPU us/image':>14}")
    for label, rate in best.items():
        print(f"{label:<18}{rate:>10.0f}{rate / pillow:>11.2f}{f'{cpu[label]:.0f}' if label in cpu else '':>14}")
    figures = {
        "images_per_second": best,
        "cpu_microseconds_per_image": cpu,
        "all_rounds": rounds,
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
