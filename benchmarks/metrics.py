"""How fast are the measures, against torch-fidelity, prdc and scikit-image, and do the numbers agree?

    python benchmarks/metrics.py [--rounds 5] [--rows frechet,prdc] [--share 0.1] [--json FILE]

Arrays in memory to the number, on the same cores. The libraries take turns; the median round counts, after one call
that compiles and warms up. "ratio" is the time of gen_jax over the peer's in the same run, "apart" the largest
difference of the values over the largest of them. A library that is not installed is left out;
`pip install torch torch-fidelity prdc scikit-image` brings them. --share makes the inputs smaller, for a quick look.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gen_jax

ROWS = ("frechet", "kernel", "prdc", "precision_recall", "ssim", "extract")
PEERS = ("torch-fidelity", "torch", "prdc", "scikit-image", "numpy", "jax")
REST = 0.3
"""Seconds; threads of the library before spin for a while after their work."""


def timed(work: Callable[[], list[float]]) -> tuple[float, list[float]]:
    """Return the seconds and the values of one call."""
    time.sleep(REST)
    start = time.perf_counter()
    values = work()
    return time.perf_counter() - start, values


def measure(sides: dict[str, Callable[[], list[float]]], rounds: int) -> dict[str, dict[str, Any]]:
    """Return for each library the first call, the seconds of each round and the values."""
    first = {name: timed(work) for name, work in sides.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            seconds[name].append(timed(work)[0])
    return {name: {"first_call": first[name][0], "seconds": seconds[name], "values": first[name][1]} for name in sides}


def apart(values: list[float], others: list[float]) -> float:
    """Return the largest difference, over the largest value."""
    return max(abs(a - b) for a, b in zip(values, others, strict=True)) / max(map(abs, others))


def show(story: str, cells: dict[str, dict[str, Any]]) -> None:
    """Print one row: seconds, and the ratio to each peer."""
    print(f"\n{story}")
    ours = cells.get("gen_jax")
    for name, cell in cells.items():
        median = statistics.median(cell["seconds"])
        values = ", ".join(f"{value:.6g}" for value in cell["values"])
        line = f"  {name:<20}{median:>9.2f} s  (first {cell['first_call']:.2f} s)  {values}"
        if ours is not None and name != "gen_jax":
            cell["ratio"] = statistics.median(ours["seconds"]) / median
            cell["apart"] = apart(ours["values"], cell["values"])
            line += f"   ratio {cell['ratio']:.2f}, apart {cell['apart']:.1e}"
        if "images" in cell:
            line += f"   {cell['images'] / median:.1f} images/s"
        print(line, flush=True)


def versions() -> dict[str, str]:
    """Return the versions of what is installed."""
    found = {"gen_jax": gen_jax.__version__}
    for name in PEERS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            print(f"{name}: left out (not installed)", file=sys.stderr)
    return found


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--share", type=float, default=1.0, help="of the samples of each row")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    figures: dict[str, Any] = {"device": jax.devices()[0].device_kind, "machine": platform.platform()}
    figures |= {"share": options.share, "versions": versions(), "rows": {}}
    print(f"{figures['device']}, {options.rounds} rounds, share {options.share:g}, {json.dumps(figures['versions'])}")
    for row in options.rows.split(","):
        case = importlib.import_module(f"benchmarks.metric_cases.{row}")
        cells = measure(case.sides(options.share), options.rounds)
        for cell in cells.values():
            if hasattr(case, "images"):
                cell["images"] = case.images(options.share)
        show(case.STORY, cells)
        figures["rows"][row] = cells
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
