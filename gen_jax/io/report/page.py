"""Put the report together: headline, films, curves, configuration."""

from __future__ import annotations

import datetime
import html
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.report import charts, films
from gen_jax.io.report.assets import SCRIPT, STYLE
from gen_jax.io.report.scales import short
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import read_metrics

_ORDER = (
    "eval",
    "loss",
    "elbo",
    "diversity",
    "logits",
    "ada",
    "penalty",
    "path_length",
    "health",
    "grad_norm",
    "param_norm",
    "schedule",
    "perf",
)
_SECTIONS = {"eval": "Evaluation", "perf": "Throughput", "schedule": "Schedules"}
_TITLES = {
    "eval": "Evaluation",
    "loss": "Losses",
    "elbo": "Evidence lower bound",
    "diversity": "Diversity of a batch (ratio and classes: 1 is as in real images, towards 0 is a collapse)",
    "logits": "Discriminator logits",
    "ada": "Augmentation: probability p, and mean sign r_t of the logits of real images",
    "path_length": "Path length",
    "penalty": "Penalties",
    "health": "Skipped updates",
    "grad_norm": "Gradient norms",
    "param_norm": "Parameter norms",
    "schedule": "Schedules",
    "perf": "Throughput",
}


def write_report(run: RunDirectory, path: Path | None = None) -> Path:
    """Draw the report of ``run`` into one HTML file (``report.html`` of the run) and return its path.

    Raises:
      UserError: there are no metrics yet.
    """
    path = path or run.report
    page = render_report(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, page)
    return path


def render_report(run: RunDirectory) -> str:
    """Return the page; it needs ``metrics.jsonl`` and takes what else there is."""
    metrics = read_metrics(run.metrics)
    if not metrics:
        raise UserError(f"{run.metrics} has no metrics yet: train a while, then run the command again")
    config, environment = _optional_json(run.config), _optional_json(run.environment)
    name = html.escape(run.name)
    body = [
        _header(run, metrics, config),
        _tiles(metrics, config, environment),
        _films(run),
        *_curves(metrics),
        _tables(config, _optional_json(run.data), environment),
        f"<footer>Drawn by <code>gen-jax report</code> on {datetime.datetime.now():%Y-%m-%d %H:%M}.</footer>",
    ]
    plot = charts.WIDTH - charts.LEFT - charts.RIGHT
    constants = f"const WIDTH = {charts.WIDTH}, LEFT = {charts.LEFT}, PLOT = {plot};"
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>{name} – gen_jax</title><style>{STYLE}</style></head><body>"
        f"{charts.definitions()}{''.join(body)}<script>{constants}{SCRIPT}</script></body></html>\n"
    )


def _header(run: RunDirectory, metrics: Sequence[Mapping[str, float]], config: Mapping[str, Any]) -> str:
    images, total = int(metrics[-1]["images"]), config.get("train", {}).get("images")
    kinds = [config.get(part, {}).get("kind") for part in ("model", "objective", "data")]
    about = " · ".join(str(kind) for kind in kinds if kind)
    written = datetime.datetime.fromtimestamp(run.metrics.stat().st_mtime)
    share = min(1.0, images / total) if total else None
    done = share is not None and share >= 1
    bar = ""
    if share is None:
        status = f"{short(images)} images"
    elif done:
        status = "finished"
    else:
        status = f"{math.floor(100 * share)} % done"
        bar = f"<div class=progress><i style='width:{100 * share:.1f}%'></i></div>"
    return (
        f"<header><h1>{html.escape(run.name)}</h1><span class='status{' done' if done else ''}'>{status}</span>"
        f"<p>{html.escape(about)}{' · ' if about else ''}last measured {written:%Y-%m-%d %H:%M}</p>{bar}</header>"
    )


