"""Programs are kept on disk, small ones where that is asked for, and no more than allowed."""

import jax
import pytest

from gen_jax.compilation import keep_at_most, keep_programs


@pytest.fixture(autouse=True)
def as_before():
    names = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = {name: getattr(jax.config, name) for name in names}
    yield
    for name, value in before.items():
        jax.config.update(name, value)


def test_the_folder_is_named_by_its_whole_path(tmp_path, monkeypatch):
    """JAX finds programs by it, so that a relative one would be another folder's elsewhere."""
    monkeypatch.chdir(tmp_path)
    keep_programs("programs", least_seconds=0.0)
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "programs")
    assert jax.config.jax_persistent_cache_min_compile_time_secs == 0.0
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "other"))
    keep_programs()
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "other")


@pytest.mark.parametrize(("allowed", "keeps"), [(21, True), (20, False)])
def test_a_full_folder_takes_no_more(tmp_path, allowed, keeps):
    keep_programs(str(tmp_path), least_seconds=0.0)
    for name in ("a-cache", "b-cache"):
        (tmp_path / name).write_bytes(bytes(10))
    keep_at_most(allowed)
    assert (jax.config.jax_persistent_cache_min_compile_time_secs == 0.0) == keeps


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path):
    keep_programs(str(tmp_path / "absent"), least_seconds=0.0)
    keep_at_most(1)
    assert jax.config.jax_persistent_cache_min_compile_time_secs == 0.0
