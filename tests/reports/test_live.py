"""The live view, in an IPython shell whose displays are captured."""

import base64
import gc
import io
import signal

import numpy as np
import pytest
from PIL import Image

from nst_numpy import InputError, live, stylize
from nst_numpy.networks import random_network

pytest.importorskip("matplotlib")
pytest.importorskip("IPython")


@pytest.fixture
def displays():
    """What is displayed: a list of (JPEG, display id, whether it replaces an earlier one)."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    publisher, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()
    yield lambda: [
        (output["data"]["image/jpeg"], output["transient"]["display_id"], output["update"])
        for output in shell.display_pub.outputs
    ]
    shell.display_pub = publisher
    InteractiveShell.clear_instance()


def test_job_updates_one_figure(displays, rng):
    p, a = rng.uniform(0, 255, (2, 20, 28, 3))
    network = random_network((4, 4, 6, 6, 6))
    stylize(p, a, size=28, iterations=5, weights=network, callback=live(every=2))
    frames, ids, updates = zip(*displays(), strict=True)
    assert len(frames) == 3  # iterations 0, 2 and 4
    assert len(set(ids)) == 1
    assert updates == (False, True, True)
    assert len(set(frames)) == 3


def test_frame_shows_the_picture(displays):
    """The left half of the frame takes the color of the picture; values outside are clipped."""
    live()(0, np.full((30, 30, 3), [300.0, 40.0, -20.0]), 1.0, {"style conv1_1": 1.0})
    jpeg = base64.b64decode(displays()[0][0])
    frame = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    height, width, _ = frame.shape
    assert np.abs(frame[height // 2, width // 4] - [255.0, 40, 0]).max() < 5  # it is a JPEG


def test_an_interrupt_while_a_frame_is_drawn_is_raised(displays):
    """The stop button; Matplotlib's callbacks would swallow it."""

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    callbacks, gc.callbacks[:] = gc.callbacks[:], []  # Python ignores an exception in these
    try:
        for k in range(1, 26):
            callback = live(every=1)
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.007 * k)
                for i in range(100):
                    callback(i, np.zeros((20, 30, 3)), 1.0, {"style conv1_1": 1.0})
    finally:
        gc.callbacks[:] = callbacks
        signal.signal(signal.SIGALRM, before)


def test_zero_loss_can_be_shown(displays):
    live()(0, np.zeros((4, 4, 3)), 0.0, {"style conv1_1": 0.0})
    assert len(displays()) == 1


@pytest.mark.parametrize("every", [0, -1, 2.0, True, "2"])
def test_invalid_interval_is_an_error(every):
    with pytest.raises(InputError, match="every must be a positive integer"):
        live(every)


def test_outside_a_notebook_is_an_error():
    with pytest.raises(InputError, match="works in a notebook only"):
        live()
