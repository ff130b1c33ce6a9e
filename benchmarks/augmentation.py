"""What does adaptive augmentation cost: images, their gradient, and the gradient of a gradient penalty through it?

    python benchmarks/augmentation.py [--rounds 5] [--inputs 28x64x1,32x64x3,64x16x3] [--json FILE]

Inputs are SIDExBATCHxCHANNELS, float32. Three programs take turns, and the median round counts:
  gen_jax    geometry of the pipe bg at p = 1: one period of the mirrored image, matrices, gathers and one scatter
  padded     the same numbers the obvious way: padded by side - 1 (nine times the pixels), XLA's convolutions, XLA's
             own derivatives
  whole      gen_jax with color, bands, noise and rectangle (the pipe bgcfnc) in full, draws included
"gradient" is the gradient of a scalar of the result, "penalty" the gradient of the squared norm of such a gradient.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gen_jax.augment import ada, ada_geometry
from gen_jax.augment.ada_pipes import PIPES
from gen_jax.augment.wavelets import SYM6

Images = Callable[[Array], Array]


def padded(images: Array, matrix: Array) -> Array:
    """Resample images [b, n, n, c] by matrices [b, 3, 3]: pad, double, read, halve."""
    n, margin, taps = images.shape[1], images.shape[1] - 1, SYM6 / SYM6.sum()
    x = jnp.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="reflect")
    x = filtered(filtered(x, 2 * taps, 1, double=True), 2 * taps, 2, double=True)
    at = jnp.arange(2 * n + 10) - 5.0 - (n - 1.0)
    across, down = at[None, None, :], at[None, :, None]
    middle = n - 1.0 + 2.0 * margin
    rows = matrix[:, 1, 0, None, None] * across + matrix[:, 1, 1, None, None] * down
    columns = matrix[:, 0, 0, None, None] * across + matrix[:, 0, 1, None, None] * down
    rows += 2 * matrix[:, 1, 2, None, None] + middle
    columns += 2 * matrix[:, 0, 2, None, None] + middle

    def read(image: Array, rows: Array, columns: Array) -> Array:
        def channel(plane: Array) -> Array:
            return jax.scipy.ndimage.map_coordinates(plane, [rows, columns], order=1, mode="constant")

        return jnp.stack([channel(image[..., i]) for i in range(image.shape[-1])], axis=-1)

    x = jax.vmap(read)(x, rows, columns)
    return filtered(filtered(x, taps, 1, double=False), taps, 2, double=False)


def filtered(x: Array, taps: np.ndarray, axis: int, *, double: bool) -> Array:
    """Filter one axis of [b, h, w, c] to twice the rate, or to half of it."""
    b, h, w, c = x.shape
    kernel = jnp.asarray(taps[::-1] if double else taps, jnp.float32).reshape(
        (-1, 1, 1, 1) if axis == 1 else (1, -1, 1, 1)
    )
    both = (2, 1) if axis == 1 else (1, 2)
    dilation, strides = (both, (1, 1)) if double else ((1, 1), both)
    # The doubled signal ends with a zero that the dilation does not write: 5 and 1 points on that side.
    around = [(6 * double, 6 * double) if axis == i else (0, 0) for i in (1, 2)]
    x = x.transpose(0, 3, 1, 2).reshape(b * c, h, w, 1)
    x = lax.conv_general_dilated(
        x, kernel, strides, around, lhs_dilation=dilation, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return x.reshape(b, c, *x.shape[1:3]).transpose(0, 2, 3, 1)


def programs(through: Images) -> dict[str, Images]:
    """Return the three compiled programs of one augmentation."""

    def scalar(images: Array) -> Array:
        return jnp.sum(jnp.sin(through(images)))

    def penalty(images: Array) -> Array:
        return jnp.sum(jnp.square(jax.grad(scalar)(images)))

    return {"forward": jax.jit(through), "gradient": jax.jit(jax.grad(scalar)), "penalty": jax.jit(jax.grad(penalty))}


def timed(work: Images, images: Array) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    jax.block_until_ready(work(images))
    return time.perf_counter() - start


def measure(side: int, batch: int, channels: int, rounds: int) -> dict[str, Any]:
    """Return the median seconds of each program and kind, and at how many pixels the two resamplings are equal."""
    images = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (batch, side, side, channels)), jnp.float32)
    key = jax.random.key(1)
    matrix = ada.draw(PIPES["bg"], key, batch, 1.0, size=(side, side)).geometry
    assert matrix is not None
    kinds = {
        "gen_jax": programs(lambda images: ada_geometry.resample(images, matrix)),
        "padded": programs(lambda images: padded(images, matrix)),
        "whole": programs(lambda images: ada.apply(PIPES["bgcfnc"], images, key, 1.0)),
    }
    seconds: dict[str, dict[str, list[float]]] = {kind: {} for kind in kinds}
    for number in range(rounds + 1):
        for kind, works in kinds.items():
            for name, work in works.items():
                once = timed(work, images)
                if number:
                    seconds[kind].setdefault(name, []).append(once)
    difference = jnp.abs(kinds["gen_jax"]["forward"](images) - kinds["padded"]["forward"](images))
    medians = {kind: {name: statistics.median(all_) for name, all_ in of.items()} for kind, of in seconds.items()}
    return {"seconds": medians, "share_equal": float(jnp.mean(difference < 1e-3))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inputs", default="28x64x1,32x64x3,64x16x3")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    device = jax.devices()[0].device_kind
    figures: dict[str, Any] = {"device": device, "machine": platform.platform(), "jax": jax.__version__, "inputs": {}}
    print(f"{device}, jax {jax.__version__}, median of {options.rounds} rounds, ms")
    for label in options.inputs.split(","):
        result = measure(*map(int, label.split("x")), rounds=options.rounds)
        figures["inputs"][label] = result
        print(f"\n{label}: equal to padded at {result['share_equal']:.2%} of the pixels")
        print(f"{'':<10}{'gen_jax':>10}{'padded':>10}{'ratio':>8}{'whole':>10}")
        for name, ours in result["seconds"]["gen_jax"].items():
            other, whole = (result["seconds"][kind][name] for kind in ("padded", "whole"))
            print(f"{name:<10}{ours * 1e3:>10.1f}{other * 1e3:>10.1f}{ours / other:>8.2f}{whole * 1e3:>10.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
