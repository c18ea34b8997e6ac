"""Every argument of `stylize` with values of every kind: a picture, or a sentence."""

import inspect
import pathlib
import warnings

import numpy as np
import pytest

from nst_numpy import InputError, read_picture, stylize, write_picture
from nst_numpy.networks import random_network

VALUES = [
    *(None, True, 3, -1, 1.5, 10**400, float("nan"), 1j, "x", "", "\0", b"x", object(), int),
    *([], (), {}, [None], ["a", 3], [[1], [1, 2]], pathlib.Path("x"), np.float64(3), np.array(3)),
    *(np.zeros((2, 2)), np.zeros((0, 4, 3)), np.zeros((4, 4, 4)), np.zeros((4, 4, 3), object)),
    *(np.full((4, 4, 3), np.nan), np.full((4, 4, 3), 300.0), np.full((4, 4, 3), 1j)),
    *(np.zeros((4, 4, 3), bool), np.full((4, 4, 3), "x"), [np.zeros((2, 2))] * 2),
]


def sentence(function):
    """What a call says, or "" if it goes through; nothing but an `InputError` may come out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function()
        except InputError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("name", inspect.signature(stylize).parameters)
def test_an_argument_of_any_kind_is_used_or_told(name, rng):
    p, a = rng.uniform(0, 255, (2, 20, 26, 3))
    network = random_network((2, 2, 2, 2, 2))
    job = {"content": p, "style": a, "size": 26, "iterations": 1, "weights": network}
    job |= {"normalized": False, "style_layers": ("conv1_1",), "content_layer": "conv1_1"}
    told = [
        sentence(lambda value=value: stylize(**job | {name: value}))
        for value in VALUES
        if not (name in ("callback", "checkpoint") and value is int)  # it has other arguments
    ]
    assert any(told)
    for text in filter(None, told):
        assert text.endswith((".", "?"))
        assert " at 0x" not in text


@pytest.mark.parametrize("name", ["style_weights", "weights", "normalized", "tv_kind", "style"])
def test_the_sentence_names_the_argument(name, rng):
    p = rng.uniform(0, 255, (20, 26, 3))
    with pytest.raises(InputError, match=f"^`{name}` must be .*, got an object of type object"):
        stylize(**{"content": p, "style": p, name: object()})


def test_files_of_any_kind_are_told(tmp_path, rng):
    picture = rng.uniform(0, 255, (4, 4, 3))
    for value in VALUES:
        if not isinstance(value, str | pathlib.Path):
            assert sentence(lambda value=value: read_picture(value))
            assert sentence(lambda value=value: write_picture(value, picture))
        if not hasattr(value, "shape") or value.ndim != 3:
            assert sentence(lambda value=value: write_picture(tmp_path / "out.png", value))


def test_a_picture_of_zeros_to_ones_is_told(rng):
    p, network = rng.uniform(0, 1, (20, 26, 3)), random_network((2, 2, 2, 2, 2))
    with pytest.warns(UserWarning, match="multiply it by 255"):
        stylize(p, 255 * p, size=26, iterations=1, weights=network, normalized=False)
