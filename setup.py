"""The list of packages; all else about the package is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["gen_jax", "gen_jax.*"]), "gen_jax.configs"],
    package_dir={"gen_jax.configs": "configs"},
)
