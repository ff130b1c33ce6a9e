"""Tables and pages of evaluations: every number once, the best marked, folds averaged."""

import dataclasses
import re

import numpy as np
import pytest

from gen_jax.evaluate import page, report
from gen_jax.evaluate.folds import mean_of
from gen_jax.evaluate.result import Evaluation, Result

FD = Result(
    key="fd",
    name="Frechet distance",
    value=12.345,
    better="lower",
    baseline=3.2,
    baseline_count=2000,
    features="pixels-00",
    resize="none",
    num_generated=100,
    note="a note",
)
C_T = Result(key="c_t", name="C_T", value=-8.0, better="near baseline", baseline=0.5)


def evaluation(subject: str, *results: Result) -> Evaluation:
    known = {"generated": {"name": subject, "split": "generated", "count": 100, "image_shape": [8, 8, 1]}}
    return Evaluation(subject=subject, images_seen=None, results=results, sets=known, seconds=1.0)


def test_a_table_says_the_value_what_held_out_images_score_and_the_conditions():
    text = report.table([evaluation("runs/a", FD)])
    [line] = [line for line in text.splitlines() if line.startswith("Frechet distance  ")]
    assert line.split() == ["Frechet", "distance", "12.35", "3.200", "(N=2,000)", "lower"]
    assert "pixels-00, resize: none, seed 0" in text and "N=100" in text and "a note" in text


def test_a_comparison_marks_the_best_by_the_direction_of_each_metric():
    better = dataclasses.replace(FD, value=4.0)
    honest = dataclasses.replace(C_T, value=1.0)
    text = report.table([evaluation("runs/a", FD, C_T), evaluation("runs/b", better, honest)])
    lines = text.splitlines()
    assert re.search(
        r"Frechet distance\s+12\.35\s+4\.000 \*", next(line for line in lines if line.startswith("Frechet distance  "))
    )
    assert re.search(r"-8\.000\s+1\.000 \*", next(line for line in lines if line.startswith("C_T")))


def test_a_metric_that_a_subject_lacks_is_a_dash():
    text = report.table([evaluation("runs/a", FD), evaluation("runs/b", C_T)])
    assert re.search(r"C_T\s+–\s+-8\.000", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (1234.5, "1,234"),
        (0.01234, "0.01234"),
        (3.1e-7, "3.1e-07"),
        (float("nan"), "nan"),
        (98.76, "98.76"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert report.number(value) == text


def test_subjects_are_called_by_the_shortest_ends_that_differ():
    text = report.table([evaluation("runs/a/best", FD), evaluation("runs/b/best", FD)])
    assert "a/best" in text and "b/best" in text and "runs/a" not in text.split("metric")[1].splitlines()[0]


def test_the_mean_over_folds_is_that_of_numpy_and_skips_what_a_fold_lacks():
    values = [3.0, 5.0, 10.0]
    folds = [evaluation(f"fold {n}", dataclasses.replace(FD, value=v)) for n, v in enumerate(values)]
    folds[0] = dataclasses.replace(folds[0], results=(*folds[0].results, C_T))
    mean = mean_of(folds)
    [result] = mean.results
    assert result.value == np.mean(values) and result.spread == pytest.approx(np.std(values, ddof=1))
    assert result.baseline == pytest.approx(3.2)
    assert mean_of(folds[:1]).results[0].spread is None


def test_the_page_needs_no_network_and_escapes_names():
    html = page.render([evaluation("<b>x</b>", FD), evaluation("runs/b", dataclasses.replace(FD, value=float("inf")))])
    assert "<b>x</b>" not in html and "&lt;b&gt;" in html
    assert not re.search(r"(src|href)=.?https?:", html)
    assert html.count("<rect") == 1  # what is not finite has no bar
