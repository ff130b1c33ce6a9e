"""A watermark stands where it is told, suits the size of each image, and compiles for few shapes."""

import jax
import numpy as np
import pytest

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.composite.over import alpha_over
from gen_jax.edit.composite.stamp import picture_stamp, text_stamp
from gen_jax.edit.composite.watermark import watermark
from gen_jax.edit.kernel import plan_of
from gen_jax.errors import UserError

GREY = np.full((120, 160, 3), 128, np.uint8)


def box_of(change):
    """(top, left, bottom, right) of what differs."""
    rows, columns = np.nonzero(change.any(axis=(1, 2)))[0], np.nonzero(change.any(axis=(0, 2)))[0]
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


POSITIONS = {
    "top_left": (0, 0), "top": (0, 1), "top_right": (0, 2), "left": (1, 0), "center": (1, 1), "right": (1, 2),
    "bottom_left": (2, 0), "bottom": (2, 1), "bottom_right": (2, 2),
}  # fmt: skip


@pytest.mark.parametrize("position", POSITIONS)
def test_the_stamp_stands_at_its_position_a_margin_from_the_edge(position):
    square = np.full((10, 10, 3), 255, np.uint8)
    out = np.asarray(watermark(GREY, image=square, position=position, opacity=1.0, margin=0.1, scale=0.25))
    edge, size = 12, 40
    starts = [(edge, (120 - size) // 2, 120 - size - edge), (edge, (160 - size) // 2, 160 - size - edge)]
    top, left = (starts[axis][place] for axis, place in enumerate(POSITIONS[position]))
    assert box_of(out != GREY) == (top, left, top + size, left + size)
    assert (out[top : top + size, left : left + size] == 255).all()


def test_a_text_is_white_with_a_dark_edge_and_as_wide_as_asked():
    out = np.asarray(watermark(GREY, text="gen_jax", scale=0.5, opacity=1.0, position="center"))
    top, left, bottom, right = box_of(out != GREY)
    assert abs((right - left) - 80) <= 4 and bottom - top < 40
    assert out.max() > 240 and out.min() < 40
    for background in (0, 255):
        plain = np.full_like(GREY, background)
        assert np.abs(np.asarray(watermark(plain, text="gen_jax")).astype(int) - background).max() > 60


def test_a_high_text_is_made_smaller_until_it_fits():
    stamp = text_stamp("a\nb\nc\nd\ne", 1000, 40)
    assert stamp.shape[0] <= 42


def test_the_picture_keeps_its_shape_and_its_alpha():
    picture = np.zeros((20, 40, 4), np.uint8)
    picture[..., 0], picture[:, 20:, 3] = 255, 255
    stamp = picture_stamp(picture, 100, 100)
    assert stamp.shape == (50, 100, 4)
    assert stamp[:, :45, 3].max() < 8 and np.abs(stamp[:, 55:].astype(int) - (255, 0, 0, 255)).max() < 8


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (3, 7)])
def test_any_image_can_be_marked(channels, size):
    image = np.full((*size, channels), 100, np.uint8)
    for kind in ({"text": "mark"}, {"image": GREY[:5, :9]}):
        out = watermark(image, **kind)
        assert out.shape == image.shape and out.dtype == np.uint8


def test_images_of_different_sizes_are_marked_as_if_alone():
    images = np.broadcast_to(GREY, (3, *GREY.shape)).copy()
    sizes = np.array([(120, 160), (60, 90), (120, 31)])
    for kind in ({"text": "mark\nmore"}, {"image": np.arange(900, dtype=np.uint8).reshape(10, 30, 3)}):
        parameters = {"scale": np.array([0.3, 0.5, 0.9]), "opacity": np.array([1.0, 0.5, 0.7])}
        step = plan_of(watermark)(canvas_of(images, sizes), **kind, **parameters)
        whole = jax.jit(lambda step, images: step.images(images))(step, images)
        for i, (height, width) in enumerate(sizes):
            own = {key: value[i] for key, value in parameters.items()}
            alone = watermark(images[i, :height, :width], **kind, **own)
            np.testing.assert_array_equal(whole[i, :height, :width], alone)


def test_it_is_laid_over_as_alpha_over_does():
    stamp = text_stamp("mark", 80, 100)
    out = watermark(GREY, text="mark", scale=0.5, margin=0.0, position="top_left", opacity=0.6)
    np.testing.assert_array_equal(out, alpha_over(GREY, overlay=stamp, opacity=0.6))


def test_float_agrees_with_uint8():
    levels = np.asarray(watermark(GREY, text="mark"), np.float32)
    floats = np.asarray(watermark(GREY.astype(np.float32) / 255, text="mark"))
    assert np.abs(np.round(floats * 255) - levels).max() <= 1


def test_the_text_and_its_size_are_values_and_shapes_are_few():
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(1)
        return step.images(images)

    for text, scale in (("first", 0.25), ("first", 0.24), ("first", 0.245), ("fist", 0.23)):
        run(plan_of(watermark)(canvas_of(GREY), text=text, scale=scale), GREY[None])
    assert len(traces) <= 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "give a text or an image, and not both"),
        ({"text": "a", "image": GREY}, "give a text or an image, and not both"),
        ({"text": " "}, "watermark.text is ' '"),
        ({"text": "a", "position": "middle"}, "watermark.position is 'middle'; allowed are top_left, "),
        ({"image": "logo.png"}, "which has not been read"),
        ({"text": "a", "opacity": 2.0}, "opacity is 2; allowed are numbers from 0 to 1"),
    ],
)
def test_mistakes_are_one_line(parameters, message):
    with pytest.raises(UserError, match=message) as caught:
        watermark(GREY, **parameters)
    assert "\n" not in str(caught.value)


def test_a_size_known_only_inside_of_jit_is_refused():
    with pytest.raises(UserError, match="scale must be known"):
        jax.jit(lambda scale: watermark(GREY, text="a", scale=scale))(0.5)
