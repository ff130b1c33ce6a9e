"""Evaluations as people read them: a table in the terminal, one column a subject."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gen_jax.evaluate.result import Evaluation, Result


def table(evaluations: Sequence[Evaluation], *, compare: bool = True) -> str:
    """Return a readable table: what was measured on what, then a line a metric, a column a subject.

    Args:
      evaluations: at least one.
      compare: mark the best of each line with a star, where there are several.
    """
    keys = list(dict.fromkeys(result.key for evaluation in evaluations for result in evaluation.results))
    found = [{result.key: result for result in evaluation.results} for evaluation in evaluations]
    names = heads(evaluations) if len(evaluations) > 1 else ["value"]
    rows = [["metric", *names, "held-out images", "better"]]
    for key in keys:
        results = [results.get(key) for results in found]
        first = next(result for result in results if result is not None)
        best = best_of(results) if compare else None
        cells = [_cell(result, starred=number == best) for number, result in enumerate(results)]
        rows.append([first.name, *cells, _baseline(first), first.better])
    about = [line for evaluation in evaluations for line in _about(evaluation)]
    notes = dict.fromkeys(
        f"{result.name}: {result.note}" for evaluation in evaluations for result in evaluation.results if result.note
    )
    return "\n".join([*dict.fromkeys(about), "", *_aligned(rows), "", *notes]).rstrip()


def best_of(results: Sequence[Result | None]) -> int | None:
    """Return which of several results of one metric is best; None where that cannot be said."""
    there = {number: result for number, result in enumerate(results) if result and math.isfinite(result.value)}
    if len(there) < 2:
        return None
    first = next(iter(there.values()))
    if first.better == "lower":
        return min(there, key=lambda number: there[number].value)
    if first.better == "higher":
        return max(there, key=lambda number: there[number].value)
    if first.better == "near baseline" and all(result.baseline is not None for result in there.values()):
        return min(there, key=lambda number: abs(there[number].value - (there[number].baseline or 0.0)))
    return None


def number(value: float) -> str:
    """Return a value in four significant digits, without an exponent where people would not write one."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        digits = 4 - 1 - (math.floor(math.log10(abs(value))) if value else 0)
        return f"{value:,.{min(max(digits, 0), 6)}f}"
    return f"{value:.3g}"


def heads(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return the shortest ends of the names that tell the subjects apart."""
    names = [evaluation.subject.rstrip("/") for evaluation in evaluations]
    for parts in range(1, 6):
        short = ["/".join(name.split("/")[-parts:]) for name in names]
        if len(set(short)) == len(short):
            return short
    return names


def _cell(result: Result | None, *, starred: bool) -> str:
    if result is None:
        return "–"
    spread = f" ± {number(result.spread)}" if result.spread is not None else ""
    return f"{number(result.value)}{spread}{' *' if starred else ''}"


def _baseline(result: Result) -> str:
    if result.baseline is None:
        return "–"
    return (
        f"{number(result.baseline)} (N={result.baseline_count:,})" if result.baseline_count else number(result.baseline)
    )


def _about(evaluation: Evaluation) -> list[str]:
    roles = {
        role: f"{entry['name']}, {entry['split']}, N={entry['count']:,}" for role, entry in evaluation.sets.items()
    }
    lines = [f"{role.replace('_', '-'):10} {text}" for role, text in roles.items()]
    features = next((result for result in evaluation.results if result.features), None)
    if features is not None:
        lines.append(f"{'features':10} {features.features}, resize: {features.resize}, seed {features.seed}")
    return lines


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    last = len(widths) - 1
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]
