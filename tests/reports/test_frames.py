"""Recorded frames, and the animated picture made from them."""

import io

import numpy as np
import pytest
from PIL import Image

from nst_numpy import FrameRecorder, InputError, Result, write_frames
from nst_numpy.reports.frames import ANIMATED_FORMATS, LAST, MAX_FRAMES, all_frames, jpeg_bytes

SMOOTH = np.rint(np.linspace(0, 255, 24 * 32 * 3)).reshape(24, 32, 3)


def play(recorder, iterations, start=0):
    """Call the recorder as a job does; each picture has its own brightness."""
    for i in range(start, iterations + 1):
        recorder(i, np.full((12, 16, 3), 6 * i % 256), 1.0, {})
    return recorder


def result_of(iterations, picture=SMOOTH):
    return Result(picture.astype(np.uint8), np.ones(iterations + 1), {}, "Done.", 1.0)


def brightness(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg))).mean()


@pytest.mark.parametrize("iterations", [0, 1, 16, 31, 32, 33, 100, 1000])
def test_frames_are_evenly_spaced_and_few(iterations):
    recorder = play(FrameRecorder(), iterations)
    kept = [i for i, _ in recorder.frames]
    assert kept == list(range(0, iterations + 1, recorder.step))
    assert min(iterations + 1, MAX_FRAMES / 2) < len(kept) + 1 <= MAX_FRAMES + 1
    assert all(abs(brightness(frame) - 6 * i % 256) < 2 for i, frame in recorder.frames)


@pytest.mark.parametrize("stop", [0, 5, 40, 64])
def test_recorder_continues_from_its_attributes(stop):
    first = play(FrameRecorder(), stop)
    again = play(FrameRecorder(list(first.frames), first.step), 90, stop + 1)
    assert again == play(FrameRecorder(), 90)


def test_result_is_the_last_frame():
    recorder = play(FrameRecorder(), 40)
    frames = all_frames(recorder, result_of(40))
    assert [i for i, _ in frames] == [*range(0, 40, 2), 40]
    assert frames[-1][1] == jpeg_bytes(SMOOTH)


def test_finer_scale_replaces_the_frame_where_two_scales_meet():
    recorder = play(FrameRecorder(), 3)
    recorder(3, SMOOTH, 1.0, {})
    assert [i for i, _ in recorder.frames] == [0, 1, 2, 3]
    assert recorder.frames[-1][1] == jpeg_bytes(SMOOTH)


def test_large_pictures_are_reduced():
    assert Image.open(io.BytesIO(jpeg_bytes(np.zeros((400, 1600, 3))))).size == (640, 160)


@pytest.mark.parametrize("ending", ANIMATED_FORMATS)
def test_animation_starts_with_iteration_0_and_ends_with_the_result(tmp_path, ending):
    recorder = play(FrameRecorder(), 40)
    write_frames(tmp_path / f"forming{ending}", result_of(40), recorder)
    with Image.open(tmp_path / f"forming{ending}") as image:
        assert (image.n_frames, image.size) == (21, (32, 24))
        assert np.abs(np.asarray(image.convert("RGB"))).max() < 3  # iteration 0 is black
        image.seek(20)
        last = np.asarray(image.convert("RGB")).astype(float)
        assert image.info["duration"] == LAST
    assert np.abs(last - SMOOTH).mean() < 6


def test_job_without_iterations_has_one_frame(tmp_path):
    write_frames(tmp_path / "one.webp", result_of(0), play(FrameRecorder(), 0))
    with Image.open(tmp_path / "one.webp") as image:
        assert image.n_frames == 1


def test_unknown_suffix_is_an_error(tmp_path):
    with pytest.raises(
        InputError, match=r"extension .mp4 cannot be written.*\.webp, \.gif, \.apng"
    ):
        write_frames(tmp_path / "forming.mp4", result_of(0), FrameRecorder())
