"""Textures by rule: noise, patterns and materials, batched, jitted, seamless where they are periodic."""
