"""Our own rules: a good file of each kind passes, and each small change of it is caught at its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_jax.azure.complaint import dotted
from gen_jax.azure.documents import read
from gen_jax.azure.kinds import kind_of
from gen_jax.azure.rules import ADVICE, RULES
from tests.azure.changes import CHANGES
from tests.azure.samples import KINDS, write_samples

pytest.importorskip("azure.ai.ml")

EACH_CHANGE = [(name, *change) for name, changes in CHANGES.items() for change in changes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("azure")
    write_samples(path)
    return path


def found(path: Path, *, rules=RULES) -> dict[str, str]:
    """Return what our rules say of a file: key -> reasons."""
    document = read(path)
    findings = list(document.findings)
    kind = kind_of(document.data)
    for rule in rules if kind is not None else ():
        findings += rule(document, kind)
    reasons: dict[str, str] = {}
    for finding in findings:
        reasons[dotted(finding.key)] = f"{reasons.get(dotted(finding.key), '')} {finding.reason}"
    return reasons


@pytest.mark.parametrize("name", KINDS)
def test_a_good_file_passes(name, folder):
    assert found(folder / name) == {}


@pytest.mark.parametrize(("name", "before", "after", "key", "reason"), EACH_CHANGE)
def test_a_change_for_the_worse_is_caught_at_its_key(name, before, after, key, reason, folder):
    text = (folder / name).read_text()
    assert before in text
    changed = folder / f"changed_{name}"
    changed.write_text(text.replace(before, after, 1))
    try:
        reasons = found(changed)
    finally:
        changed.unlink()
    assert reason in reasons.get(key, ""), reasons
    if key == "syntax":
        assert len(reasons) == 1


@pytest.mark.parametrize(
    ("name", "before", "after", "key"),
    [
        ("job.yml", "azureml:gen-jax-train:1", "azureml:gen-jax-train@latest", "environment"),
        ("job.yml", "_instance: 1", "_instance: 4", "distribution.process_count_per_instance"),
        ("deployment.yml", "gen-jax-serve:1.0", "gen-jax-serve:latest", "environment.image"),
        ("endpoint.yml", "auth_mode: aad_token", "auth_mode: key", "auth_mode"),
        ("compute.yml", "min_instances: 0", "min_instances: 1", "min_instances"),
        ("job.yml", "name: train-digits-1", "name: train-digits-2", "name"),
        ("compute.yml", "size: Standard_NC24ads_A100_v4\n", "", "size"),
    ],
)  # fmt: skip
def test_what_works_and_could_be_better_is_said_as_advice_alone(name, before, after, key, folder):
    changed = folder / f"changed_{name}"
    changed.write_text((folder / name).read_text().replace(before, after, 1))
    assert key not in found(changed)
    assert key in found(changed, rules=ADVICE)
    changed.unlink()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("job.yml", 'NCCL_DEBUG: "INFO"', "API_TOKEN: ${{inputs.epochs}}"),
        ("job.yml", 'NCCL_DEBUG: "INFO"', 'MAX_TOKENS: "512"'),
        ("job.yml", 'NCCL_DEBUG: "INFO"', "TOKENIZERS_PARALLELISM: 'true'"),
        ("job.yml", 'NCCL_DEBUG: "INFO"', "KEY_VAULT_URL: https://names.vault.azure.net"),
        ("job.yml", 'NCCL_DEBUG: "INFO"', "UAI_CLIENT_ID: 6f1b2c3d-1111-2222-3333-444455556666"),
        ("job.yml", 'NCCL_DEBUG: "INFO"', "XLA_FLAGS: --xla_gpu_deterministic_ops=true"),
        ("job.yml", "azureml:gen-jax-train:1", "azureml://registries/azureml/environments/sklearn-1.5/versions/3"),
        ("job.yml", "azureml:digits:1", "wasbs://datasets@examples.blob.core.windows.net/digits"),
        ("job.yml", "compute: azureml:gpu-cluster", "compute: gpu-cluster"),
        ("job.yml", "paths/runs/first", "paths/${{name}}/${{output_name}}"),
        ("job.yml", "exec python", "set -e; export HOME=${HOME:-.}; echo $((1 + 1)) {a,b}; exec python"),
        ("endpoint.yml", "blue: 100", "blue: 0"),
        ("endpoint.yml", "traffic:\n  blue: 100\n", ""),
        ("schedule.yml", "30 2 * * 1-5", "*/15 0-6,22 1 * mon"),
    ],
)
def test_what_is_meant_so_is_no_alarm(name, before, after, folder):
    changed = folder / f"changed_{name}"
    assert before in (folder / name).read_text()
    changed.write_text((folder / name).read_text().replace(before, after, 1))
    assert found(changed) == {}
    changed.unlink()
