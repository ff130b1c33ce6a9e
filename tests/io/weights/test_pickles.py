"""Published snapshots against the numbers in them; files that ask for more are refused, and run nothing."""

import builtins
import io
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.weights.pickles import read_snapshot
from gen_jax.io.weights.unpickle import Record, read_pickle
from tests.golden import FOLDER, golden
from tests.io.written import Global, Named, Raw, Storage, checkpoint, code, legacy, pickled

FAMILIES = {"stylegan2": ("sg2", "sg2_cond_nets"), "r3gan": ("r3gan", "r3gan_cond_nets")}
X = np.arange(6, dtype=np.float32)


def official(name):
    path = FOLDER / f"{name}.pkl"
    if not path.exists():
        pytest.skip(f"no golden vectors: {path.name}")
    return path


def state(fields=(), **children):
    """The attributes of a PyTorch module."""
    return {"_parameters": dict(fields), "_buffers": {}, "_modules": children}


def module(kind, **attributes):
    """A pickled object of the class ``kind``: made without ``__init__``, then given its attributes."""
    return Built(kind, attributes)


class Built:
    def __init__(self, kind, attributes):
        self.kind, self.attributes = kind, attributes

    def __reduce__(self):
        raise AssertionError("written by hand")


def written(value):
    """As ``written.pickled``, with objects too."""
    if isinstance(value, Built):
        return code(Global(value.kind)) + b")\x81" + written(value.attributes) + b"b"
    if isinstance(value, dict):
        return b"}(" + b"".join(code(key) + written(entry) for key, entry in value.items()) + b"u"
    return code(value)


def file(value):
    return b"\x80\x03" + written(value) + b"."


def tensor(data, *, sizes=(6,), strides=(1,), offset=0):
    """A tensor whose storage is the bytes of a checkpoint of its own."""
    # Bytes are written in protocol 3.
    stored = Raw(code(Global("torch.storage._load_from_bytes")) + b"(" + pickle.dumps(data, 3)[2:-1] + b"tR")
    return Named("torch._utils._rebuild_tensor_v2", stored, offset, sizes, strides, False, None)


def snapshot(fields, **others):
    """The bytes of a small R3GAN snapshot."""
    net = module("BaselineGAN.Networks.Generator", **state(fields))
    stages = module("torch.nn.modules.container.ModuleList", **state(**{"0": net}))
    whole = module("R3GAN.Networks.Generator", **state(MainLayers=stages))
    return file({"G_ema": module("training.networks.Generator", z_dim=4, **state(Model=whole)), **others})


def storage(kind="FloatStorage", data=None, count=6):
    data = X.tobytes() if data is None else data
    return legacy(Storage(f"torch.{kind}", "0", count), **{"0": (count, data)})


@pytest.mark.parametrize("family", FAMILIES)
def test_every_tensor_is_found_under_its_official_name(family):
    prefix, nets = FAMILIES[family]
    expected, found = golden(nets), read_snapshot(official(f"{prefix}_fake_official"))
    assert found.family == family
    for part, tensors in (("G/", found.generator), ("D/", found.discriminator)):
        wanted = {name.removeprefix(part): array for name, array in expected.items() if name.startswith(part)}
        assert tensors.keys() == wanted.keys()
        for name, array in wanted.items():
            np.testing.assert_array_equal(tensors[name], array)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_generator_is_the_averaged_one_and_not_the_raw_one(family):
    prefix, _ = FAMILIES[family]
    found = read_snapshot(official(f"{prefix}_fake_official"))
    raw = {k[2:]: v for k, v in golden(f"{prefix}_fake_official_expected").items() if k.startswith("G/")}
    for name, array in raw.items():
        np.testing.assert_array_equal(found.raw_generator[name], array)
    assert any(not np.array_equal(found.generator[name], array) for name, array in raw.items())


def test_what_the_files_say_beside_the_tensors_is_kept():
    style, r3gan = (read_snapshot(official(f"{prefix}_fake_official")) for prefix in ("sg2", "r3gan"))
    assert style.images_seen is None and r3gan.images_seen == 123456
    assert style.init_kwargs["synthesis_kwargs"]["channel_base"] == 512
    assert style.discriminator_kwargs["epilogue_kwargs"] == {"mbstd_group_size": 4, "mbstd_num_channels": 1}
    assert (r3gan.attributes["z_dim"], r3gan.attributes["c_dim"], r3gan.init_kwargs) == (16, 5, {})


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("sg2_malicious_reduce", "posix.system"),
        ("sg2_malicious_storage_bytes", "posix.system"),
        ("r3gan_malicious_reduce", "posix.system"),
        ("r3gan_malicious_nested_eval", "builtins.eval"),
        ("sg2_malicious_module_src", None),
    ],
)
def test_a_malicious_snapshot_runs_nothing(name, asks, monkeypatch):
    ran = []
    for function in ("eval", "exec", "compile", "__import__"):
        monkeypatch.setattr(f"builtins.{function}", _watched(function, ran))
    marker = Path(tempfile.gettempdir()) / "PWNED_gen_jax"
    assert not marker.exists()
    try:
        read_snapshot(official(name))
        message = ""
    except UserError as error:
        message = str(error)
    monkeypatch.undo()
    assert not marker.exists() and not ran and "\n" not in message
    assert asks is None or f"asks for {asks}, " in message


