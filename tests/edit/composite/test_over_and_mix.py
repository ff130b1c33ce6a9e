"""alpha_over, blend and paste give Pillow's levels, wherever the other picture lies and whatever its channels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.composite.mix import blend, paste
from gen_jax.edit.composite.over import alpha_over
from gen_jax.edit.composite.pictures import with_channels
from gen_jax.errors import UserError

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def to_pillow(array):
    return Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)


def from_pillow(image):
    array = np.asarray(image)
    return array if array.ndim == 3 else array[..., None]


def every_pair():
    """Two [256, 256, 1] arrays that meet in every pair of levels."""
    rows = np.repeat(np.arange(256, dtype=np.uint8), 256).reshape(256, 256, 1)
    return rows, rows.transpose(1, 0, 2).copy()


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("other", MODES)
def test_another_picture_gets_the_channels_that_pillow_would_give_it(channels, other):
    picture = noise(40, 50, other)
    expected = from_pillow(to_pillow(picture).convert(MODES[channels]))
    np.testing.assert_array_equal(with_channels(jnp.asarray(picture), channels), expected)


@pytest.mark.parametrize("channels", [2, 4])
def test_over_equals_pillow_for_every_pair_of_alphas(channels):
    for seed in range(4):
        base, overlay = noise(256, 256, channels, seed=seed), noise(256, 256, channels, seed=seed + 10)
        base[..., -1:], overlay[..., -1:] = every_pair()
        expected = from_pillow(Image.alpha_composite(to_pillow(base), to_pillow(overlay)))
        np.testing.assert_array_equal(alpha_over(base, overlay=overlay), expected)


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("other", MODES)
def test_over_any_channels_is_over_their_rgba(channels, other):
    base, overlay = noise(64, 64, channels), noise(64, 64, other, seed=1)
    if channels > 2:
        whole = Image.alpha_composite(to_pillow(base).convert("RGBA"), to_pillow(overlay).convert("RGBA"))
        expected = from_pillow(whole.convert(MODES[channels]))
    else:  # grey: the overlay becomes grey first
        whole = Image.alpha_composite(to_pillow(base).convert("LA"), to_pillow(overlay).convert("LA"))
        expected = from_pillow(whole.convert(MODES[channels]))
    np.testing.assert_array_equal(alpha_over(base, overlay=overlay), expected)


@pytest.mark.parametrize(("top", "left"), [(0, 0), (5, 7), (30, 40), (31, 41), (400, 0)])
def test_over_at_a_place_equals_pillow(top, left):
    base, overlay = noise(32, 42, 4), noise(9, 11, 4, seed=1)
    expected = to_pillow(base)
    if top < 32:
        expected.alpha_composite(to_pillow(overlay), (left, top))
    np.testing.assert_array_equal(alpha_over(base, overlay=overlay, top=top, left=left), from_pillow(expected))


def test_opacity_scales_the_alpha():
    base, overlay = noise(16, 16, 3), noise(16, 16, 4, seed=1)
    faded = overlay.copy()
    faded[..., 3] = np.floor(overlay[..., 3] * np.float32(0.25) + 0.5)
    np.testing.assert_array_equal(
        alpha_over(base, overlay=overlay, opacity=0.25), np.asarray(alpha_over(base, overlay=faded))
    )
    np.testing.assert_array_equal(alpha_over(base, overlay=overlay, opacity=0.0), base)


ALPHAS = [0.0, 0.1, 0.3, 1 / 3, 0.5, 0.7, 0.9, 1.0, -0.4, 1.3, 2.5, -3.0]


def test_blend_equals_pillow_for_every_pair_of_levels():
    one, other = every_pair()
    batch = np.broadcast_to(one, (len(ALPHAS), *one.shape))
    mixed = blend(batch, other=other, alpha=np.array(ALPHAS))
    for index, alpha in enumerate(ALPHAS):
        expected = from_pillow(Image.blend(to_pillow(one), to_pillow(other), alpha))
        np.testing.assert_array_equal(mixed[index], expected, err_msg=str(alpha))
        np.testing.assert_array_equal(blend(one, other=other, alpha=alpha), expected)


def test_blend_inside_of_jit_equals_pillow_too():
    one, other = every_pair()
    inside = jax.jit(lambda images, alpha: blend(images, other=other, alpha=alpha))
    for alpha in (0.1, 0.3, 0.7, 1.3):
        expected = from_pillow(Image.blend(to_pillow(one), to_pillow(other), alpha))
        np.testing.assert_array_equal(inside(one, alpha), expected)


def test_blend_mixes_alpha_as_any_channel():
    one, other = noise(30, 20, 4), noise(30, 20, 4, seed=1)
    expected = from_pillow(Image.blend(to_pillow(one), to_pillow(other), 0.37))
    np.testing.assert_array_equal(blend(one, other=other, alpha=0.37), expected)


def test_blend_with_a_picture_of_another_size_is_refused():
    with pytest.raises(UserError, match=r"blend\.other is 3 x 4; allowed is 4 x 4"):
        blend(noise(4, 4, 3), other=noise(3, 4, 3))


PLACES = [(0, 0), (3, 5), (-4, -2), (-4, 30), (20, -3), (26, 38), (-9, 0), (500, 2), (0, -500)]


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("masked", [None, 1, 2, 4])
def test_paste_equals_pillow_inside_and_partly_outside(channels, masked):
    base, picture = noise(32, 42, channels), noise(9, 11, 4 if channels > 2 else 2, seed=1)
    mask = None if masked is None else noise(9, 11, masked, seed=2)
    batch = np.broadcast_to(base, (len(PLACES), *base.shape))
    top, left = np.array(PLACES).T
    pasted = paste(batch, image=picture, top=top, left=left, mask=mask)
    for index, (top, left) in enumerate(PLACES):
        expected = to_pillow(base)
        expected.paste(to_pillow(picture), (left, top), None if mask is None else to_pillow(mask))
        np.testing.assert_array_equal(pasted[index], from_pillow(expected), err_msg=f"{top}, {left}")


def test_paste_with_a_mask_equals_pillow_for_every_level_and_share():
    level, share = every_pair()
    for below in (0, 1, 100, 255):
        base = np.full_like(level, below)
        expected = to_pillow(base)
        expected.paste(to_pillow(level), (0, 0), to_pillow(share))
        np.testing.assert_array_equal(paste(base, image=level, mask=share), from_pillow(expected))


def test_a_picture_larger_than_the_image_is_cut():
    base, picture = noise(5, 3, 3), noise(40, 40, 3, seed=1)
    np.testing.assert_array_equal(paste(base, image=picture, top=-7, left=-30), picture[7:12, 30:33])
    np.testing.assert_array_equal(alpha_over(base, overlay=picture, top=-7, left=-30), picture[7:12, 30:33])
    np.testing.assert_array_equal(paste(noise(1, 1, 3), image=picture), picture[:1, :1])


@pytest.mark.parametrize("shape", [(9, 10, 1), (9, 11, 3)])
def test_a_mask_that_does_not_fit_is_refused(shape):
    with pytest.raises(UserError, match=r"paste\.mask is 9 x 1[01] of [13] channels; allowed is the size of"):
        paste(noise(32, 42, 3), image=noise(9, 11, 3), mask=noise(*shape))


def test_pictures_of_another_type_are_converted_or_refused():
    base, picture = noise(8, 8, 3), noise(8, 8, 3, seed=1)
    np.testing.assert_array_equal(paste(base, image=picture / np.float32(255)), picture)
    np.testing.assert_allclose(paste(base / np.float32(255), image=picture), picture / 255.0, atol=1e-6)
    hole = np.zeros((8, 8, 1), bool)
    hole[2:5] = True
    np.testing.assert_array_equal(paste(base, image=picture, mask=hole), np.where(hole, picture, base))
    with pytest.raises(UserError, match=r"paste\.image is of int32; allowed are"):
        paste(base, image=picture.astype(np.int32))


def test_each_image_has_its_own_picture_and_place():
    images, pictures, masks = noise(3, 20, 20, 3), noise(3, 6, 5, 4, seed=1), noise(3, 6, 5, 1, seed=2)
    top, left = np.array([0, -2, 17]), np.array([3, 18, -1])
    for edit, name, extra in ((alpha_over, "overlay", {}), (paste, "image", {"mask": masks})):
        whole = edit(images, **{name: pictures}, top=top, left=left, **extra)
        for i in range(3):
            alone = edit(
                images[i], **{name: pictures[i]}, top=top[i], left=left[i], **{key: extra[key][i] for key in extra}
            )
            np.testing.assert_array_equal(whole[i], alone)


@pytest.mark.parametrize("channels", [3, 4])
def test_float_agrees_with_uint8_after_rounding(channels):
    base, other = noise(40, 40, channels), noise(40, 40, channels + (channels == 3), seed=1)
    mask = noise(40, 40, 1, seed=2)
    unit = [array.astype(np.float32) / 255 for array in (base, other, mask)]
    pairs = [
        (alpha_over(base, overlay=other, top=2), alpha_over(unit[0], overlay=unit[1], top=2)),
        (blend(base, other=other, alpha=0.3), blend(unit[0], other=unit[1], alpha=0.3)),
        (paste(base, image=other, mask=mask), paste(unit[0], image=unit[1], mask=unit[2])),
    ]
    for levels, floats in pairs:
        rounded = np.round(np.clip(floats, 0, 1) * 255)
        # A color under almost no alpha is of no weight, in Pillow neither.
        weight = np.asarray(levels[..., 3:]) > 8 if channels == 4 else True
        assert np.max(np.abs(rounded - np.asarray(levels, np.float32)) * weight) <= 1


@pytest.mark.parametrize("edit", ["alpha_over", "blend", "paste"])
def test_gradients_are_finite_and_those_of_finite_differences(edit):
    rng = np.random.default_rng(0)
    base, other = (jnp.asarray(rng.uniform(0, 1, (4, 5, 4)), jnp.float32) for _ in range(2))
    base, other = base.at[0].set(0.0), other.at[0].set(0.0).at[1].set(1.0)  # alpha 0 over alpha 0 as well
    weights = jnp.asarray(rng.normal(size=(4, 5, 4)), jnp.float32)

    def loss(base, other, share):
        if edit == "alpha_over":
            out = alpha_over(base, overlay=other, opacity=share)
        elif edit == "blend":
            out = blend(base, other=other, alpha=share)
        else:
            out = paste(base, image=other, mask=jnp.full((4, 5, 1), share))
        return jnp.sum(weights * out)

    gradients = jax.grad(loss, argnums=(0, 1, 2))(base, other, 0.6)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    step = 1e-2
    slope = (loss(base, other, 0.6 + step) - loss(base, other, 0.6 - step)) / (2 * step)
    np.testing.assert_allclose(gradients[2], slope, rtol=2e-2, atol=1e-2)
    way = jnp.zeros_like(base).at[2:, :, :3].set(weights[2:, :, :3])
    slope = (loss(base + step * way, other, 0.6) - loss(base - step * way, other, 0.6)) / (2 * step)
    np.testing.assert_allclose(jnp.sum(gradients[0] * way), slope, rtol=2e-2, atol=1e-2)


def test_new_values_do_not_compile_again():
    base, other = noise(2, 8, 8, 3), noise(4, 4, 4, seed=1)
    traces = []

    @jax.jit
    def run(step, images):
        traces.append(1)
        return step.images(images)

    from gen_jax.edit.canvas import canvas_of
    from gen_jax.edit.kernel import plan_of

    for top, opacity in ((0, 1.0), (3, 0.5), (-2, 0.0)):
        run(plan_of(alpha_over)(canvas_of(base), overlay=other, top=top, left=1, opacity=opacity), base)
    assert len(traces) == 1
