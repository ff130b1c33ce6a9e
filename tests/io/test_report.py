"""The report stands alone, shows what there is, and never shows a number that is not there."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.images import save_image
from gen_jax.io.report import render_report, write_report
from gen_jax.io.report.charts import Curve, arrange, chart, collect
from gen_jax.io.report.films import film
from gen_jax.io.report.scales import axis, short, smooth, thin, wants_log
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import JsonlWriter


@pytest.fixture
def run(tmp_path):
    run = RunDirectory(tmp_path / "a<b")
    run.create()
    return run


def _metrics(run, lines, **scalars):
    writer = JsonlWriter(run.metrics, None)
    for number in range(1, lines + 1):
        writer.write(number * 640, {name: value(number / lines) for name, value in scalars.items()})
    writer.close()


class _Page(HTMLParser):
    """Collects the tags and the text, and every address that a browser would ask for."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words, self.addresses = [], [], []
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "data")]

    def handle_data(self, data):
        self.words.append(data)


def test_page_stands_alone_and_shows_the_run(run):
    run.write_config({"name": "x", "train": {"images": 12800, "batch": 64}, "model": {"kind": "dcgan", "width": 32}})
    _metrics(
        run,
        20,
        **{"loss/gen": lambda t: 1 + t, "loss/disc": lambda t: 1 - t / 2, "perf/images_per_second": lambda t: 2350.0},
    )
    for images in (640, 12800):
        save_image(run.sample_path(images), np.full((60, 60, 1), 99, np.uint8))
    page = write_report(run).read_text()
    parsed = _Page(page)
    assert parsed.addresses and all(address.startswith("data:image/") for address in parsed.addresses)
    assert re.findall(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", page) == []
    assert "a<b finished" in parsed.text and "12.8k of 12.8k" in parsed.text
    assert "loss/gen 2 " in parsed.text and "loss/disc 0.5" in parsed.text and "2.35k images/s" in parsed.text
    assert "dcgan" in parsed.text and "width 32" in parsed.text
    assert run.report.is_file()


def test_page_needs_nothing_but_one_line_of_metrics(run):
    _metrics(run, 1, **{"loss/gen": lambda t: 0.5})
    parsed = _Page(render_report(run))
    assert [tag for tag, _ in parsed.tags].count("circle") == 1
    assert "Samples" not in parsed.text and "Configuration" not in parsed.text


def test_a_run_on_its_way_says_how_far_it_is(run):
    run.write_config({"train": {"images": 6400}})
    _metrics(run, 3, **{"loss/gen": lambda t: t})
    assert "30 % done" in _Page(render_report(run)).text


def test_without_metrics_it_is_one_line(run):
    with pytest.raises(UserError, match=r"metrics\.jsonl has no metrics yet: train a while"):
        render_report(run)


def test_numbers_that_are_none_break_the_curve_but_not_the_page(run):
    values = [1.0, 2.0, float("nan"), float("inf"), 3.0, 4.0]
    writer = JsonlWriter(run.metrics, None)
    for number, value in enumerate(values):
        writer.write(number, {"loss/gen": value, "loss/dead": float("nan")})
    writer.close()
    page = render_report(run)
    (path,) = re.findall(r'<path class="c0" d="([^"]*)"', page)
    assert path.count("M") == 2 and path.count("L") == 2
    assert "nan" not in path.lower() and "inf" not in path and "loss/dead" not in page
    (data,) = [attributes["data-curves"] for _, attributes in _Page(page).tags if "data-curves" in attributes]
    assert json.loads(data)["curves"][0]["y"] == ["1", "2", None, "∞", "3", "4"]


def test_skipped_updates_are_counted_and_marked(run):
    run.write_config({"train": {"images": 6400, "batch": 64}})
    _metrics(run, 10, **{"loss/gen": lambda t: t, "health/skipped_gen": lambda t: 0.3 if t == 0.5 else 0.0})
    parsed = _Page(render_report(run))
    assert "updates skipped 3" in parsed.text  # 0.3 of the ten steps of one interval
    assert [attributes.get("class") for tag, attributes in parsed.tags if tag == "line"].count("mark") == 2


def test_curves_share_a_chart_only_where_one_scale_shows_them():
    def curve(name, size):
        return Curve(name, [1, 2], [size, size / 2])

    curves = [curve("loss/gen", 1.0), curve("loss/disc", 2.0), curve("loss/path", 500.0), curve("bare", 1.0)]
    curves += [curve("perf/ms_per_step", 3.0), curve("perf/images_per_second", 4.0)]
    groups = arrange({each.name: each for each in curves})
    names = {group: [[each.name for each in chart] for chart in members] for group, members in groups.items()}
    assert names == {
        "loss": [["loss/gen", "loss/disc"], ["loss/path"]],
        "other": [["bare"]],
        "perf": [["perf/ms_per_step"], ["perf/images_per_second"]],
    }


def test_points_lie_where_the_axes_say():
    figure = chart([Curve("loss/gen", [0, 500, 1000], [0.0, 1.0, 4.0])])
    (path,) = re.findall(r' d="([^"]*)"', figure)
    points = [tuple(map(float, pair.split())) for pair in re.split("[ML]", path)[1:]]
    ticks = {
        (float(x), float(y)): text
        for x, y, text in re.findall(r"<text x=([\d.]+) y=([\d.]+)[^>]*>([^<]+)</text>", figure)
    }
    heights = {text: y for (x, y), text in ticks.items() if x < points[0][0]}
    assert [points[0][1], points[1][1], points[2][1]] == [heights["0"], heights["1"], heights["4"]]
    across = {text: x for (x, y), text in ticks.items() if y > heights["0"]}
    assert [points[0][0], points[2][0]] == [across["0"], across["1k"]]
    assert points[1][0] == (points[0][0] + points[2][0]) / 2


def test_long_runs_are_thinned():
    curve = Curve("loss/gen", list(range(50_000)), list(np.sin(np.arange(50_000.0))))
    assert len(chart([curve])) < 60_000
    assert thin(range(100), 5) == [0, 25, 50, 74, 99] and thin([3, 4], 5) == [3, 4] and thin([3, 4], 1) == [4]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12800, "12.8k"),
        (999_999, "1M"),
        (0.03125, "0.0312"),
        (3.1e-5, "3.1e−5"),
        (-2, "−2"),
        (1e-12, "1e−12"),
    ],
)
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_axes_hold_the_values_on_round_ticks():
    for values in ([0.13, 0.87], [-3.0, 17.0], [5.0], [0.0], [1e-7, 3e-7], [-1.0, -0.5], [1234.0, 98765.0]):
        found = axis(values)
        assert found.low <= min(values) and max(values) <= found.high and 3 <= len(found.ticks) <= 9
        assert all(0 <= found.place(value) <= 1 for value in values)
    found = axis([0.002, 70.0], log=True)
    assert found.ticks == (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0) and found.place(1.0) == pytest.approx(0.6)
    assert wants_log([1e-3, 1e-2, 0.1, 1, 10]) and not wants_log([1, 2, 3]) and not wants_log([-1, 1e5])


