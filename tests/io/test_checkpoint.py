"""Checkpoints come back bit for bit, and a damaged one is never taken for a sound one."""

import json
import logging
import shutil

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gen_jax.errors import RunError, UserError
from gen_jax.io import manifest
from gen_jax.io.checkpoint import Checkpoints, list_checkpoints, restore_item


@flax.struct.dataclass
class Moments:
    mean: jax.Array
    count: jax.Array


def _items(seed=0):
    keys = jax.random.split(jax.random.key(seed), 3)
    params = {
        "dense": {"kernel": jax.random.normal(keys[0], (16, 8)), "bias": jnp.arange(8, dtype=jnp.bfloat16) / 7},
        "table": jax.random.randint(keys[1], (5, 4), 0, 255).astype(jnp.uint8),
        "flag": jnp.array([True, False]),
    }
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))
    return {
        "params": params,
        "ema": jax.tree.map(lambda x: x, params),
        "opt_state": optimizer.init(params),
        "stats": {"moments": Moments(jax.random.normal(keys[2], (3,)), jnp.int32(seed + 5)), "none": {}},
        "empty": {},
        "progress": {"step": np.int64(2**40 + seed), "images": 12800, "share": 0.25, "best": np.float32(seed + 0.5)},
    }


def _template(items):
    def abstract(leaf):
        if isinstance(leaf, jax.Array):
            return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding)
        return leaf

    return jax.tree.map(abstract, items)


