"""Counts of images as people write them."""

import dataclasses

import hypothesis
import hypothesis.strategies as st
import pydantic
import pytest
import tyro

from gen_jax.counts import ImageCount, format_count, parse_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("200k", 200_000),
        ("200K", 200_000),
        ("1.5M", 1_500_000),
        ("25M", 25_000_000),
        ("64_000", 64_000),
        ("0.5k", 500),
        ("2G", 2_000_000_000),
        (" 3 k ", 3_000),
        ("0", 0),
        ("1.000", 1),
        ("0.1234567M", None),
        (64, 64),
        (0, 0),
    ],
)
def test_a_count_is_read_as_it_is_written(text, count):
    if count is None:
        with pytest.raises(ValueError, match="must be whole"):
            parse_count(text)
    else:
        assert parse_count(text) == count


@pytest.mark.parametrize(
    "text", ["", "k", "-5", "-1k", -1, "1e6", "12x", "1,000", "k2", ".5k", True, 2.5, 1e6, None, []]
)
def test_what_is_not_a_count_is_refused_and_shown(text):
    with pytest.raises(ValueError, match=r"whole number such as 64000, 200k or 25M, not ") as caught:
        parse_count(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["0.5", "1.5", "0.0001k", "1.2345k"])
def test_part_of_an_image_is_refused(text):
    with pytest.raises(ValueError, match="must be whole"):
        parse_count(text)


@hypothesis.given(st.integers(min_value=0, max_value=2**40))
def test_what_is_written_reads_back_the_same(count):
    assert parse_count(format_count(count)) == count


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (200_000, "200k"), (25_000_000, "25M"), (1_500_000, "1500k"), (1_001, "1001")],
)
def test_a_count_is_written_the_short_way(count, text):
    assert format_count(count) == text


@dataclasses.dataclass(frozen=True)
class Length:
    images: ImageCount = 64_000


def test_the_command_line_and_json_read_the_same_counts():
    assert tyro.cli(Length, args=["--images", "1.5M"]) == Length(1_500_000)
    assert pydantic.TypeAdapter(Length).validate_json('{"images": "1.5M"}') == Length(1_500_000)
    assert pydantic.TypeAdapter(Length).validate_json('{"images": 200}') == Length(200)
    with pytest.raises(pydantic.ValidationError, match="whole number such as"):
        pydantic.TypeAdapter(Length).validate_json('{"images": 2.5}')


def test_a_bad_count_on_the_command_line_ends_with_code_2(capsys):
    with pytest.raises(SystemExit) as caught:
        tyro.cli(Length, args=["--images", "many"])
    assert caught.value.code == 2
    assert "whole number" in capsys.readouterr().err
