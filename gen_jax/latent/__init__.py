"""What works on any model with a latent: draw, truncate, interpolate, decode in chunks; pure functions."""
