"""How fast are textures and logos, on one core, against pyfastnoiselite, `noise`, resvg and cairosvg?

    python benchmarks/draw.py [--rounds 9] [--rows perlin,cells] [--size 512] [--core 1] [--json FILE]

MPix/s of one picture and of a batch of 8, median and best of rounds in which the libraries take turns, all in one
process that is kept on one core; the first call, which compiles, is not counted. gen_jax draws seamless pictures;
pyfastnoiselite draws pictures that do not tile, from coordinates made before; `noise` draws one pixel a call, Perlin
noise seamless. The logos of gen_jax start from scenes; resvg and cairosvg start from SVG text and end with a PNG.
A library that is not installed is left out; `pip install pyfastnoiselite noise resvg_py cairosvg` brings them.
Without pinning (not Linux) jax may use every core.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ROWS = {
    "perlin": "Perlin noise, fBm of 6 octaves, 4 cells across",
    "simplex": "simplex noise (OpenSimplex2), the same",
    "value": "value noise, the same",
    "ridged": "Perlin noise, 6 octaves, ridged",
    "warped": "Perlin noise, fBm of 6 octaves, moved by noise of one",
    "cells": "Worley: distance to the nearest of 16 x 16 points (F1)",
    "borders": "Worley: F2 - F1",
    "logos": "logos of ten or so shapes, scenes of 8 seeds",
}
SLOW = 1.0
"""Seconds above which one round must do."""

Work = Callable[[], Any]


def ours(size: int) -> dict[tuple[str, int], Work]:
    """Return what gen_jax does for every row and number of pictures."""
    import jax
    import jax.numpy as jnp

    from gen_jax.draw.texture.field import Field, Lattice, lattice
    from gen_jax.draw.texture.fractal import AnyBasis, Kind, fractal
    from gen_jax.draw.texture.lattice import perlin, value
    from gen_jax.draw.texture.simplex import simplex
    from gen_jax.draw.texture.warp import warp
    from gen_jax.draw.texture.worley import Cells, worley

    def laid(seed: jax.Array, scale: jax.Array) -> Lattice:
        return lattice(Field(seed, size, size, tile=True, most_octaves=6), scale)

    def octaves(basis: AnyBasis, kind: Kind = "fbm", warped: bool = False) -> Callable[..., jax.Array]:
        def draw(seed: jax.Array, scale: jax.Array, count: jax.Array, roughness: jax.Array) -> jax.Array:
            cells = laid(seed, scale)
            if warped:
                one = jnp.ones_like(count)
                cells = warp(cells, seed, strength=one, octaves=one, most_octaves=1, roughness=one)
            return fractal(basis, cells, seed, kind=kind, octaves=count, most_octaves=6, roughness=roughness)

        return draw

    def around(pick: Callable[[Cells], jax.Array]) -> Callable[..., jax.Array]:
        def draw(seed: jax.Array, scale: jax.Array, count: jax.Array, roughness: jax.Array) -> jax.Array:
            return pick(worley(laid(seed, 4.0 * scale), seed, metric="euclidean", jitter=jnp.ones_like(scale)))

        return draw

    def finished(draw: Callable[..., jax.Array], *arguments: jax.Array) -> jax.Array:
        return draw(*arguments).block_until_ready()

    drawings = {
        "perlin": octaves(perlin),
        "simplex": octaves(simplex),
        "value": octaves(value),
        "ridged": octaves(perlin, "ridged"),
        "warped": octaves(perlin, warped=True),
        "cells": around(lambda cells: cells.f1),
        "borders": around(lambda cells: cells.f2 - cells.f1),
    }
    works: dict[tuple[str, int], Work] = {}
    for row, draw in drawings.items():
        for count in (1, 8):
            seed = jnp.arange(count, dtype=jnp.uint32)[:, None, None]
            numbers = [jnp.full((count, 1, 1), number, jnp.float32) for number in (4.0, 6.0, 0.5)]
            works[row, count] = functools.partial(finished, jax.jit(draw), seed, *numbers)
    return works


def our_logos(size: int) -> dict[tuple[str, int], Work]:
    """Return what gen_jax does for logos."""
    from gen_jax.draw.logo.raster import raster

    scenes = _scenes()
    return {("logos", count): lambda count=count: raster(scenes[:count], size=size) for count in (1, 8)}


def _scenes() -> list[Any]:
    from gen_jax.draw.logo.design import scene_of
    from gen_jax.draw.logo.parameters import logo_parameters

    return [scene_of(logo_parameters(seed, layout="mark")) for seed in range(8)]


def fastnoise(size: int) -> dict[tuple[str, int], Work]:
    """Return what pyfastnoiselite does."""
    from pyfastnoiselite import pyfastnoiselite as fast

    columns, rows = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    places = np.stack([columns.ravel(), rows.ravel()])

    def generator(kind: str, cells: int, seed: int, **settings: Any) -> Any:
        made = fast.FastNoiseLite(seed)
        made.noise_type = getattr(fast.NoiseType, f"NoiseType_{kind}")
        made.frequency = cells / size
        for name, setting in settings.items():
            setattr(made, name, setting)
        return made

    fractal = fast.FractalType
    six = {"fractal_octaves": 6, "fractal_type": fractal.FractalType_FBm}
    nearest, border = (
        getattr(fast.CellularReturnType, f"CellularReturnType_{name}") for name in ("Distance", "Distance2Sub")
    )
    settings: dict[str, dict[str, Any]] = {
        "perlin": {"kind": "Perlin", "cells": 4, **six},
        "simplex": {"kind": "OpenSimplex2", "cells": 4, **six},
        "value": {"kind": "Value", "cells": 4, **six},
        "ridged": {"kind": "Perlin", "cells": 4, **six, "fractal_type": fractal.FractalType_Ridged},
        "cells": {"kind": "Cellular", "cells": 16, "cellular_return_type": nearest},
        "borders": {"kind": "Cellular", "cells": 16, "cellular_return_type": border},
    }
    works: dict[tuple[str, int], Work] = {}
    for row, setting in settings.items():
        made = [generator(seed=seed, **setting) for seed in range(8)]
        for count in (1, 8):
            works[row, count] = lambda made=made[:count]: [each.gen_from_coords(places) for each in made]
    return works


def noise_package(size: int) -> dict[tuple[str, int], Work]:
    """Return what `noise` does: a call a pixel."""
    import noise

    def draw(call: Callable[..., float], **repeats: int) -> np.ndarray:
        step = 4.0 / size
        pixels = [call(x * step, y * step, octaves=6, **repeats) for y in range(size) for x in range(size)]
        return np.array(pixels, np.float32)

    return {
        ("perlin", 1): lambda: draw(noise.pnoise2, repeatx=4, repeaty=4),
        ("simplex", 1): lambda: draw(noise.snoise2),
    }


def resvg(size: int) -> dict[tuple[str, int], Work]:
    """Return what resvg does with our SVG files."""
    import resvg_py

    from gen_jax.draw.logo.svg import svg

    texts = [svg(scene) for scene in _scenes()]
    draw = lambda text: resvg_py.svg_to_bytes(svg_string=text, width=size, height=size, skip_system_fonts=True)  # noqa: E731
    return {("logos", count): lambda count=count: [draw(text) for text in texts[:count]] for count in (1, 8)}


def cairo(size: int) -> dict[tuple[str, int], Work]:
    """Return what cairosvg does with our SVG files."""
    import cairosvg

    from gen_jax.draw.logo.svg import svg

    texts = [svg(scene).encode() for scene in _scenes()]
    draw = lambda text: cairosvg.svg2png(text, output_width=size, output_height=size)  # noqa: E731
    return {("logos", count): lambda count=count: [draw(text) for text in texts[:count]] for count in (1, 8)}


LIBRARIES: dict[str, tuple[Callable[[int], dict[tuple[str, int], Work]], ...]] = {
    "gen_jax": (ours, our_logos),
    "pyfastnoiselite": (fastnoise,),
    "noise": (noise_package,),
    "resvg_py": (resvg,),
    "cairosvg": (cairo,),
}


def prepared(size: int) -> tuple[dict[str, dict[tuple[str, int], Work]], dict[str, str]]:
    """Return the work and the version of every library that is installed."""
    works: dict[str, dict[tuple[str, int], Work]] = {}
    versions = {name: metadata.version(name) for name in ("jax", "numpy")}
    for name, makers in LIBRARIES.items():
        try:
            works[name] = {cell: work for make in makers for cell, work in make(size).items()}
        except (ImportError, OSError) as error:  # OSError: cairosvg without the cairo library
            print(f"{name}: left out ({error})", file=sys.stderr)
            continue
        if name != "gen_jax":
            versions[name] = metadata.version(name)
    return works, versions


def measured(works: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return seconds a round of every library; the first call, which compiles, is not among them."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    slow = set()
    for number in range(rounds + 1):
        for name, work in works.items():
            if name in slow:
                continue
            start = time.perf_counter()
            work()
            spent = time.perf_counter() - start
            if number or (spent > SLOW and name != "gen_jax"):
                seconds[name].append(spent)
            if spent > SLOW and name != "gen_jax":
                slow.add(name)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--core", type=int, help="which core; left out, the last one")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # before jax starts its threads
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0)) if options.core is None else options.core})
    works, versions = prepared(options.size)
    figures: dict[str, Any] = {"machine": platform.platform(), "versions": versions, "size": options.size, "rows": {}}
    print(f"MPix/s at {options.size}x{options.size} on one core, median (best) of {options.rounds} rounds")
    print(f"{'':<10}{'pictures':>9}" + "".join(f"{name:>20}" for name in works) + f"{'x best peer':>14}")
    for row in options.rows.split(","):
        for count in (1, 8):
            able = {name: cells[row, count] for name, cells in works.items() if (row, count) in cells}
            seconds = measured(able, options.rounds)
            pixels = count * options.size**2 / 1e6
            speeds = {name: (pixels / statistics.median(each), pixels / min(each)) for name, each in seconds.items()}
            cells = "".join(
                f"{'{:.1f} ({:.1f})'.format(*speeds[name]) if name in speeds else '':>20}" for name in works
            )
            peers = [speed for name, (speed, _) in speeds.items() if name != "gen_jax"]
            ratio = f"{speeds['gen_jax'][0] / max(peers):.1f}" if peers else ""
            print(f"{row:<10}{count:>9}{cells}{ratio:>14}", flush=True)
            figures["rows"][f"{row}, {count}"] = {name: seconds[name] for name in seconds}
    for row in options.rows.split(","):
        print(f"  {row:<10}{ROWS[row]}")
    print(json.dumps(versions))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
