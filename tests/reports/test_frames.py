"""Which pictures of a job are kept, and the animated picture made of them."""

import io

import numpy as np
import pytest
from PIL import Image

from nst_numpy import FrameRecorder, InputError, Result, write_frames
from nst_numpy.reports.frames import ANIMATED, LAST, MOST, all_frames, jpeg

SMOOTH = np.rint(np.linspace(0, 255, 24 * 32 * 3)).reshape(24, 32, 3)


def play(film, iterations, start=0):
    """A job's callbacks; each picture has its own brightness."""
    for i in range(start, iterations + 1):
        film(i, np.full((12, 16, 3), 6 * i % 256), 1.0, {})
    return film


def result_of(iterations, picture=SMOOTH):
    return Result(picture.astype(np.uint8), np.ones(iterations + 1), {}, "Done.", 1.0)


def brightness(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg))).mean()


@pytest.mark.parametrize("iterations", [0, 1, 16, 31, 32, 33, 100, 1000])
def test_frames_are_even_in_the_iterations_and_few(iterations):
    film = play(FrameRecorder(), iterations)
    kept = [i for i, _ in film.frames]
    assert kept == list(range(0, iterations + 1, film.step))
    assert min(iterations + 1, MOST / 2) < len(kept) + 1 <= MOST + 1
    assert all(abs(brightness(frame) - 6 * i % 256) < 2 for i, frame in film.frames)


@pytest.mark.parametrize("stop", [0, 5, 40, 64])
def test_a_film_goes_on_from_its_plain_data(stop):
    first = play(FrameRecorder(), stop)
    again = play(FrameRecorder(list(first.frames), first.step), 90, stop + 1)
    assert again == play(FrameRecorder(), 90)


def test_the_result_is_the_last_frame():
    film = play(FrameRecorder(), 40)
    frames = all_frames(film, result_of(40))
    assert [i for i, _ in frames] == [*range(0, 40, 2), 40]
    assert frames[-1][1] == jpeg(SMOOTH)


def test_of_two_scales_the_finer_one_shows_where_they_meet():
    film = play(FrameRecorder(), 3)
    film(3, SMOOTH, 1.0, {})
    assert [i for i, _ in film.frames] == [0, 1, 2, 3]
    assert film.frames[-1][1] == jpeg(SMOOTH)


def test_a_frame_is_no_larger_than_it_is_looked_at():
    assert Image.open(io.BytesIO(jpeg(np.zeros((400, 1600, 3))))).size == (640, 160)


@pytest.mark.parametrize("ending", ANIMATED)
def test_an_animated_picture_begins_with_the_start_and_ends_with_the_result(tmp_path, ending):
    film = play(FrameRecorder(), 40)
    write_frames(tmp_path / f"forming{ending}", result_of(40), film)
    with Image.open(tmp_path / f"forming{ending}") as image:
        assert (image.n_frames, image.size) == (21, (32, 24))
        assert np.abs(np.asarray(image.convert("RGB"))).max() < 3  # iteration 0 is black
        image.seek(20)
        last = np.asarray(image.convert("RGB")).astype(float)
        assert image.info["duration"] == LAST
    assert np.abs(last - SMOOTH).mean() < 6


def test_a_job_without_iterations_is_one_frame(tmp_path):
    write_frames(tmp_path / "one.webp", result_of(0), play(FrameRecorder(), 0))
    with Image.open(tmp_path / "one.webp") as image:
        assert image.n_frames == 1


def test_another_ending_is_told(tmp_path):
    with pytest.raises(
        InputError, match=r"extension .mp4 cannot be written.*\.webp, \.gif, \.apng"
    ):
        write_frames(tmp_path / "forming.mp4", result_of(0), FrameRecorder())