def _watched(name, ran):
    real = getattr(builtins, name)

    def call(*arguments, **options):
        if name != "__import__":
            ran.append(name)
        elif arguments[0].split(".")[0] in ("torch", "training", "dnnlib", "torch_utils", "BaselineGAN"):
            ran.append(f"import {arguments[0]}")
        return real(*arguments, **options)

    return call


@pytest.mark.parametrize(
    "name",
    [
        *("os.system", "builtins.eval", "builtins.getattr", "subprocess.Popen", "numpy.load", "numpy.fromfile"),
        *("torch.load", "torch.hub.load", "functools.partial", "importlib.import_module", "copyreg._reconstructor"),
    ],
)
def test_a_name_outside_the_known_packages_is_refused_and_not_called(name, tmp_path):
    marker = tmp_path / "ran"
    call = Named(name, f"touch {marker}")
    hidden = file({"G_ema": module("training.networks.Generator", _parameters=call)})
    for data in (pickled({"G_ema": call}), snapshot({"w": call}), hidden, checkpoint({"a": call})):
        with pytest.raises(UserError, match=rf"^f\.pkl: asks for {name}, which a network does not need and is not run"):
            read_snapshot(data, name="f.pkl")
    assert not marker.exists()


def test_a_call_of_a_class_in_a_known_package_makes_an_empty_record():
    contents, _ = read_pickle(pickled({"a": Named("training.loss.delete_everything", "now", 3)}))
    record = contents.root["a"]
    assert isinstance(record, Record) and record.kind == "training.loss.delete_everything"
    assert record.state == {} and record.items == {}


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("FloatStorage", "<f4"), ("HalfStorage", "<f2"), ("DoubleStorage", "<f8"), ("LongStorage", "<i8")],
)
def test_tensors_of_every_type_are_read(kind, dtype):
    numbers = X.astype(dtype)
    found = read_snapshot(snapshot({"w": tensor(storage(kind, numbers.tobytes()))}))
    array = found.generator["Model.MainLayers.0.w"]
    np.testing.assert_array_equal(array, numbers)
    assert array.dtype == numbers.dtype and found.attributes == {"z_dim": 4}


def test_bfloat16_keeps_its_upper_bits():
    bits = (X.view(np.uint32) >> 16).astype(np.uint16)
    found = read_snapshot(snapshot({"w": tensor(storage("BFloat16Storage", bits.tobytes()))}))
    array = found.generator["Model.MainLayers.0.w"]
    assert array.dtype.name == "bfloat16"
    np.testing.assert_array_equal(array.astype(np.float32), X)


def test_views_that_are_not_contiguous_are_taken_as_numpy_takes_them():
    turned = tensor(storage(), sizes=(3, 2), strides=(1, 3))
    cut = tensor(storage(), sizes=(2,), strides=(2,), offset=1)
    found = read_snapshot(snapshot({"turned": turned, "cut": cut})).generator
    np.testing.assert_array_equal(found["Model.MainLayers.0.turned"], X.reshape(2, 3).T)
    np.testing.assert_array_equal(found["Model.MainLayers.0.cut"], [1, 3])


def test_a_storage_in_the_zip_format_is_read_too():
    data = checkpoint(Storage("torch.FloatStorage", "0", 6), **{"0": X.tobytes()})
    parameter = Named("torch._utils._rebuild_parameter", tensor(data), True, Named("collections.OrderedDict"))
    np.testing.assert_array_equal(read_snapshot(snapshot({"w": parameter})).generator["Model.MainLayers.0.w"], X)


def test_a_whole_snapshot_saved_by_torch_is_read_too():
    kind = Storage("torch.FloatStorage", "0", 6)
    weight = Named("torch._utils._rebuild_tensor_v2", kind, 0, (2, 3), (3, 1), False, None)
    body = snapshot({"w": weight})
    for data in (checkpoint(body, **{"0": X.tobytes()}), _legacy_of(body)):
        np.testing.assert_array_equal(read_snapshot(data).generator["Model.MainLayers.0.w"], X.reshape(2, 3))


def _legacy_of(body):
    """As ``written.legacy``, around a pickle that is written already."""
    whole, nothing = legacy(None, **{"0": (6, X.tobytes())}), pickled(None)
    start = whole.index(nothing, len(pickled(0x1950A86A20F9469CFC6C)))
    return whole[:start] + body + whole[start + len(nothing) :]


