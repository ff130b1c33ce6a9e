"""gen_jax: generate and edit images in JAX."""

__version__ = "0.1.0"
