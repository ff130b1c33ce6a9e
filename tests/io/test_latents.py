"""Latents and directions in files: back bit for bit, and files of another kind refused in one line."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.latents import SavedLatents, read_directions, read_latents, write_directions, write_latents
from gen_jax.latent.directions import Directions

Z = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
W = np.random.default_rng(1).normal(size=(3, 2, 5)).astype(np.float32)
LABELS = np.array([0, 2, 1], np.int32)


@pytest.mark.parametrize("saved", [{"z": Z}, {"z": Z, "w": W, "labels": LABELS}, {"w": W}])
def test_latents_come_back_bit_for_bit(tmp_path, saved):
    write_latents(tmp_path / "deep" / "a.npz", SavedLatents(**saved, seeds=np.arange(3), run="fashion"))
    back = read_latents(tmp_path / "deep" / "a.npz")
    assert len(back) == 3
    for name in ("z", "w", "labels"):
        np.testing.assert_array_equal(getattr(back, name), saved.get(name))
    np.testing.assert_array_equal(back.latent, saved.get("w", Z))


def test_equal_latents_give_equal_bytes_and_an_equal_fingerprint(tmp_path):
    for name in ("a", "b"):
        write_latents(tmp_path / name, SavedLatents(z=Z, labels=LABELS))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert SavedLatents(z=Z).fingerprint() == SavedLatents(z=Z.copy()).fingerprint()
    assert (
        len({SavedLatents(z=Z).fingerprint(), SavedLatents(z=-Z).fingerprint(), SavedLatents(w=W).fingerprint()}) == 3
    )


def test_latents_of_another_tool_in_double_precision_are_taken(tmp_path):
    np.savez(tmp_path / "a.npz", w=W.astype(np.float64), labels=LABELS.astype(np.int64))
    back = read_latents(tmp_path / "a.npz")
    assert back.w.dtype == np.float32 and back.labels.dtype == np.int32


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({}, "holds nothing; it must hold z or w"),
        ({"labels": LABELS}, "holds labels; it must hold z or w"),
        ({"z": W}, r"z is float32 \[3, 2, 5\]; it must be numbers \[n, z\]"),
        ({"w": Z}, r"w is float32 \[3, 4\]; it must be numbers \[n, styles, w\]"),
        ({"z": Z[:0]}, r"z is float32 \[0, 4\]"),
        ({"z": np.array([["a"]])}, "z is <U1"),
        ({"z": Z * np.nan}, "z holds numbers that are not finite"),
        ({"z": Z, "labels": LABELS[:2]}, "holds 3 z, 2 labels; there must be as many of each"),
    ],
)
def test_arrays_that_are_no_latents_are_refused(tmp_path, arrays, complaint):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=complaint) as error:
        read_latents(tmp_path / "a.npz")
    assert "\n" not in str(error.value) and "a.npz" in str(error.value)


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"--latents .*absent.npz: there is no such file"):
        read_latents(tmp_path / "absent.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(UserError, match=r"text.npz: cannot be read"):
        read_latents(tmp_path / "text.npz")
    np.save(tmp_path / "one.npy", Z)
    with pytest.raises(UserError, match=r"one.npy: is one array"):
        read_latents(tmp_path / "one.npy")
    np.savez(tmp_path / "objects.npz", z=np.array([{}], object))
    with pytest.raises(UserError, match=r"objects.npz: cannot be read"):
        read_latents(tmp_path / "objects.npz")


@pytest.mark.parametrize("styles", [None, (0, 3)])
def test_directions_come_back(tmp_path, styles):
    found = Directions(np.eye(2, 3, dtype=np.float32), np.array([2.0, 1.0], np.float32), "w", styles)
    write_directions(tmp_path / "d.npz", found)
    back = read_directions(tmp_path / "d.npz")
    assert (back.space, back.styles) == ("w", styles)
    np.testing.assert_array_equal(back.vectors, found.vectors)
    np.testing.assert_array_equal(back.strengths, found.strengths)


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [({"z": Z}, "holds no directions"), ({"vectors": Z, "strengths": Z, "space": np.array("z")}, r"not \[k, d\] and")],
)
def test_files_without_directions_are_refused(tmp_path, arrays, complaint):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(UserError, match=complaint):
        read_directions(tmp_path / "d.npz")
