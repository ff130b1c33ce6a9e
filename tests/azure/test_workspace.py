"""Which workspace is meant: options before variables before a file in a folder above."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen_jax.azure.workspace import WorkspaceName, WorkspaceOptions, find_workspace
from gen_jax.errors import UserError

FILE = {"subscription_id": "s-file", "resource_group": "g-file", "workspace_name": "w-file"}


def test_an_option_goes_before_a_variable_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(FILE))
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    (here / "config.json").write_text(json.dumps({"model": {"kind": "dcgan"}}))  # a run's own, which names no workspace
    found = find_workspace(
        WorkspaceOptions(workspace="w-option"), environment={"AZUREML_ARM_RESOURCEGROUP": "g-variable"}, start=here
    )
    assert found == WorkspaceName(subscription="s-file", resource_group="g-variable", workspace="w-option")


def test_what_is_missing_is_one_line_that_says_what_to_give(tmp_path: Path) -> None:
    environment = {"AZURE_SUBSCRIPTION_ID": "s"}
    with pytest.raises(UserError, match=r"--resource-group .*--workspace .*config\.json") as caught:
        find_workspace(WorkspaceOptions(), environment=environment, start=tmp_path)
    assert "--subscription" not in str(caught.value)
