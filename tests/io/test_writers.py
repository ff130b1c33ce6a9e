"""Metrics survive a kill and a resume, and stay JSON."""

import json
import math

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.io.writers import JsonlWriter, MultiWriter, TensorBoardWriter, read_metrics


def _strict(line):
    def refuse(constant):
        raise ValueError(constant)

    return json.loads(line, parse_constant=refuse)


def test_a_line_is_on_the_disk_when_write_returns(tmp_path):
    path = tmp_path / "metrics.jsonl"
    writer = JsonlWriter(path, None)
    writer.write(64, {"loss/gen": np.float32(0.1), "health/skipped": 0, "lr": jnp.float32(3e-4)})
    assert path.read_text() == '{"images": 64, "loss/gen": 0.100000001, "health/skipped": 0, "lr": 0.000300000014}\n'
    writer.write_image(64, "samples", np.zeros((2, 2, 1), np.uint8))
    writer.close()


def test_numbers_that_json_has_not_stay_json_and_come_back(tmp_path):
    path = tmp_path / "metrics.jsonl"
    writer = JsonlWriter(path, None)
    writer.write(1, {"a": math.nan, "b": math.inf, "c": np.float32(-np.inf)})
    writer.close()
    assert _strict(path.read_text()) == {"images": 1, "a": "nan", "b": "inf", "c": "-inf"}
    (line,) = read_metrics(path)
    assert math.isnan(line["a"]) and line["b"] == math.inf and line["c"] == -math.inf


def test_float32_comes_back_exactly(tmp_path):
    powers = 10.0 ** np.arange(-20, 20).repeat(5)
    values = (np.random.default_rng(0).normal(size=200) * powers).astype(np.float32)
    writer = JsonlWriter(tmp_path / "m", None)
    writer.write(0, {str(number): value for number, value in enumerate(values)})
    writer.close()
    (line,) = read_metrics(tmp_path / "m")
    del line["images"]
    np.testing.assert_array_equal(np.array(list(line.values()), np.float32), values)


def test_resume_drops_what_came_after_and_a_torn_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    writer = JsonlWriter(path, None)
    for images in (100, 200, 300, 400):
        writer.write(images, {"x": images / 7, "bad": math.nan})
    writer.close()
    whole = path.read_text()
    path.write_text(whole[:-9])
    assert [line["images"] for line in read_metrics(path)] == [100, 200, 300]
    writer = JsonlWriter(path, resume_from=200)
    assert [line["images"] for line in read_metrics(path)] == [100, 200]
    for images in (300, 400):
        writer.write(images, {"x": images / 7, "bad": math.nan})
    writer.close()
    assert path.read_text() == whole


def test_resume_of_a_torn_file_at_every_length_equals_the_uninterrupted_one(tmp_path):
    path = tmp_path / "metrics.jsonl"
    writer = JsonlWriter(path, None)
    for images in (1, 2, 3):
        writer.write(images, {"x": 0.5})
    writer.close()
    whole = path.read_bytes()
    line = len(whole) // 3
    for length in range(line, len(whole) + 1):
        path.write_bytes(whole[:length])
        writer = JsonlWriter(path, resume_from=1)
        for images in (2, 3):
            writer.write(images, {"x": 0.5})
        writer.close()
        assert path.read_bytes() == whole


def test_fresh_start_forgets_the_old_file(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"images": 5}\n')
    JsonlWriter(path, None).close()
    assert read_metrics(path) == []


def test_broken_line_in_the_middle_is_left_out_and_logged(tmp_path, caplog):
    path = tmp_path / "m"
    path.write_text('{"images": 1}\nnonsense\n[]\n{"x": 2}\n{"images": 3, "x": "no"}\n{"images": 2, "x": 1}\n{"imag')
    assert read_metrics(path) == [{"images": 1}, {"images": 2, "x": 1.0}]
    assert len(caplog.records) == 4
    assert read_metrics(tmp_path / "absent") == []


def _tensorboard_records(path):
    """Read TensorFlow's record framing by hand: length, its CRC, the bytes, their CRC."""
    from tensorboardX.proto.event_pb2 import Event

    data, position = path.read_bytes(), 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 8], "little")
        yield Event.FromString(data[position + 12 : position + 12 + length])
        position += 16 + length


def test_tensorboard_holds_scalars_and_images_and_purges_on_resume(tmp_path):
    writer = TensorBoardWriter(tmp_path, None)
    writer.write(64, {"loss/gen": np.float32(1.5), "bad": math.nan})
    writer.write_image(64, "samples", np.zeros((4, 4, 1), np.uint8))
    writer.close()
    (path,) = tmp_path.iterdir()
    events = list(_tensorboard_records(path))
    values = {value.tag: value for event in events for value in event.summary.value}
    assert set(values) == {"loss/gen", "samples"}
    assert values["loss/gen"].simple_value == 1.5
    assert (values["samples"].image.height, values["samples"].image.width) == (4, 4)
    assert {event.step for event in events if event.summary.value} == {64}

    again = tmp_path / "resumed"
    writer = TensorBoardWriter(again, resume_from=64)
    writer.close()
    (path,) = again.iterdir()
    starts = [event.step for event in _tensorboard_records(path) if event.HasField("session_log")]
    assert starts == [65]


def test_every_writer_is_closed_where_one_fails(tmp_path):
    class Failing:
        closed = False

        def close(self):
            self.closed = True
            raise OSError("planted")

    class Noting(Failing):
        def write(self, images, scalars):
            self.wrote = (images, scalars)

        def write_image(self, images, name, array):
            self.drew = name

        def close(self):
            self.closed = True

    noting, failing = Noting(), Failing()
    MultiWriter([noting, noting]).write(1, {"a": 2.0})
    MultiWriter([noting]).write_image(1, "samples", np.zeros((1, 1, 1), np.uint8))
    assert noting.wrote == (1, {"a": 2.0}) and noting.drew == "samples"
    with pytest.raises(OSError, match="planted"):
        MultiWriter([failing, noting]).close()
    assert failing.closed and noting.closed
