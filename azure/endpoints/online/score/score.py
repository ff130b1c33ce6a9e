"""The entry script of a deployment: Azure's inference server calls these two."""

from gen_jax.serve.score import init, run

__all__ = ["init", "run"]
