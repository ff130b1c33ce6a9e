"""Sample grids from fixed latents, so that progress is a film, and reconstructions of fixed images."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from gen_jax import parallel, rng
from gen_jax.data.dataset import Dataset
from gen_jax.experiment import Experiment
from gen_jax.io import images as image_files
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import Writer
from gen_jax.train import program
from gen_jax.types import GanNetworks, PyTree


class Grids:
    """Makes the pictures of a run; the device computes while a thread fetches, encodes and writes."""

    def __init__(
        self, experiment: Experiment, networks: program.Networks, dataset: Dataset, mesh: Mesh, run: RunDirectory
    ) -> None:
        self._run = run
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="grids")
        self._pending: list[Future[None]] = []
        count, classes = experiment.train.num_samples, networks.num_classes
        self._labels = np.arange(count, dtype=np.int32) % classes if classes else None
        self._columns = image_files.class_columns(classes)
        self._sample = program.make_sampler(experiment, networks, mesh)
        key = rng.stream(experiment.train.seed, "grid")
        draw = jax.jit(
            lambda: jax.random.normal(key, (count, networks.latent_size)), out_shardings=parallel.replicated(mesh)
        )
        self._latents = draw() if count else None
        self._reconstruct: Callable[..., Any] | None = None
        if count and not isinstance(networks, GanNetworks):
            self._reconstruct = program.make_reconstructor(experiment, networks, mesh)
            shown = min(count // 2, len(dataset))
            self._originals = dataset.source.stack(dataset.indices[:shown])
            labels = dataset.labels
            self._original_labels = labels[:shown] if classes and labels is not None else None

    def draw(self, images: int, weights: PyTree, writer: Writer) -> None:
        """Begin the pictures at ``images``; every process calls it, process 0 writes."""
        self.check()
        if self._latents is None:
            return
        made = {"samples": self._sample(weights, self._latents, self._labels)}
        if self._reconstruct is not None:
            made["reconstructions"] = self._reconstruct(weights, self._originals, self._original_labels)
        if jax.process_index() == 0:
            self._pending.append(self._thread.submit(self._write, images, made, writer))

    def _write(self, images: int, made: dict[str, jax.Array], writer: Writer) -> None:
        for name, array in made.items():
            pixels = np.asarray(array)
            if name == "reconstructions":
                pixels = np.stack([self._originals, pixels], axis=1).reshape(-1, *pixels.shape[1:])
            grid = image_files.grid(pixels, columns=self._columns if name == "samples" else None)
            image_files.save_image(self._run.sample_path(images, name), grid)
            writer.write_image(images, name, grid)

    def check(self) -> None:
        """Raise what went wrong in the thread, a full disk for instance."""
        while self._pending and self._pending[0].done():
            self._pending.pop(0).result()

    def close(self) -> None:
        """Wait for the pictures under way."""
        self._thread.shutdown(wait=True)
        self.check()
