"""The driver of a batch deployment: Azure calls these two on every machine."""

from gen_jax.azure.batch import init, run

__all__ = ["init", "run"]
