"""Images without end: each batch is drawn inside the compiled step, and no image comes twice."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from gen_jax.data.ahead import ReadAhead, item_of, rows_of_process
from gen_jax.data.dataset import Dataset
from gen_jax.data.drawn import FIRST_NEW
from gen_jax.data.feed import Feed
from gen_jax.data.logos import LogoSource
from gen_jax.data.order import check_positions
from gen_jax.data.textures import TextureSource
from gen_jax.types import Batch, PyTree


def drawn_feed(dataset: Dataset, *, rows: int, seed: int, mesh: Mesh, steps_per_call: int) -> Feed | None:
    """Return the feed of images that are drawn by rule; None for other data.

    Args:
      dataset: the numbered images of the source, which never train.
      rows: images a step consumes.
      seed: where among the images that train a run begins.
      mesh: with an axis "data", over which every batch is cut.
      steps_per_call: most steps that one ``take`` will be asked for.
    """
    labels = bool(dataset.info.class_names)
    match dataset.source:
        case TextureSource() as source:
            return TextureFeed(source, rows=rows, seed=seed, mesh=mesh, labels=labels)
        case LogoSource() as source:
            return LogoFeed(source, rows=rows, seed=seed, mesh=mesh, steps_per_call=steps_per_call, labels=labels)
        case _:
            return None


def _first_number(seed: int) -> int:
    """Return where a run begins among the numbers of the images that train, counted from ``FIRST_NEW``."""
    return int(np.random.Generator(np.random.Philox(seed % 2**64)).integers(FIRST_NEW))


class TextureFeed:
    """Row j of the batch of step s is image ``s * rows + j`` of those that train, a function of seed and number.

    The textures take turns. A step draws, of each, as many as the batch can hold of it, so that one program serves
    every step, and puts them in their order.
    """

    constants: PyTree = ()
    waited = 0.0

    def __init__(self, source: TextureSource, *, rows: int, seed: int, mesh: Mesh, labels: bool) -> None:
        self._source, self._rows, self._labels = source, rows, labels
        self._offset = np.uint32(_first_number(seed))
        self._sharding = NamedSharding(mesh, PartitionSpec("data"))
        self._devices = mesh.shape["data"]

    def take(self, step: int, steps: int) -> PyTree:
        """Return (): there is nothing to do on the host."""
        check_positions((step + steps) * self._rows)
        return ()

    def batch(self, constants: PyTree, block: PyTree, offset: Array | int, step: Array | int) -> Batch:
        """Draw the images of ``step``, each device its own share."""
        first = jnp.asarray(step).astype(jnp.uint32) * jnp.uint32(self._rows)
        textures = len(self._source.names)
        each = -(-self._rows // textures)
        drawn = []
        for texture in range(textures):
            start = first + (jnp.uint32(texture + textures) - first % jnp.uint32(textures)) % jnp.uint32(textures)
            positions = start + jnp.uint32(textures) * jnp.arange(each, dtype=jnp.uint32)
            drawn.append(self._source.draw(texture, self._shared(self._numbers(positions))))
        rows = jnp.arange(self._rows, dtype=jnp.uint32)
        turn = ((first + rows) % jnp.uint32(textures), rows // jnp.uint32(textures))
        images, labels = jax.tree.map(lambda *parts: self._shared(self._in_turn(parts, turn)), *drawn)
        return Batch(images, labels if self._labels else None)

    def close(self) -> None:
        """Nothing runs beside the step."""

    def _numbers(self, positions: Array) -> Array:
        """Return the numbers of the images at some positions: those from ``FIRST_NEW`` on, round and round."""
        return ((positions + self._offset) & jnp.uint32(FIRST_NEW - 1)) | jnp.uint32(FIRST_NEW)

    def _in_turn(self, parts: tuple[Array, ...], turn: tuple[Array, Array]) -> Array:
        """Return [rows, ...] of one array [each, ...] a texture."""
        if len(parts) == 1:
            return parts[0]
        return jnp.stack(parts).at[turn].get(mode="promise_in_bounds")

    def _shared(self, array: Array) -> Array:
        """Cut an array over the devices, where it can be."""
        if array.shape[0] % self._devices:
            return array
        return jax.lax.with_sharding_constraint(array, self._sharding)


class LogoFeed:
    """Logos without end: a thread designs them ahead of the step, which draws them."""

    constants: PyTree = ()

    def __init__(
        self, source: LogoSource, *, rows: int, seed: int, mesh: Mesh, steps_per_call: int, labels: bool
    ) -> None:
        self._source, self._rows, self._labels = source, rows, labels
        self._first = _first_number(seed)
        self._sharding = NamedSharding(mesh, PartitionSpec("data"))
        self._mine = rows_of_process(self._sharding, rows)
        self._ahead = ReadAhead(self._batches, rows=rows, steps_per_call=steps_per_call)

    @property
    def waited(self) -> float:
        """Seconds that ``take`` has waited for designs."""
        return self._ahead.waited

    def take(self, step: int, steps: int) -> PyTree:
        """Return the designs of the steps, and their families, on the devices."""
        return self._ahead.take(step, steps)

    def batch(self, constants: PyTree, block: PyTree, offset: Array | int, step: Array | int) -> Batch:
        """Draw number ``offset`` of the block."""
        packed, labels = item_of(block, offset)
        images = jax.lax.with_sharding_constraint(self._source.draw(packed), self._sharding)
        return Batch(images, labels)

    def close(self) -> None:
        """Stop the thread; ``take`` would start it again."""
        self._ahead.close()

    def _batches(self, first: int) -> Iterator[PyTree]:
        """Yield (designs, families) of the rows of this process, from step ``first`` on."""
        step = first
        while True:
            positions = step * self._rows + self._mine
            numbers = FIRST_NEW + (positions + self._first) % FIRST_NEW
            labels = self._source.labels_of(numbers) if self._labels else None
            yield jax.tree.map(self._send, (self._source.designs(numbers), labels))
            step += 1

    def _send(self, local: np.ndarray) -> Array:
        return jax.make_array_from_process_local_data(self._sharding, local, (self._rows, *local.shape[1:]))
