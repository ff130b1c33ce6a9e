"""The parameters of logos: drawn by a rule that any language can repeat, kept as JSON."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import inspect
import json
from fractions import Fraction
from typing import Any

import pytest

from gen_jax.draw.logo import chance
from gen_jax.draw.logo.marks.catalog import FAMILIES
from gen_jax.draw.logo.palette import Palette
from gen_jax.draw.logo.parameters import (
    Container,
    LogoParameters,
    from_json,
    initials_of,
    logo_parameters,
    to_json,
)
from gen_jax.errors import UserError

SAMPLE = [logo_parameters(seed, family=family) for seed, family in enumerate(FAMILIES)]


def test_a_draw_is_the_first_53_bits_of_sha_256() -> None:
    digest = hashlib.sha256(b"Acme:7/mark/rosette/petals").hexdigest()
    bits = f"{int(digest, 16):0256b}"[:53]
    assert Fraction(chance.unit("Acme:7", "mark/rosette/petals")) == Fraction(int(bits, 2), 2**53)


def test_a_parameter_follows_from_its_draw_alone() -> None:
    made = logo_parameters(7, text="Acme", family="rosette")
    draw = chance.unit("Acme:7", "mark/rosette/petals")
    assert made.mark.petals == 3 + int(draw * 7)  # type: ignore[union-attr]
    variants = ("light", "light", "light", "dark", "dark")  # weights 3 to 2
    assert made.variant == variants[int(chance.unit("Acme:7", "variant") * 5)]


def test_draws_are_uniform_and_choices_keep_their_odds() -> None:
    units = [chance.unit("seed", f"path {index}") for index in range(4000)]
    assert abs(sum(units) / 4000 - 0.5) < 4 * (1 / 12 / 4000) ** 0.5
    picked = [chance.choice("seed", f"path {index}", "ab", (3.0, 1.0)) for index in range(4000)]
    assert abs(picked.count("a") / 4000 - 0.75) < 4 * (0.75 * 0.25 / 4000) ** 0.5
    wholes = [chance.whole("seed", f"path {index}", 2, 4) for index in range(500)]
    assert set(wholes) == {2, 3, 4}


def test_the_same_seed_and_text_are_the_same_logo_and_others_are_not() -> None:
    assert logo_parameters(3, text="Acme") == logo_parameters(3, text=" Acme ")
    assert to_json(logo_parameters("3"))["mark"] == to_json(logo_parameters(3))["mark"]
    made = [logo_parameters(3, text=text) for text in ("Acme", "Acne", "ACME")]
    assert len({json.dumps(to_json(one)["palette"]) for one in made}) == 3


@pytest.mark.parametrize(
    "given",
    [
        {"family": "cube"},
        {"layout": "horizontal"},
        {"mark": {"kind": "rosette", "petals": 5}},
        {"scheme": "triadic"},
        {"padding": 0.2},
        {"font": "fraunces"},
    ],
    ids=str,
)
def test_what_is_given_moves_nothing_else(given: dict[str, Any]) -> None:
    touched = {"family": {"mark", "layout"}, "scheme": {"palette"}}.get(next(iter(given)), set(given))
    touched |= {"layout"} if "mark" in given else set()  # some families are put into no badge
    before, after = (to_json(logo_parameters(5, text="Acme", **more)) for more in ({}, given))
    assert {name for name in before if before[name] != after[name]} <= touched


def test_a_given_parameter_of_a_mark_leaves_the_others() -> None:
    before = logo_parameters(5, family="rosette")
    after = logo_parameters(5, family="rosette", mark={"petals": 7})
    assert after.mark == dataclasses.replace(before.mark, petals=7)  # type: ignore[call-arg]


@pytest.mark.parametrize("made", SAMPLE, ids=lambda made: made.family)
def test_json_gives_the_same_parameters_back(made: LogoParameters) -> None:
    assert from_json(json.loads(json.dumps(to_json(made))), where="file") == made


def changed(path: str, value: Any) -> dict[str, Any]:
    data = json.loads(json.dumps(to_json(logo_parameters(1, family="rosette"))))
    *places, last = path.split(".")
    inner = data
    for place in places:
        inner = inner[place]
    inner[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mark.petals", 99),
        ("mark.petals", "many"),
        ("mark.colour", 1),
        ("mark.kind", "rosete"),
        ("variant", "bright"),
        ("padding", 0.6),
        ("background", "no colour"),
        ("palette.light", ["#000000", "#111111"]),
        ("palette.dark", ["#000000", "#111111", "?"]),
        ("font", "comic"),
        ("initials", "ABCD"),
        ("layout", "wordmark"),
        ("new", 1),
    ],
)
def test_json_that_is_not_allowed_is_named_in_one_line(path: str, value: Any) -> None:
    with pytest.raises(UserError) as caught:
        from_json(changed(path, value), where="logo.json")
    assert "\n" not in str(caught.value)
    assert path.split(".")[-1] in str(caught.value) or str(value) in str(caught.value)


def test_json_with_a_missing_parameter_or_of_another_kind_is_refused() -> None:
    data = to_json(logo_parameters(1))
    del data["palette"]
    with pytest.raises(UserError, match=r"logo\.json: palette"):
        from_json(data, where="logo.json")
    with pytest.raises(UserError, match=r"logo\.json"):
        from_json([1, 2], where="logo.json")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"famly": "cube"}, "family"),
        ({"family": "rosete"}, "rosette"),
        ({"mark": {"kind": "rosette", "petal": 3}}, "petals"),
        ({"mark": 3}, "mark is 3"),
        ({"scheme": "monochrome"}, "mono"),
        ({"hue": "red"}, "hue is 'red'"),
        ({"layout": "stacked"}, "stacked"),
        ({"text": "  "}, "text"),
        ({"text": "日本"}, "日"),
        ({"padding": float("nan")}, "padding"),
    ],
    ids=str,
)
def test_a_mistake_is_named_in_one_line(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError) as caught:
        logo_parameters(0, **given)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("Northwind", "N"),
        ("Blue Harbor", "BH"),
        ("Kestrel & Sons Ltd of York", "KSL"),
        ("zoë's", "ZS"),
        ("7-Eleven", "7E"),
        ("ßtraße", "S"),
        ("&", "&"),
    ],
)
def test_initials_are_the_first_letters_of_the_words(text: str, initials: str) -> None:
    assert initials_of(text) == initials


def test_any_text_that_the_font_holds_is_set_and_initials_are_drawn_without_one() -> None:
    for text in ("Ærøskøbing", "Łódź & Söhne", "Ñandú 42!", "x"):
        assert logo_parameters(1, text=text).text == text
    assert all(1 <= len(logo_parameters(seed).initials) <= 2 for seed in range(20))


@pytest.mark.parametrize("kind", [LogoParameters, Container, Palette, *FAMILIES.values()], ids=lambda k: k.__name__)
def test_every_parameter_is_documented(kind: type) -> None:
    [tree] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id != "kind":
            assert isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant), node.target.id
