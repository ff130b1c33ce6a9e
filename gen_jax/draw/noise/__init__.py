"""Random pixels: white noise of several distributions, blue noise, coloured noise."""

from gen_jax.draw.noise.recipe import KINDS, NAMED, NoiseKind, NoiseRecipe, from_json, noise_recipe, to_json
from gen_jax.draw.noise.render import draw_noise

__all__ = ["KINDS", "NAMED", "NoiseKind", "NoiseRecipe", "draw_noise", "from_json", "noise_recipe", "to_json"]
