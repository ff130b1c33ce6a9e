"""Evaluations as one self-contained HTML page: a table, and bars that compare the subjects metric by metric."""

from __future__ import annotations

import datetime
import html
import math
from collections.abc import Sequence

from gen_jax.evaluate.report import best_of, heads, number
from gen_jax.evaluate.result import Evaluation, Result
from gen_jax.io.report.assets import STYLE

WIDTH, BAR, GAP, LABEL = 420, 18, 8, 150
_COLORS = 6

_MORE_STYLE = """
.compare { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 14px; }
.compare text { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums; }
.compare rect { fill: var(--c); } .compare .base { stroke: var(--ink); stroke-dasharray: 3 3; }
.numbers td { text-align: right; } .numbers td:first-child, .numbers th:first-child { text-align: left; }
.numbers th { text-align: right; padding: 4px 16px 4px 0; font-weight: 600; }
.best { color: var(--good); font-weight: 600; }
.numbers { overflow-x: auto; display: block; }
"""


def render(evaluations: Sequence[Evaluation], *, title: str = "Evaluation", compare: bool = True) -> str:
    """Return the page; it opens in any browser, without a network. ``compare`` marks the best of each line."""
    keys = list(dict.fromkeys(result.key for evaluation in evaluations for result in evaluation.results))
    lines = {key: [_find(evaluation, key) for evaluation in evaluations] for key in keys}
    names = heads(evaluations)
    charts = "".join(_bars(names, results) for results in lines.values())
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} – gen_jax</title><style>{STYLE}{_MORE_STYLE}</style></head><body>"
        f"<header><h1>{html.escape(title)}</h1></header>{_table(names, lines, compare)}"
        f"<h2>Side by side</h2><p class=note>Dashed: what held-out real images score.</p>"
        f"<div class=compare>{charts}</div>{_conditions(evaluations)}"
        f"<footer>Drawn by <code>gen-jax</code> on {datetime.datetime.now():%Y-%m-%d %H:%M}.</footer>"
        "</body></html>\n"
    )


def _find(evaluation: Evaluation, key: str) -> Result | None:
    return next((result for result in evaluation.results if result.key == key), None)


def _table(names: Sequence[str], lines: dict[str, list[Result | None]], compare: bool) -> str:
    heads = "".join(f"<th>{html.escape(name)}" for name in names)
    rows = [f"<tr><th>metric{heads}<th>held-out images<th>better"]
    for results in lines.values():
        first = next(result for result in results if result is not None)
        best = best_of(results) if compare else None
        cells = "".join(
            f"<td{' class=best' if place == best else ''}>{_value(result)}" for place, result in enumerate(results)
        )
        base = "–" if first.baseline is None else number(first.baseline)
        rows.append(f"<tr><td>{html.escape(first.name)}{cells}<td>{base}<td>{first.better}")
    return f"<table class=numbers>{''.join(rows)}</table>"


def _value(result: Result | None) -> str:
    if result is None:
        return "–"
    spread = f" ± {number(result.spread)}" if result.spread is not None else ""
    return f"{number(result.value)}{spread}"


def _bars(names: Sequence[str], results: Sequence[Result | None]) -> str:
    """Return one metric as bars from zero; the dashed line is what held-out images score."""
    there = [(name, result) for name, result in zip(names, results, strict=True) if result is not None]
    first = there[0][1]
    values = [result.value for _, result in there] + [0.0] + ([first.baseline] if first.baseline is not None else [])
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    span = (high - low) or 1.0
    plot = WIDTH - LABEL - 70

    def x(value: float) -> float:
        return LABEL + (value - low) / span * plot

    height = len(there) * (BAR + GAP) + GAP
    parts = []
    for place, (name, result) in enumerate(there):
        top = GAP + place * (BAR + GAP)
        if math.isfinite(result.value):
            left, right = sorted((x(0.0), x(result.value)))
            shape = f"x={left:.1f} y={top} width={max(right - left, 1):.1f} height={BAR}"
            parts.append(f'<rect class="c{place % _COLORS}" {shape} />')
        label = name if len(name) <= 20 else f"…{name[-19:]}"
        end = x(max(result.value, 0.0)) if math.isfinite(result.value) else LABEL
        parts.append(f"<text x=0 y={top + 13}>{html.escape(label)}</text>")
        parts.append(f"<text x={end + 5:.1f} y={top + 13}>{number(result.value)}</text>")
    if first.baseline is not None and math.isfinite(first.baseline):
        at = f"{x(first.baseline):.1f}"
        parts.append(f"<line class=base x1={at} x2={at} y1=0 y2={height} />")
    return (
        f"<figure class=chart><figcaption><h3>{html.escape(first.name)} ({first.better})</h3></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role=img aria-label="{html.escape(first.name)}">{"".join(parts)}</svg>'
        "</figure>"
    )


def _conditions(evaluations: Sequence[Evaluation]) -> str:
    """Return under which conditions each number was measured."""
    blocks = []
    for evaluation in evaluations:
        rows = "".join(
            f"<tr><td>{html.escape(role.replace('_', '-'))}<td>{html.escape(_set_words(entry))}"
            for role, entry in evaluation.sets.items()
        )
        measured = "".join(
            f"<tr><td>{html.escape(r.name)}<td>{html.escape(_result_words(r))}" for r in evaluation.results
        )
        machine = ", ".join(f"{name} {value}" for name, value in evaluation.environment.items())
        rows += f"<tr><td>time<td>{evaluation.seconds:.1f} s<tr><td>environment<td>{html.escape(machine)}"
        blocks.append(
            f"<details><summary>{html.escape(evaluation.subject)}</summary><table>{rows}{measured}</table></details>"
        )
    return f"<h2>Conditions</h2>{''.join(blocks)}"


def _set_words(entry: dict) -> str:
    height, width, channels = entry["image_shape"]
    return f"{entry['name']}, {entry['split']}, {entry['count']:,} images of {width}x{height}x{channels}"


def _result_words(result: Result) -> str:
    against = f"against {result.num_reference:,} of {result.reference}, {result.split}" if result.reference else ""
    parts = [
        number(result.value),
        f"{result.num_generated:,} images",
        against,
        f"features {result.features}, resize {result.resize}" if result.features else "",
        f"seed {result.seed}",
        result.note,
    ]
    return "; ".join(part for part in parts if part)
