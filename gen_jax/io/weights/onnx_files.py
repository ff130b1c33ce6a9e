"""A generator as an ONNX file: latents, and labels where the model has classes, to images."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import pixels
from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.models import LoadedModel
from gen_jax.io.weights.onnx_graph import rewritten

SUFFIX = ".onnx"
_INSTALL = "run `pip install onnx onnx-ir onnxruntime` and `pip install --no-deps jax2onnx`"


def write_generator(path: Path, model: LoadedModel, *, integers: bool) -> None:
    """Write ``latent [batch, z] float32, labels [batch] int32 -> images [batch, h, w, c]``; any batch.

    Args:
      path: the file to make; it is whole or absent.
      model: with the weights to write.
      integers: images are uint8 in [0, 255]; else float32 in [-1, 1].

    Raises:
      UserError: jax2onnx is not installed, or an operation of the model has no counterpart in it.
    """
    data = to_onnx(model, integers=integers).SerializeToString()
    files.write_bytes(path, data)


def to_onnx(model: LoadedModel, *, integers: bool) -> Any:
    """Return the generator as an ``onnx.ModelProto``; see ``write_generator``."""
    convert = _converter()
    networks = model.networks

    def generate(latent: Array, labels: Array | None = None) -> Array:
        images = model.bind(model.weights).decode(latent, labels)
        return pixels.from_signed(images) if integers else images

    inputs = [jax.ShapeDtypeStruct(("batch", networks.latent_size), jnp.float32)]
    if networks.num_classes:
        inputs.append(jax.ShapeDtypeStruct(("batch",), jnp.int32))
    with _quiet():
        try:
            return convert(
                rewritten(generate),
                inputs,
                model_name=model.run.name,
                input_names=["latent", "labels"][: len(inputs)],
                output_names=["images"],
            )
        except (NotImplementedError, ValueError, TypeError, KeyError, AttributeError) as error:
            reason = " ".join(str(error).split())[:300]
            raise UserError(
                f"--format onnx: jax2onnx cannot convert a {model.experiment.model.kind} ({reason}); "
                "use --format safetensors, or tell the authors of jax2onnx"
            ) from error


def _converter() -> Any:
    with _quiet():
        try:
            from jax2onnx import to_onnx  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise UserError(f"--format onnx: {error.name or 'jax2onnx'} is not installed; {_INSTALL}") from None
    return to_onnx


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the converter says of its own examples, and of types that it finds out later, from the user."""
    loggers = [logging.getLogger(name) for name in ("jax2onnx", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
