"""Images by rule: random pixels, textures, logos; each a function of a seed and of parameters that can be kept."""
