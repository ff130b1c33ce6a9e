"""Films: a video read back shows its frames, in even sizes, whole or absent."""

import itertools
import shutil
import subprocess
import weakref

import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io import films


def _frames(count, height=9, width=13, channels=3):
    """A grey that rises from frame to frame, and a bright corner."""
    for number in range(count):
        frame = np.full((height, width, channels), 20 + 10 * number, np.uint8)
        frame[:4, :4] = 230
        yield frame


@pytest.fixture
def ffmpeg():
    """The program that imageio-ffmpeg brings, as a call that returns what it writes to stdout and to stderr."""
    program = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()

    def call(*words):
        ended = subprocess.run([program, *map(str, words)], capture_output=True, check=False)
        return ended.stdout, ended.stderr.decode()

    return call


@pytest.mark.parametrize(("scale", "size"), [(None, (262, 378)), (4, (36, 52)), (1, (10, 14))])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_video_shows_its_frames(tmp_path, ffmpeg, scale, size, channels):
    path = tmp_path / "film.mp4"
    films.save(path, _frames(12, channels=channels), frames_per_second=10.0, scale=scale)
    described = ffmpeg("-i", path)[1]
    for words in ("h264", "yuv420p", f"{size[1]}x{size[0]}", "10 fps", "00:00:01.20"):
        assert words in described
    raw, _ = ffmpeg("-loglevel", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, *size, 3)
    assert pictures.shape == (12, *size, 3)
    for number, picture in enumerate(pictures):
        assert abs(picture[-4:, -4:].mean() - (20 + 10 * number)) < 4
        assert abs(picture[:2, :2].mean() - 230) < 8
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]


def test_a_video_asks_for_its_frames_one_at_a_time(tmp_path, ffmpeg):
    made, most = [], 0

    def frames():
        nonlocal most
        for number in range(40):
            frame = np.full((9, 13, 3), number, np.uint8)
            made.append(weakref.ref(frame))
            most = max(most, sum(reference() is not None for reference in made))
            yield frame
            del frame

    films.save(tmp_path / "film.mp4", frames(), frames_per_second=25.0, scale=1)
    assert len(made) == 40 and most < 6


def test_odd_sides_get_one_more_row_or_column_and_alpha_is_laid_over_white():
    frame = np.arange(3 * 5 * 3, dtype=np.uint8).reshape(3, 5, 3)
    got = films.video_frame(frame, 1)
    assert got.shape == (4, 6, 3)
    np.testing.assert_array_equal(got[:3, :5], frame)
    np.testing.assert_array_equal(got[3, :5], frame[2])
    half = np.array([[[100, 0, 200, 0], [100, 0, 200, 255]]], np.uint8)
    np.testing.assert_array_equal(films.video_frame(half, 2)[0, ::2], [[255, 255, 255], [100, 0, 200]])


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_goes_round_without_a_rest(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    films.save(path, _frames(5), frames_per_second=25.0, scale=2)
    with Image.open(path) as film:
        assert film.n_frames == 5 and film.size == (26, 18)
        durations = []
        for number in range(5):
            film.seek(number)
            film.load()
            durations.append(film.info["duration"])
    assert set(durations) == {40}


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_a_film_that_fails_leaves_nothing(tmp_path, ffmpeg, suffix):
    def broken():
        yield from itertools.islice(_frames(9), 3)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        films.save(tmp_path / f"film{suffix}", broken(), frames_per_second=25.0)
    with pytest.raises(UserError, match="there are no frames"):
        films.save(tmp_path / f"film{suffix}", iter(()), frames_per_second=25.0)
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_a_video_is_refused_before_its_frames_are_made(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UserError, match=r"--out a.mp4: MP4 needs ffmpeg.*pip install 'gen_jax\[video\]'"):
        films.check_video("a.mp4")
    films.check_video("a.gif")
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/ffmpeg")
    films.check_video("a.mp4")


def test_what_ffmpeg_refuses_is_an_error_with_its_words(tmp_path, monkeypatch):
    script = tmp_path / "ffmpeg"
    script.write_text("#!/bin/sh\necho 'Unknown encoder' >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(films, "_ffmpeg", lambda path: str(script))
    with pytest.raises(OSError, match=r"could not write .*film.mp4: Unknown encoder"):
        films.save(tmp_path / "film.mp4", _frames(50, 64, 64), frames_per_second=25.0)
    assert [file.name for file in tmp_path.iterdir()] == ["ffmpeg"]
