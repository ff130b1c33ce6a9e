"""Pictures, and Pillow's answer for one of them."""

import numpy as np
import pytest
from PIL import Image

SHAPES = ((1, 1, 3), (1, 5, 1), (5, 1, 2), (3, 7, 4), (17, 23, 3))


@pytest.fixture(scope="session")
def pillow():
    """Return a function: (uint8 image [h, w, c], Pillow filter) -> uint8 [h, w, c]."""

    def answer(image, chosen):
        height, width, channels = image.shape
        mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        picture = Image.frombytes(mode, (width, height), np.ascontiguousarray(image).tobytes())
        return np.asarray(picture.filter(chosen)).reshape(image.shape)

    return answer


@pytest.fixture(scope="session")
def pictures():
    """Return noise of every shape and number of channels, and smooth and constant pictures of one of them."""
    random = np.random.default_rng(0)
    made = [random.integers(0, 256, shape, np.uint8) for shape in SHAPES]
    row, column, channel = np.mgrid[0:17, 0:23, 0:3]
    made.append((127 + 60 * np.sin(row / 4 + channel) + 60 * np.cos(column / 5)).astype(np.uint8))
    return [*made, *(np.full((17, 23, 3), level, np.uint8) for level in (0, 128, 255))]


@pytest.fixture(scope="session")
def padded():
    """Return images in a canvas, their sizes, and a check that an edit gives each what it gives it alone."""
    sizes = np.array([[17, 23], [1, 1], [9, 4]], np.int32)
    images = np.random.default_rng(1).integers(0, 256, (3, 17, 23, 3), np.uint8)

    def check(edit, atol=0.0):
        """``edit(images, sizes, index)``; index picks the parameter of one image, a slice that of all."""
        together = np.asarray(edit(images, sizes, slice(None)))
        for index, (height, width) in enumerate(sizes):
            alone = np.asarray(edit(images[index : index + 1, :height, :width], None, slice(index, index + 1)))
            np.testing.assert_allclose(together[index, :height, :width], alone[0], rtol=0, atol=atol)

    return check
