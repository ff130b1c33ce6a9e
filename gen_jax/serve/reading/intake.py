"""From the bytes of a request to a photo: within the limits, or refused in one line, whatever the bytes are."""

from __future__ import annotations

import dataclasses
import io
import warnings

from PIL import Image

from gen_jax.data.decode import BadImageError
from gen_jax.io.photos import Photo, measure, read_photo
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.heads import check_head, check_scans

MOST_METADATA = 1 << 20
"""Bytes of EXIF, XMP and profile together; more are not kept."""


def read_image(data: bytes, limits: Limits, *, what: str) -> Photo:
    """Return the image that a file holds, turned as EXIF says; of several frames the first.

    Args:
      data: a PNG, JPEG, WebP, TIFF or BMP file.
      limits: ``pixels`` counts.
      what: names the image in a refusal, such as ``image``.

    Raises:
      Problem: too many pixels (content-too-large); no image, or a damaged one (unprocessable).
    """
    # Pillow warns of odd metadata, and of what is refused here anyway; whoever runs the service can change neither.
    warnings.filterwarnings("ignore", module=r"PIL\b")
    try:
        check_head(data, most_pixels=limits.pixels)
        height, width, _ = measure(io.BytesIO(data))
        if height * width > limits.pixels:
            raise Problem(
                "content-too-large", f"{what} is {height} x {width} pixels; allowed are {limits.pixels} in an image"
            )
        check_scans(data, height * width)
        photo = read_photo(io.BytesIO(data))
    except BadImageError as error:
        bomb = isinstance(error.__cause__, Image.DecompressionBombError)
        raise Problem("content-too-large" if bomb else "unprocessable", f"{what}: {error!s:.300}") from None
    except MemoryError:
        raise Problem("content-too-large", f"{what}: takes more memory than there is; send a smaller image") from None
    if len(photo.exif) + len(photo.xmp) + len(photo.icc_profile) > MOST_METADATA:
        return dataclasses.replace(photo, exif=b"", xmp=b"", icc_profile=b"")
    return photo