def test_smoothing_keeps_a_constant_and_a_straight_line_and_steps_over_nan():
    assert smooth([3.0] * 5, 0.9) == pytest.approx([3.0] * 5)
    line = list(np.arange(101.0))
    assert smooth(line, 0.8)[50] == pytest.approx(50.0)
    assert np.isnan(smooth([1.0, float("nan"), 1.0], 0.5)).tolist() == [False, True, False]


def test_film_has_every_grid_once_and_the_last_on_stage(tmp_path):
    grids = {}
    for images in (0, 100, 200):
        grids[images] = tmp_path / f"samples-{images}.png"
        save_image(grids[images], np.full((40, 30, 3), images, np.uint8))
    (tmp_path / "torn.png").write_bytes(b"\x89PNG torn")
    grids[300] = tmp_path / "torn.png"
    parsed = _Page(film("samples", grids))
    pictures = [attributes for tag, attributes in parsed.tags if tag == "img"]
    assert [attributes["alt"] for attributes in pictures][1:] == [
        f"samples at {images} images" for images in (0, 100, 200)
    ]
    assert pictures[0]["src"] == pictures[-1]["src"]
    decoded = [Image.open(io.BytesIO(base64.b64decode(a["src"].partition(",")[2]))) for a in pictures]
    assert [abs(np.asarray(image).mean() - level) < 3 for image, level in zip(decoded, (200, 0, 100, 200), strict=True)]
    assert film("samples", {300: tmp_path / "torn.png"}) == ""


def test_film_keeps_to_its_budget_and_says_so(tmp_path):
    rng = np.random.default_rng(0)
    grids = {images: tmp_path / f"samples-{images}.png" for images in range(12)}
    for path in grids.values():
        save_image(path, rng.integers(0, 256, (900, 900, 3), np.uint8))
    page = film("samples", grids, budget=500_000)
    assert len(page) < 4 / 3 * 500_000 + 5000
    frames = [attributes["alt"] for tag, attributes in _Page(page).tags if tag == "img"][1:]
    assert 1 <= len(frames) < 12 and frames[-1] == "samples at 11 images"
    assert f"{len(frames)} of 12 grids" in page


def test_collect_keeps_the_order_of_names():
    curves = collect([{"images": 1, "b": 1.0}, {"images": 2, "b": 2.0, "a": 3.0}])
    assert list(curves) == ["b", "a"] and curves["b"] == Curve("b", [1, 2], [1.0, 2.0])