def _assert_equal(found, expected):
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert np.asarray(one).dtype == np.asarray(other).dtype
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def _save(directory, *steps, **options):
    with Checkpoints(directory, keep_last=10, **options) as checkpoints:
        for images in steps:
            checkpoints.save(images, _items(images), {"config": {"seed": images}})


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two sound checkpoints, to copy."""
    directory = tmp_path_factory.mktemp("two") / "checkpoints"
    _save(directory, 100, 200)
    return directory


@pytest.fixture
def copy(two, tmp_path):
    return shutil.copytree(two, tmp_path / "checkpoints")


def _restore(directory, **options):
    with Checkpoints(directory, keep_last=10) as checkpoints:
        return checkpoints.restore_latest(_template(_items()), **options)


def test_round_trip_is_bit_exact(two):
    restored = _restore(two)
    assert restored.images == 200 and restored.passed_over == []
    assert restored.metadata == {"config": {"seed": 200}, "images": 200}
    _assert_equal(restored.items, _items(200))
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(restored.items["params"]))


def test_part_of_the_items_can_be_restored(two):
    with Checkpoints(two, keep_last=10) as checkpoints:
        restored = checkpoints.restore_latest({"ema": _template(_items()["ema"])})
    _assert_equal(restored.items, {"ema": _items(200)["ema"]})


def test_nothing_to_restore_is_none(tmp_path):
    assert _restore(tmp_path / "new") is None
    assert list_checkpoints(tmp_path / "absent") == []


def test_arrays_may_be_donated_right_after_save(tmp_path):
    step = jax.jit(lambda x: x * 2 + 1, donate_argnums=0)
    x = jax.random.normal(jax.random.key(1), (512, 512))
    expected = np.asarray(x)
    with Checkpoints(tmp_path, keep_last=2) as checkpoints:
        checkpoints.save(1, {"params": {"x": x}}, {})
        for _ in range(5):
            x = step(x)
        x.block_until_ready()
    tree, _ = restore_item(tmp_path, "params")
    np.testing.assert_array_equal(tree["x"], expected)


def test_keeps_the_last_and_every_nth(tmp_path):
    with Checkpoints(tmp_path, keep_last=2, keep_every=200) as checkpoints:
        for images in range(50, 501, 50):
            checkpoints.save(images, {"params": {"x": jnp.float32(images)}}, {})
    assert list_checkpoints(tmp_path) == [200, 400, 450, 500]


def test_orbax_logs_nothing(tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        _save(tmp_path, 1)
        _restore(tmp_path)
    assert caplog.records == []


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])


DAMAGE = {
    "byte flipped in the data": lambda folder: _flip(_largest(folder)),
    "data file cut": lambda folder: _cut(_largest(folder)),
    "data file deleted": lambda folder: _largest(folder).unlink(),
    "byte flipped in the index": lambda folder: _flip(folder / "params" / "manifest.ocdbt"),
    "index deleted": lambda folder: (folder / "params" / "manifest.ocdbt").unlink(),
    "tree description deleted": lambda folder: (folder / "params" / "_METADATA").unlink(),
    "commit marker of an item deleted": lambda folder: (folder / "params" / "commit_success.txt").unlink(),
    "metadata deleted": lambda folder: shutil.rmtree(folder / "metadata"),
    "metadata flipped": lambda folder: _flip(folder / "metadata" / "metadata"),
    "manifest deleted": lambda folder: (folder / manifest.NAME).unlink(),
    "manifest flipped": lambda folder: _flip(folder / manifest.NAME),
    "manifest empty": lambda folder: (folder / manifest.NAME).write_text(""),
    "manifest not a listing": lambda folder: (folder / manifest.NAME).write_text("[]"),
    "item deleted": lambda folder: shutil.rmtree(folder / "opt_state"),
    "empty folder": lambda folder: [shutil.rmtree(folder), folder.mkdir()],
}


def _largest(folder):
    return max(
        (path for path in (folder / "params").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size
    )


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_newest_is_reported_and_passed_over(copy, damage, caplog):
    DAMAGE[damage](copy / "200")
    restored = _restore(copy)
    assert restored.images == 100
    _assert_equal(restored.items, _items(100))
    ((images, reason),) = restored.passed_over
    assert images == 200 and reason and "\n" not in reason
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and reason in record.message
    assert sorted(path.name for path in copy.iterdir()) == ["100", "damaged-200"]


def test_every_single_flip_is_passed_over_or_harmless(copy):
    rng = np.random.default_rng(0)
    originals = {path: path.read_bytes() for path in (copy / "200").rglob("*") if path.is_file()}
    with Checkpoints(copy, keep_last=10) as checkpoints:
        for path, data in originals.items():
            flipped = bytearray(data)
            flipped[rng.integers(len(data))] ^= 1 << rng.integers(8)
            path.write_bytes(flipped)
            restored = checkpoints.restore_latest({"params": _template(_items()["params"])})
            _assert_equal(restored.items["params"], _items(restored.images)["params"])
            if restored.images == 100:
                (copy / "damaged-200").rename(copy / "200")
            path.write_bytes(data)


def test_wrong_numbers_in_sound_files_are_caught_by_the_fingerprint(copy):
    # The store's own checks and the manifest are satisfied: only the arrays tell.
    shutil.rmtree(copy / "200" / "params")
    shutil.copytree(copy / "100" / "params", copy / "200" / "params")
    manifest.write_manifest(copy / "200")
    restored = _restore(copy)
    assert restored.images == 100
    assert restored.passed_over == [(200, "params/dense/kernel is not the array that was saved")]


def test_all_damaged_is_none_and_training_can_save_again(copy):
    for name in ("100", "200"):
        _cut(_largest(copy / name))
    with Checkpoints(copy, keep_last=10) as checkpoints:
        assert checkpoints.restore_latest(_template(_items())) is None
        checkpoints.save(200, _items(7), {})
        assert checkpoints.restore_latest(_template(_items())).images == 200
    assert sorted(path.name for path in copy.iterdir()) == ["200", "damaged-100", "damaged-200"]


def test_unreadable_file_is_not_taken_for_damage(copy, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(manifest, "_crc", refuse)
    with pytest.raises(PermissionError):
        _restore(copy)
    assert list_checkpoints(copy) == [100, 200]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: {**p, "flag": jnp.zeros(3, bool)}, r"params/flag is bool\[2\] there and bool\[3\] here"),
        (lambda p: {**p, "flag": jnp.zeros(2)}, r"params/flag is bool\[2\] there and float32\[2\] here"),
        (lambda p: {**p, "extra": jnp.zeros(2)}, r"params/extra is absent there and float32\[2\] here"),
        (lambda p: {"dense": p["dense"]}, r"params/flag is .* there and absent here \(and 1 more differ\)"),
    ],
)
def test_another_model_is_the_users_mistake_not_damage(copy, change, message):
    with Checkpoints(copy, keep_last=10) as checkpoints, pytest.raises(UserError, match=message):
        checkpoints.restore_latest({"params": change(_items()["params"])})
    assert list_checkpoints(copy) == [100, 200]


def test_item_that_was_not_saved_is_named(two):
    with Checkpoints(two, keep_last=10) as checkpoints, pytest.raises(UserError, match=r"no item 'disc'.*params"):
        checkpoints.restore_latest({"disc": {}})


def test_same_step_and_content_is_left_alone(copy):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    _save(copy, 200)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_same_step_with_other_content_is_replaced(copy):
    with Checkpoints(copy, keep_last=10) as checkpoints:
        checkpoints.save(100, _items(3), {"config": {"seed": 3}})
        checkpoints.wait()
        assert sorted(path.name for path in copy.iterdir()) == ["100", "200"]
    tree, metadata = restore_item(copy, "params", images=100)
    assert metadata == {"config": {"seed": 3}, "images": 100}
    np.testing.assert_array_equal(tree["dense"]["kernel"], _items(3)["params"]["dense"]["kernel"])


def test_interrupted_replacement_brings_the_old_one_back(copy):
    (copy / "200").rename(copy / "replaced-200")
    (copy / "200.orbax-checkpoint-tmp").mkdir()
    assert _restore(copy).images == 200
    assert sorted(path.name for path in copy.iterdir()) == ["100", "200"]


@pytest.mark.devices(4)
def test_moves_between_device_counts(tmp_path):
    mesh = jax.make_mesh((4,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    split, whole = jax.NamedSharding(mesh, jax.P("data")), jax.NamedSharding(mesh, jax.P())
    values = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    one = {"params": {"x": jax.device_put(values, jax.devices()[0])}}
    four = {"params": {"x": jax.device_put(values, split)}}
    for number, (source, target) in enumerate([(one, four), (four, one)]):
        with Checkpoints(tmp_path / str(number), keep_last=1) as checkpoints:
            checkpoints.save(1, source, {})
            for options in ({}, {"shardings": whole}, {"shardings": {"params": {"x": split}}}):
                restored = checkpoints.restore_latest(_template(target), **options).items["params"]["x"]
                np.testing.assert_array_equal(restored, values)
                expected = target["params"]["x"].sharding
                if options:
                    expected = options["shardings"] if options["shardings"] is whole else split
                assert restored.sharding == expected
        tree, _ = restore_item(tmp_path / str(number), "params")
        np.testing.assert_array_equal(tree["x"], values)


def test_one_item_without_a_template(two):
    for where in (two, two / "200"):
        tree, metadata = restore_item(where, "ema")
        _assert_equal(tree, _items(200)["ema"])
        assert metadata["images"] == 200
    tree, metadata = restore_item(two, "ema", images=100)
    _assert_equal(tree, _items(100)["ema"])
    assert restore_item(two, "empty")[0] == {}
    for name, tree in _items(200).items():
        found = jax.tree.leaves(restore_item(two, name)[0])
        assert len(found) == len(jax.tree.leaves(tree))


def test_one_item_passes_over_a_damaged_newest_and_changes_nothing(copy, caplog):
    _flip(_largest(copy / "200"))
    _, metadata = restore_item(copy, "ema")
    assert metadata["images"] == 100 and "200" in caplog.text
    assert list_checkpoints(copy) == [100, 200]
    with pytest.raises(UserError, match="is damaged"):
        restore_item(copy, "ema", images=200)
    _flip(_largest(copy / "100"))
    with pytest.raises(UserError, match="every checkpoint"):
        restore_item(copy, "ema")


def test_one_item_names_what_there_is(two, tmp_path):
    with pytest.raises(UserError, match="no item 'emma': it has ema, empty, opt_state, params, progress, stats"):
        restore_item(two, "emma")
    with pytest.raises(UserError, match=r"no checkpoint 150 in .*: it holds 100, 200"):
        restore_item(two, "ema", images=150)
    with pytest.raises(UserError, match="it holds none"):
        restore_item(tmp_path, "ema")


def test_nonsense_options_are_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match="keep_last is 0"):
        Checkpoints(tmp_path, keep_last=0)
    with pytest.raises(UserError, match="keep_every is -5"):
        Checkpoints(tmp_path, keep_last=1, keep_every=-5)


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        ValueError("RESOURCE_EXHAUSTED: Failed to write 141682 bytes: No space left on device [os_error_code='28']"),
    ],
)
def test_full_disk_while_writing_is_one_line(copy, monkeypatch, error):
    def fail(folder):
        raise error

    monkeypatch.setattr(manifest, "write_manifest", fail)
    with pytest.raises(RunError, match=r"no space left.*the last complete checkpoint is 200$"):
        _save(copy, 300)
    assert sorted(path.name for path in copy.iterdir()) == ["100", "200"]


def test_other_errors_of_the_background_write_surface_at_the_next_save(tmp_path, monkeypatch):
    def fail(folder):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(manifest, "write_manifest", fail)
    with Checkpoints(tmp_path, keep_last=2) as checkpoints:
        checkpoints.save(1, {"params": {"x": jnp.ones(3)}}, {})
        with pytest.raises(ZeroDivisionError, match="planted"):
            checkpoints.save(2, {"params": {"x": jnp.ones(3)}}, {})
    assert list_checkpoints(tmp_path) == []


def test_metadata_is_json_and_stands_alone(two):
    record = json.loads((two / "200" / "metadata" / "metadata").read_text())
    assert record["items"]["opt_state"]["1/0/count"][0] == "int32[]"
