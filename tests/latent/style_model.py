"""A StyleModel of three matrices, and a run of it as ``load_model`` gives one; its images are linear in the styles."""

from __future__ import annotations

import dataclasses
import types

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.io.run_directory import RunDirectory
from gen_jax.types import DatasetInfo
from tests.saved_run import CLASSES, GAN

LATENT, STYLE, STYLES, SHAPE = 6, 5, 4, (4, 4, 3)


def weights(seed: int = 0) -> dict:
    """Return weights as a checkpoint would hold them."""
    generator = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return generator.normal(0.0, 0.5, shape).astype(np.float32)

    kernels = draw(STYLES, STYLE, int(np.prod(SHAPE)))
    return {"map": draw(LATENT, STYLE), "class": draw(len(CLASSES), STYLE), "mean": draw(STYLE), "synthesis": kernels}


@dataclasses.dataclass(frozen=True)
class Styled:
    """``synthesize(styles) = sum_n styles_n K_n``."""

    params: dict
    image_shape = SHAPE
    num_classes = len(CLASSES)
    num_styles = STYLES
    style_size = STYLE

    @property
    def mean_style(self) -> jax.Array:
        return jnp.asarray(self.params["mean"])

    def prior(self, key: jax.Array, n: int) -> jax.Array:
        return jax.random.normal(key, (n, LATENT))

    def map(self, latent: jax.Array, labels: jax.Array | None) -> jax.Array:
        return jnp.tanh(latent @ self.params["map"]) + jnp.asarray(self.params["class"])[labels]

    def synthesize(self, styles: jax.Array) -> jax.Array:
        return 0.2 * jnp.einsum("bnw,nwp->bp", styles, self.params["synthesis"]).reshape(-1, *SHAPE)

    def decode(self, latent: jax.Array, labels: jax.Array | None) -> jax.Array:
        raise AssertionError("sampling goes through the styles")


def loaded(path: str) -> types.SimpleNamespace:
    """Return what ``load_model`` would of a run there."""
    kind = dataclasses.replace(GAN, name="styled")
    networks = types.SimpleNamespace(
        image_shape=SHAPE,
        num_classes=len(CLASSES),
        latent_size=LATENT,
        num_styles=STYLES,
        style_size=STYLE,
        synthesize=None,
    )
    return types.SimpleNamespace(
        run=RunDirectory(path),
        experiment=kind,
        info=DatasetInfo(image_shape=SHAPE, num_images=1, class_names=CLASSES),
        networks=networks,
        weights=weights(),
        images_seen=100,
        bind=Styled,
        encodes=False,
        class_number=lambda text, option="--class": CLASSES.index(text),
    )