@pytest.mark.parametrize("module_name", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_numpy_scalars_are_numbers(module_name):
    number = np.float64(0.995)
    body = pickle.dumps(number, 3).replace(b"numpy._core.multiarray", module_name.encode())
    value = Raw(body[2:-1])
    data = snapshot({"w": tensor(storage())}, G=module("training.networks.Generator", **state()))
    contents, _ = read_pickle(file({"beta": value}))
    assert contents.root["beta"] == 0.995 and read_snapshot(data).raw_generator == {}


def test_a_tuple_of_networks_is_told_to_be_of_tensorflow():
    network = module("dnnlib.tflib.network.Network", version=4)
    body = b"\x80\x03" + b"(" + written(network) * 3 + b"t."
    with pytest.raises(UserError, match=r"^f: a TensorFlow pickle of StyleGAN; convert it with legacy\.py"):
        read_snapshot(body, name="f")


def test_a_stylegan3_generator_is_refused_by_name():
    source = module("torch.nn.modules.module.Module", **state({"freqs": tensor(storage())}))
    synthesis = module("torch.nn.modules.module.Module", **state(input=source))
    body = file({"G_ema": module("training.networks_stylegan3.Generator", **state(synthesis=synthesis))})
    with pytest.raises(UserError, match=r"^f: a StyleGAN3 generator \(it has synthesis\.input\)"):
        read_snapshot(body, name="f")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n", "not a whole pickle"),
        (b"<html>", "not a whole pickle"),
        (pickle.dumps([1, 2]), "has no averaged generator"),
        (pickle.dumps({"G": 1}), "has no averaged generator"),
        (file({"G_ema": module("training.networks.Generator", **state(a=module("torch.nn.X", **state())))}), "nothing"),
        (file({"G_ema": module("training.networks.Generator")}), "damaged"),
        (b"\x80\x04r\xff\xff\xff\x7f.", "not a whole pickle"),  # a place in the memo that would need gigabytes
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "not a whole pickle"),  # bytes without end
    ],
)
def test_what_is_no_snapshot_is_refused_in_one_line(data, message):
    with pytest.raises(UserError, match=rf"^f: [^\n]*{message}[^\n]*$"):
        read_snapshot(data, name="f")


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.pkl"):
        with pytest.raises(UserError, match=r"^weights .*cannot be read \([^\n]+$"):
            read_snapshot(path)


def test_networks_that_hold_themselves_or_multiply_are_refused():
    # Each of forty layers holds the next twice: a small file, and 2^40 layers.
    memo = b"}(X\x01\x00\x00\x00ah\x09X\x01\x00\x00\x00bh\x09u"
    head = code(Global("torch.nn.Linear"))
    body = head + b")\x81" + written(state()) + b"bq\x090"
    for _ in range(40):
        fields = b"}(" + code("_parameters") + b"}" + code("_buffers") + b"}" + code("_modules") + memo + b"u"
        body += head + b")\x81" + fields + b"bq\x090"
    with pytest.raises(UserError, match="endlessly many layers"):
        read_snapshot(b"\x80\x02" + body + b"}(" + code("G_ema") + b"h\x09u.", name="f")


def complaint(data):
    """Return what reading says, and fail at any other exception than a UserError."""
    try:
        read_snapshot(data, name="f")
    except UserError as error:
        return str(error)
    return ""


def test_damaged_bytes_raise_nothing_but_a_user_error():
    draw = np.random.default_rng(3)
    small = snapshot({"w": tensor(storage())})
    complaints = [complaint(small[:end]) for end in range(0, len(small) - 1, 7)]
    assert all(complaints)
    for _ in range(1500):
        data = bytearray(small)
        for place in draw.integers(0, len(data), draw.integers(1, 4)):
            data[place] = draw.integers(256)
        complaints.append(complaint(bytes(data)))
    assert all("\n" not in text and len(text) < 1000 for text in complaints)


@pytest.mark.parametrize("family", FAMILIES)
def test_damage_in_a_whole_snapshot_raises_nothing_but_a_user_error(family):
    draw = np.random.default_rng(4)
    whole = official(f"{FAMILIES[family][0]}_fake_official").read_bytes()
    for trial in range(30):
        data = bytearray(whole if trial % 2 else whole[: int(draw.integers(len(whole)))])
        data[int(draw.integers(min(len(data), 8000)))] = draw.integers(256)
        assert "\n" not in complaint(bytes(data))


def test_pickles_of_pytorch_itself_are_read():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.arange(24.0).reshape(2, 3, 4)
    values = {"plain": x, "turned": x.permute(2, 0, 1), "cut": x[:, 1:, ::2], "half": x.half(), "count": x.long()}
    values |= {"double": x.double(), "bfloat16": x.bfloat16(), "parameter": torch.nn.Parameter(x)}
    buffer = io.BytesIO()
    pickle.dump({"G_ema": torch.nn.ParameterDict(), "tensors": values}, buffer)
    contents, _ = read_pickle(buffer.getvalue())
    from gen_jax.io.torch_tensors import array_of

    for name, tensor_ in values.items():
        array = array_of(contents.root["tensors"][name], contents.elements)
        np.testing.assert_array_equal(array.astype(np.float64), tensor_.detach().double().numpy())
        assert array.dtype.name == str(tensor_.dtype).removeprefix("torch.")