def _tiles(metrics: Sequence[Mapping[str, float]], config: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    curves = charts.collect(metrics)
    tiles = [_tile("images seen", short(metrics[-1]["images"]), _of_total(config))]
    for name, label, unit in (
        ("perf/images_per_second", "speed", "images/s"),
        ("perf/ms_per_step", "a step", "ms"),
        ("perf/flops_per_second", "achieved", "FLOP/s"),
        ("perf/data_wait_share", "waiting for data", "%"),
        ("perf/peak_memory_gib", "peak memory", "GiB"),
        ("perf/hours", "training time", "h"),
    ):
        value = _headline(curves, name)
        if value is not None:
            tiles.append(_tile(label, short(100 * value if unit == "%" else value), unit))
    skipped = _skipped(curves, config)
    if skipped is not None:
        tiles.append(_tile("updates skipped", short(skipped), ""))
    if "device" in environment:
        tiles.append(_tile("device", str(environment["device"]), "", words=True))
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _headline(curves: Mapping[str, charts.Curve], name: str) -> float | None:
    """Return the middle value of a rate (the first interval includes compiling), the largest of a peak or a sum."""
    values = sorted(value for value in curves[name].values if math.isfinite(value)) if name in curves else []
    if not values:
        return None
    return values[-1] if name in ("perf/peak_memory_gib", "perf/hours") else values[len(values) // 2]


def _skipped(curves: Mapping[str, charts.Curve], config: Mapping[str, Any]) -> float | None:
    """Return how many updates were skipped: each line has the share of its interval's updates."""
    chosen = _skips(curves)
    batch = config.get("train", {}).get("batch")
    if not chosen or not batch:
        return None
    total = 0.0
    for curve in chosen:
        starts = [0, *curve.images[:-1]]
        steps = [(end - start) / batch for start, end in zip(starts, curve.images, strict=True)]
        total += sum(share * count for share, count in zip(curve.values, steps, strict=True) if math.isfinite(share))
    return round(total)


def _skips(curves: Mapping[str, charts.Curve]) -> list[charts.Curve]:
    return [curve for name, curve in curves.items() if name.startswith("health/skipped")]


def _of_total(config: Mapping[str, Any]) -> str:
    total = config.get("train", {}).get("images")
    return f"of {short(total)}" if total else ""


def _tile(label: str, value: str, unit: str, *, words: bool = False) -> str:
    small = f"<small>{html.escape(unit)}</small>" if unit else ""
    kind = " words" if words else ""
    return f"<div class='tile{kind}'><span>{html.escape(label)}</span><b>{html.escape(value)}</b>{small}</div>"


def _films(run: RunDirectory) -> str:
    grids = run.sample_paths()
    names = sorted(grids, key=lambda name: (name != "samples", name))
    parts = [films.film(name, grids[name], budget=films.BUDGET // len(names)) for name in names]
    return f"<h2>Samples</h2><div class=films>{''.join(parts)}</div>" if any(parts) else ""


def _curves(metrics: Sequence[Mapping[str, float]]) -> list[str]:
    curves = charts.collect(metrics)
    marks = [at for curve in _skips(curves) for at, share in zip(curve.images, curve.values, strict=True) if share > 0]
    # A chart that says zero all along says nothing.
    shown = {name: c for name, c in curves.items() if not name.startswith("health/") or any(v != 0 for v in c.values)}
    sections: dict[str, str] = {}
    groups = charts.arrange(shown)
    for group in sorted(groups, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)):
        section = _SECTIONS.get(group, "Training")
        for members in groups[group]:
            title = "" if section == _TITLES.get(group) else _TITLES.get(group, group)
            drawn = charts.chart(members, title=title, marks=marks if section == "Training" else ())
            sections[section] = sections.get(section, "") + drawn
    note = "<p class=note>Red lines at the foot of a chart: updates were skipped there.</p>" if marks else ""
    return [
        f"<h2>{name}</h2>{note if name == 'Training' else ''}<div class=charts>{sections[name]}</div>"
        for name in ("Evaluation", "Training", "Throughput", "Schedules")
        if name in sections
    ]


def _tables(config: Mapping[str, Any], data: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    flat = {name: value for name, value in config.items() if not isinstance(value, Mapping)}
    parts = [("experiment", flat)] if flat else []
    parts += [(name, value) for name, value in config.items() if isinstance(value, Mapping)]
    parts += [(name, value) for name, value in (("data set", data), ("environment", environment)) if value]
    rendered = "".join(_table(name, values) for name, values in parts)
    return f"<h2>Configuration</h2>{rendered}" if rendered else ""


def _table(name: str, values: Mapping[str, Any]) -> str:
    rows = "".join(f"<tr><td>{html.escape(key)}<td>{html.escape(text)}" for key, text in _flatten(values))
    kind = f"<span>{html.escape(str(values['kind']))}</span>" if "kind" in values else ""
    return f"<details><summary>{html.escape(name)}{kind}</summary><table>{rows}</table></details>"


def _flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            rows.append((prefix + key, ", ".join(str(item) for item in value) or "none"))
        else:
            text = "–" if value is None else f"{value:,}" if type(value) is int else str(value)
            rows.append((prefix + key, text))
    return rows


def _optional_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
