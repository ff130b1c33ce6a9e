"""The textures by name."""

from __future__ import annotations

from gen_jax.draw.texture import (
    liquid,
    marble,
    noise_textures,
    patches,
    planks,
    plasma,
    sky,
    stones,
    surface,
    wood,
)
from gen_jax.draw.texture.kind import Texture

TEXTURES: dict[str, Texture] = {
    "noise": noise_textures.noise,
    "cells": noise_textures.cells,
    "plasma": plasma.plasma,
    "wood": wood.wood,
    "planks": planks.planks,
    "marble": marble.marble,
    "granite": stones.granite,
    "stones": stones.stones,
    "terrazzo": stones.terrazzo,
    "clouds": sky.clouds,
    "stars": sky.stars,
    "caustics": liquid.caustics,
    "lava": liquid.lava,
    "ripples": liquid.ripples,
    "surface": surface.surface,
    "leather": surface.leather,
    "brushed": surface.brushed,
    "strata": surface.strata,
    "camouflage": patches.camouflage,
    "coat": patches.coat,
    "contours": patches.contours,
    "terrain": patches.terrain,
    "stained_glass": patches.stained_glass,
}
"""Name -> texture; a new one is one line here."""
