"""Why a GPU job is on the CPU, told from the facts, in one line with its remedy."""

import pytest

from gen_jax.doctor.verdict import check_expectation, complaint
from gen_jax.errors import UserError

CPU = [{"platform": "cpu", "kind": "cpu", "memory_bytes": None}]
GPU = {"platform": "gpu", "kind": "NVIDIA H100 80GB HBM3", "memory_bytes": 85_899_345_920}
ONE_GPU = {"name": "NVIDIA H100 80GB HBM3", "memory_mib": "81559"}


def facts(**changes):
    """A GPU machine whose jax runs on the CPU for no reason that can be seen."""
    return {
        "devices": CPU,
        "versions": {"jaxlib": "0.10.2", "jax-cuda12-plugin": "0.10.2"},
        "driver": {"version": "535.216.03", "cuda": "12.2", "gpus": [ONE_GPU]},
        "environment": {},
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"environment": {"CUDA_VISIBLE_DEVICES": ""}}, "CUDA_VISIBLE_DEVICES='' hides all GPUs; unset it"),
        ({"environment": {"CUDA_VISIBLE_DEVICES": "-1"}}, "CUDA_VISIBLE_DEVICES='-1' hides all GPUs; unset it"),
        ({"environment": {"JAX_PLATFORMS": "cpu"}}, "JAX_PLATFORMS=cpu asks for no GPU; unset it"),
        ({"driver": {"unread": "there is no nvidia-smi"}}, "no NVIDIA driver (there is no nvidia-smi); take a GPU"),
        ({"driver": {"version": "", "cuda": "", "gpus": []}}, "no NVIDIA driver (nvidia-smi lists no GPU)"),
        ({"versions": {"jaxlib": "0.10.2"}}, "jax has no CUDA plugin; pip install 'jax[cuda12]'"),
        (
            {"versions": {}, "driver": {"version": "580.65", "cuda": "13.0", "gpus": [ONE_GPU]}},
            "jax has no CUDA plugin; pip install 'jax[cuda13]'",
        ),
        (
            {"driver": {"version": "470.57.02", "cuda": "11.4", "gpus": [ONE_GPU]}},
            "driver 470.57.02 is too old for CUDA 12, which needs 525.60.13",
        ),
        (
            {"versions": {"jaxlib": "0.10.2", "jax-cuda13-plugin": "0.10.2"}},
            "which needs 580; take an image or machine with a newer driver, or pip install 'jax[cuda12]' instead",
        ),
        (
            {"versions": {"jaxlib": "0.10.2", "jax-cuda12-plugin": "0.9.0"}},
            "jax-cuda12-plugin 0.9.0 does not fit jaxlib 0.10.2; pip install -U 'jax[cuda12]'",
        ),
        (
            {"environment": {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64"}},
            "LD_LIBRARY_PATH=/usr/local/cuda/lib64 puts other CUDA libraries before those of jax; unset it",
        ),
        ({}, "to see what jax says"),
    ],
)
def test_the_reason_for_no_gpu_comes_with_its_remedy(changes, remedy):
    line = complaint(facts(**changes), "gpu")
    assert line.startswith("a GPU was expected and jax runs on the CPU: ")
    assert remedy in line and "\n" not in line


def test_where_jax_finds_nothing_at_all_its_own_words_are_told():
    line = complaint(facts(devices={"unread": "Unable to initialize backend 'cuda'"}), "2")
    assert line == "2 GPUs were expected and jax finds no device: jax says: Unable to initialize backend 'cuda'"


def test_an_expected_machine_is_no_complaint():
    assert complaint(facts(devices=[GPU]), "gpu") is None
    assert complaint(facts(devices=[GPU] * 4), "4") is None
    assert complaint(facts(), "cpu") is None


def test_another_number_of_gpus_is_a_complaint():
    line = complaint(facts(devices=[GPU]), "4")
    assert line == (
        "4 GPUs were expected and jax sees 1: this machine has 1 by its driver; take another machine size, "
        "or correct --expect"
    )
    hidden = facts(devices=[GPU], environment={"CUDA_VISIBLE_DEVICES": "0"})
    assert "CUDA_VISIBLE_DEVICES=0 chooses among the 1" in complaint(hidden, "2")
    assert "set JAX_PLATFORMS=cpu" in complaint(facts(devices=[GPU]), "cpu")


@pytest.mark.parametrize("expect", ["tpu", "0", "-1", "1.5", ""])
def test_an_expectation_that_is_none_is_refused(expect):
    with pytest.raises(UserError, match=r"--expect .*: must be gpu, cpu, or how many GPUs"):
        check_expectation(expect)
