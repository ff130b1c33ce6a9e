"""Every preset can be drawn as it is written: its texture exists, and takes its parameters and colours."""

from __future__ import annotations

import pytest

from gen_jax.draw.texture import colormap
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.plan import known, plan
from gen_jax.draw.texture.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_only_what_its_texture_knows(name) -> None:
    preset = PRESETS[name]
    texture = TEXTURES[preset.texture]
    assert texture.check(name, preset.parameters) == preset.parameters
    assert set(preset.vary) <= set(texture.numbers)
    assert colormap.check(preset.colors, where=name)
    assert known(name)["relief"].default == preset.relief
    assert preset.light == 0.0 or preset.relief > 0.0, "light without relief shows nothing"


def test_a_preset_that_is_called_like_a_texture_is_drawn_by_it() -> None:
    assert {name: PRESETS[name].texture for name in PRESETS if name in TEXTURES} == {
        name: name for name in PRESETS if name in TEXTURES
    }


@pytest.mark.parametrize("name", [*PRESETS, *TEXTURES])
def test_all_have_a_line_for_the_list_and_a_plan(name) -> None:
    doc = PRESETS[name].doc if name in PRESETS else TEXTURES[name].doc
    assert 8 < len(doc) < 120
    assert "\n" not in doc
    assert plan(name).colors[0][0] == 0.0


def test_no_two_presets_look_alike_by_writing() -> None:
    said = [(preset.texture, tuple(sorted(preset.parameters.items())), preset.colors) for preset in PRESETS.values()]
    assert len(set(said)) == len(PRESETS)
