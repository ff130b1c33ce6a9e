"""A chain is data: it compiles once for its structure, fuses what it may, and refuses what is wrong."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from gen_jax import edit, pixels
from gen_jax.edit import chain as chain_module
from gen_jax.edit.chain import json_schema
from gen_jax.edit.operation import OPERATIONS
from gen_jax.errors import UserError


def smooth(height: int = 40, width: int = 52, batch: int = 2) -> np.ndarray:
    rows, columns, layer = np.mgrid[0:height, 0:width, 0:3]
    waves = [120 + 60 * np.sin(rows / 9 + layer + b) + 50 * np.cos(columns / 11 - layer) for b in range(batch)]
    return np.array(waves).clip(0, 255).astype(np.uint8)


def test_a_chain_is_pillow_s_steps_one_after_another() -> None:
    images = smooth()
    chain = edit.Chain([edit.Rotate(degrees=90), edit.Resize(size=(25, 31)), edit.Contrast(factor=1.4)])
    for image, edited in zip(images, np.asarray(chain(images)), strict=True):
        expected = ImageEnhance.Contrast(Image.fromarray(image).rotate(90).resize((31, 25))).enhance(1.4)
        np.testing.assert_array_equal(edited, np.asarray(expected))


def test_an_empty_chain_changes_nothing() -> None:
    np.testing.assert_array_equal(edit.Chain([])(smooth()), smooth())


def test_new_numbers_never_compile_again(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = []
    whole = chain_module._run.__wrapped__

    def counted(steps: Any, frames: Any) -> Any:
        traces.append(1)
        return whole(steps, frames)

    monkeypatch.setattr(chain_module, "_run", jax.jit(counted))
    for degrees, factor in [(12, 1.1), (77.5, 0.3), (-3, 2)]:
        edit.Chain([edit.Rotate(degrees=degrees), edit.Resize(size=(16, 16)), edit.Brightness(factor=factor)])(smooth())
    assert len(traces) == 1
    edit.Chain([edit.Rotate(degrees=12), edit.Resize(size=(16, 17)), edit.Brightness(factor=1)])(smooth())
    assert len(traces) == 2


def test_one_value_an_image_goes_through_a_chain() -> None:
    images, degrees = smooth(), np.array([10.0, 200.0])
    together = edit.Chain([edit.Rotate(degrees=degrees), edit.Invert()])(images)
    for index in range(2):
        alone = edit.Chain([edit.Rotate(degrees=degrees[index]), edit.Invert()])(images[index])
        np.testing.assert_array_equal(together[index], alone)


FUSABLE = [
    edit.FlipLeftRight(),
    edit.Rotate(degrees=20, resample="bilinear"),
    edit.Scale(x=1.2, resample="bilinear"),
    edit.Brightness(factor=1.3),
    edit.Contrast(factor=1.2),
    edit.Saturation(factor=0.4),
    edit.Invert(),
]


def test_fused_is_nearly_unfused_inside_and_the_same_chain() -> None:
    images = pixels.to_unit(smooth(96, 120))
    plain, fused = edit.Chain(FUSABLE)(images), edit.Chain(FUSABLE, fuse=True)(images)
    assert fused.shape == plain.shape
    inside = (slice(None), slice(30, 66), slice(36, 84))
    # Two bilinear samplings blur a little more than one; waves of 9 pixels lose less than 1/50 by it.
    np.testing.assert_allclose(fused[inside], plain[inside], atol=0.02)


def test_fused_steps_are_two() -> None:
    from gen_jax.edit.canvas import canvas_of

    images = pixels.to_unit(smooth())
    steps = edit.Chain(FUSABLE, fuse=True).plan(canvas_of(images), fuse=True)
    assert len(steps) == 2


def test_fused_color_is_unfused_color() -> None:
    images, color = pixels.to_unit(smooth()), FUSABLE[3:]
    np.testing.assert_allclose(edit.Chain(color, fuse=True)(images), edit.Chain(color)(images), atol=1e-5)


def test_uint8_is_not_fused() -> None:
    np.testing.assert_array_equal(edit.Chain(FUSABLE, fuse=True)(smooth()), edit.Chain(FUSABLE)(smooth()))


def test_a_chain_differentiates_through_its_numbers() -> None:
    images = pixels.to_unit(smooth())

    def brightness_after(degrees: jax.Array, factor: jax.Array) -> jax.Array:
        chain = edit.Chain([edit.Rotate(degrees=degrees, resample="bilinear"), edit.Brightness(factor=factor)])
        return jnp.mean(chain(images)[:, 10:30, 10:40] ** 2)

    slopes = jax.grad(brightness_after, argnums=(0, 1))(jnp.float32(12.0), jnp.float32(1.1))
    assert all(jnp.isfinite(slope) and slope != 0 for slope in slopes)
    rise = brightness_after(jnp.float32(12.0), jnp.float32(1.11)) - brightness_after(
        jnp.float32(12.0), jnp.float32(1.09)
    )
    np.testing.assert_allclose(slopes[1], rise / 0.02, rtol=1e-2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ('{"kind": "invert"}', "holds dict"),
        ('[{"knd": "invert"}]', "edits[0]: is"),
        ('[{"kind": "invert"}, {"kind": "rotat"}]', "unknown edits[1].kind 'rotat'. Perhaps you meant 'rotate'"),
        ('[{"kind": "rotate"}]', "edits[0]: rotate.degrees: Field required"),
        ('[{"kind": "rotate", "degrees": "north"}]', "rotate.degrees is 'north'"),
        ('[{"kind": "brightness", "factor": 1, "extra": 2}]', "brightness.extra is 2"),
        ('[{"kind": "posterize", "bits": 9}]', "less than or equal to 8"),
        ('[{"kind": "rotate", "degrees": NaN}]', "degrees"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        edit.Chain.from_json(text)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_the_schema_names_every_operation_and_its_ranges() -> None:
    schema = json_schema()
    kinds = {
        definition["properties"]["kind"]["const"]
        for definition in schema["$defs"].values()
        if "kind" in definition["properties"]
    }
    assert kinds == set(OPERATIONS)
    bits = schema["$defs"]["Posterize"]["properties"]["bits"]
    assert (bits["minimum"], bits["maximum"]) == (1, 8)
    assert all(definition["additionalProperties"] is False for definition in schema["$defs"].values())


def test_an_array_has_no_form_in_json() -> None:
    with pytest.raises(UserError, match="no form in JSON"):
        edit.Chain([edit.Rotate(degrees=np.array([1.0, 2.0]))]).to_json()


def test_only_operations_make_a_chain() -> None:
    with pytest.raises(UserError, match=r"edits\[1\] is function"):
        edit.Chain([edit.Invert(), edit.invert])  # type: ignore[list-item]
