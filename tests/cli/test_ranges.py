"""Lists of numbers as people write them."""

import pytest

from gen_jax.cli.ranges import parse_numbers
from gen_jax.errors import UserError


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("7", (7,)), ("0-3", (0, 1, 2, 3)), ("0-2,42", (0, 1, 2, 42)), (" 5 , 3-3", (5, 3)), ("4294967295", (2**32 - 1,))],
)
def test_numbers_and_ranges_are_read_in_their_order(text, numbers):
    assert parse_numbers(text, option="seeds") == numbers


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "--seeds : '' is no number or range"),
        ("1,,2", "'' is no number"),
        ("a-3", "'a-3' is no number or range; write it like 0-15,42"),
        ("-3", "'-3' is no number"),
        ("9-4", "9-4 runs backwards; write 4-9"),
        ("4294967296", "4294967296 is too large; the largest is 4294967295"),
        ("0-4000000000", "more than 1,000,000 numbers"),
    ],
)
def test_anything_else_is_refused_in_one_line(text, complaint):
    with pytest.raises(UserError, match=complaint) as error:
        parse_numbers(text, option="seeds")
    assert "\n" not in str(error.value)
