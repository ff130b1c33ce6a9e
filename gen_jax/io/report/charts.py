"""Curves as inline SVG, one figure a chart; the page's script adds the values under the pointer."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gen_jax.io.report.scales import Axis, axis, short, smooth, thin, wants_log

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 10, 26
MOST_POINTS = 600
_COLORS = 6
# Their members have different units, so each gets a chart of its own.
_APART = ("perf", "schedule", "health")
# Smoothing would blur what is exact.
_EXACT = ("schedule", "health")


class Curve(NamedTuple):
    """One scalar over the run."""

    name: str
    images: list[int]
    values: list[float]


def collect(metrics: Sequence[Mapping[str, float]]) -> dict[str, Curve]:
    """Gather the lines of ``metrics.jsonl`` into curves, by name, in the order in which names appear."""
    curves: dict[str, Curve] = {}
    for line in metrics:
        for name, value in line.items():
            if name != "images":
                curve = curves.setdefault(name, Curve(name, [], []))
                curve.images.append(int(line["images"]))
                curve.values.append(float(value))
    return curves


def arrange(curves: Mapping[str, Curve]) -> dict[str, list[list[Curve]]]:
    """Sort curves into groups by the part of the name before ``/``, and each group into charts.

    Curves of a group share a chart where one scale shows them all.
    """
    groups: dict[str, list[Curve]] = {}
    for curve in curves.values():
        if any(math.isfinite(value) for value in curve.values):
            groups.setdefault(curve.name.rpartition("/")[0] or "other", []).append(curve)
    return {name: _split(name, members) for name, members in groups.items()}


def chart(curves: Sequence[Curve], *, title: str = "", marks: Sequence[int] = ()) -> str:
    """Return one figure: the measured values faint, their moving average on top, a legend, and the data as JSON.

    ``marks`` are moments, in images, that get a red line at the foot of the chart.
    """
    curves = [_thinned(curve) for curve in curves]
    finite = [value for curve in curves for value in curve.values if math.isfinite(value)]
    log = wants_log(finite)
    vertical = axis(_without_outliers(finite) if not log else finite, log=log)
    horizontal = _images_axis([images for curve in curves for images in curve.images])
    lines = "".join(_line(curve, number, horizontal, vertical) for number, curve in enumerate(curves))
    data = {
        "low": horizontal.low,
        "high": horizontal.high,
        "curves": [
            {"x": curve.images, "y": [None if math.isnan(v) else short(v) for v in curve.values]} for curve in curves
        ],
    }
    scale = "<span class=scale>log scale</span>" if log else ""
    return (
        f"<figure class=chart data-curves='{html.escape(json.dumps(data, separators=(',', ':')), quote=True)}'>"
        f"<figcaption>{_heading(title)}{_legend(curves)}{scale}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role=img aria-label="{html.escape(_title(curves))}">'
        f"{_grid(horizontal, vertical)}<g clip-path=url(#plot)>{lines}</g>{_marks(marks, horizontal)}"
        f"<line class=cursor y1={TOP} y2={HEIGHT - BOTTOM} x1=0 x2=0 visibility=hidden /></svg></figure>"
    )


def definitions() -> str:
    """Return what all charts refer to: the rectangle that curves are clipped to."""
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return (
        f"<svg width=0 height=0 class=hidden aria-hidden=true><clipPath id=plot>"
        f"<rect x={LEFT} y={TOP - 2} width={width} height={height + 4} /></clipPath></svg>"
    )


def _split(group: str, members: list[Curve]) -> list[list[Curve]]:
    if group in _APART:
        return [[curve] for curve in members]
    charts: list[list[Curve]] = []
    for curve in members:
        fitting = next((other for other in charts if len(other) < _COLORS and _comparable(other[0], curve)), None)
        if fitting is None:
            charts.append([curve])
        else:
            fitting.append(curve)
    return charts


def _comparable(one: Curve, other: Curve) -> bool:
    sizes = [max(abs(value) for value in curve.values if math.isfinite(value)) for curve in (one, other)]
    return max(sizes) <= 30 * min(sizes)


def _thinned(curve: Curve) -> Curve:
    rows = thin(range(len(curve.values)), MOST_POINTS)
    return Curve(curve.name, [curve.images[row] for row in rows], [curve.values[row] for row in rows])


def _without_outliers(values: list[float]) -> list[float]:
    """Leave out spikes that would flatten the rest; they run off the chart."""
    ordered = sorted(values)
    if len(ordered) < 40:
        return ordered
    low, high = ordered[len(ordered) // 50], ordered[-1 - len(ordered) // 50]
    reach = 2 * (high - low)
    if reach == 0:
        return ordered
    return [value for value in ordered if low - reach <= value <= high + reach]


def _images_axis(images: Sequence[int]) -> Axis:
    first, high = min(images), max(*images, 1)
    span = axis([0 if first < high / 3 or first == high else first, high], ticks=5)
    return Axis(span.low, high, False, tuple(tick for tick in span.ticks if tick <= high))


def _line(curve: Curve, number: int, horizontal: Axis, vertical: Axis) -> str:
    classes = f"c{number % _COLORS}"
    finite = sum(math.isfinite(value) for value in curve.values)
    if finite == 1:
        place = next(row for row, value in enumerate(curve.values) if math.isfinite(value))
        x, y = _point(curve.images[place], curve.values[place], horizontal, vertical)
        return f'<circle class="{classes}" cx={x} cy={y} r=3 />'
    if finite <= 20 or curve.name.startswith(_EXACT):
        return f'<path class="{classes}" d="{_path(curve.images, curve.values, horizontal, vertical)}"/>'
    averaged = _averaged(curve.values, 1 - 1 / max(2.0, finite / 30), log=vertical.log)
    return (
        f'<path class="{classes} raw" d="{_path(curve.images, curve.values, horizontal, vertical)}"/>'
        f'<path class="{classes}" d="{_path(curve.images, averaged, horizontal, vertical)}"/>'
    )


def _averaged(values: list[float], weight: float, *, log: bool) -> list[float]:
    """Average as the eye does: on a log scale, the logarithms."""
    if not log:
        return smooth(values, weight)
    return [math.exp(value) for value in smooth([math.log(v) if v > 0 else math.nan for v in values], weight)]


def _marks(marks: Sequence[int], horizontal: Axis) -> str:
    bottom = HEIGHT - BOTTOM
    places = sorted({f"{LEFT + horizontal.place(images) * (WIDTH - LEFT - RIGHT):.0f}" for images in marks})
    return "".join(f"<line class=mark x1={x} x2={x} y1={bottom - 7} y2={bottom} />" for x in places)


def _heading(title: str) -> str:
    return f"<h3>{html.escape(title)}</h3>" if title else ""


def _path(images: Sequence[int], values: Sequence[float], horizontal: Axis, vertical: Axis) -> str:
    parts, pen = [], "M"
    for image, value in zip(images, values, strict=True):
        if not math.isfinite(value):
            pen = "M"
            continue
        x, y = _point(image, value, horizontal, vertical)
        parts.append(f"{pen}{x} {y}")
        pen = "L"
    return "".join(parts)


def _point(image: float, value: float, horizontal: Axis, vertical: Axis) -> tuple[str, str]:
    x = LEFT + horizontal.place(image) * (WIDTH - LEFT - RIGHT)
    # A spike far off the chart keeps its direction; an absurd coordinate would not draw.
    up = min(max(vertical.place(value), -5.0), 5.0)
    return f"{x:.1f}", f"{HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM):.1f}"


def _grid(horizontal: Axis, vertical: Axis) -> str:
    parts = []
    for tick in vertical.ticks:
        _, y = _point(0, tick, horizontal, vertical)
        zero = " class=zero" if tick == 0 and vertical.low < 0 else ""
        parts.append(f"<line{zero} x1={LEFT} x2={WIDTH - RIGHT} y1={y} y2={y} />")
        parts.append(f'<text x={LEFT - 7} y={y} dy=".32em" text-anchor=end>{short(tick, 6)}</text>')
    for tick in horizontal.ticks:
        x, _ = _point(tick, vertical.low, horizontal, vertical)
        anchor = "end" if float(x) > WIDTH - RIGHT - 14 else "middle"
        parts.append(f"<text x={x} y={HEIGHT - BOTTOM + 17} text-anchor={anchor}>{short(tick, 6)}</text>")
    return f"<g class=grid>{''.join(parts)}</g>"


def _legend(curves: Sequence[Curve]) -> str:
    return "".join(
        f'<span class="key c{number % _COLORS}"><i></i>{html.escape(curve.name)} '
        f"<b>{short(curve.values[-1])}</b></span>"
        for number, curve in enumerate(curves)
    )


def _title(curves: Sequence[Curve]) -> str:
    return ", ".join(curve.name for curve in curves) + " over images seen"
