"""The settings of a service from the environment of its process."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_jax.errors import UserError
from gen_jax.serve.settings import Settings, settings_from


def test_an_empty_environment_gives_the_defaults() -> None:
    assert settings_from({}) == Settings()


def test_fields_are_read_at_every_depth() -> None:
    settings = settings_from({"GEN_JAX_SERVE": '{"runs": ["a=runs/a"], "limits": {"images": 8}, "wait": 0.1}'})
    assert settings.runs == ("a=runs/a",)
    assert settings.limits.images == 8
    assert settings.wait == 0.1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "JSON"),
        ('{"bach": 1}', "GEN_JAX_SERVE.bach"),
        ('{"limits": {"image": 1}}', "GEN_JAX_SERVE.limits.image"),
        ('{"batch": 0}', "batch is 0; it must be 1 or more"),
        ('{"limits": {"pixels": -1}}', "limits.pixels is -1; it must be above 0"),
        ("[]", "GEN_JAX_SERVE"),
    ],
)
def test_a_wrong_field_is_named_in_one_line(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        settings_from({"GEN_JAX_SERVE": text})
    assert "\n" not in str(caught.value)


def test_the_folder_of_a_registered_model_names_its_runs(tmp_path: Path) -> None:
    for name in ("b", "nested/a"):
        (tmp_path / name / "checkpoints").mkdir(parents=True)
        (tmp_path / name / "config.json").write_text("{}")
    found = settings_from({"AZUREML_MODEL_DIR": str(tmp_path)}).runs
    assert [Path(run).name for run in found] == ["b", "a"]
    named = settings_from({"AZUREML_MODEL_DIR": str(tmp_path), "GEN_JAX_SERVE": '{"runs": ["other"]}'})
    assert named.runs == ("other",)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no run"):
        settings_from({"AZUREML_MODEL_DIR": str(tmp_path)})
