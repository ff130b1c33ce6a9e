"""From the bytes of a request to a photo: within the limits, or refused in one line, whatever the bytes are."""

from __future__ import annotations

import io

from gen_jax.data.decode import BadImageError
from gen_jax.io.photos import Photo, measure, read_photo
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem


def read_image(data: bytes, limits: Limits, *, what: str) -> Photo:
    """Return the image that a file holds, turned as EXIF says.

    Args:
      data: a PNG, JPEG, WebP, TIFF or BMP file.
      limits: ``pixels`` counts.
      what: names the image in a refusal, such as ``image``.

    Raises:
      Problem: too many pixels (content-too-large); no image, or a damaged one (unprocessable).
    """
    try:
        height, width, _ = measure(io.BytesIO(data))
        if height * width > limits.pixels:
            raise Problem(
                "content-too-large", f"{what} is {height} x {width} pixels; allowed are {limits.pixels} in an image"
            )
        return read_photo(io.BytesIO(data))
    except BadImageError as error:
        raise Problem("unprocessable", f"{what}: {error}") from None
    except MemoryError:
        raise Problem("content-too-large", f"{what}: takes more memory than there is; send a smaller image") from None
