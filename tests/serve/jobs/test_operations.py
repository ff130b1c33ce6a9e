"""What GET /operations says is what requests may say."""

from __future__ import annotations

import json

import pytest

from gen_jax.draw.logo.letters import FONTS
from gen_jax.draw.logo.marks.catalog import FAMILIES
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.presets import PRESETS
from gen_jax.edit.operation import OPERATIONS
from gen_jax.serve.jobs.operations import describe, edits_schema

DESCRIBED = describe()


def test_everything_that_there_is_is_named() -> None:
    assert DESCRIBED["edits"].keys() == OPERATIONS.keys()
    assert DESCRIBED["materials"].keys() == PRESETS.keys()
    assert DESCRIBED["textures"].keys() == TEXTURES.keys()
    assert DESCRIBED["logos"]["families"].keys() == FAMILIES.keys()
    assert DESCRIBED["logos"]["fonts"].keys() == FONTS.keys()


def test_it_is_json_with_a_story_and_ranges() -> None:
    known = json.loads(json.dumps(DESCRIBED, allow_nan=False))
    opacity = known["edits"]["watermark"]["schema"]["properties"]["opacity"]
    assert (opacity["minimum"], opacity["maximum"]) == (0, 1)
    assert known["edits"]["rotate"]["story"] == "Turn counter-clockwise as displayed."
    assert known["textures"]["brick"]["parameters"]["relief"]["minimum"] == 0
    assert known["logos"]["families"]["rosette"]["parameters"]["petals"] == {
        "type": "integer", "minimum": 3, "maximum": 9
    }  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "parameter"), [("Paste", "image"), ("Blend", "other"), ("MatchHistogram", "reference")]
)
def test_a_picture_is_described_as_a_name(edit: str, parameter: str) -> None:
    schema = edits_schema()
    assert "name of a picture" in schema["$defs"][edit]["properties"][parameter]["description"]
    assert "path" not in json.dumps(schema["$defs"][edit]["properties"][parameter])
