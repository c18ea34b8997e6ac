"""The definitions of options: one definition makes keywords, checks, command line and reference."""

import argparse
import inspect
import pathlib
import warnings
from dataclasses import MISSING, dataclass, fields

import numpy as np
import pytest

from nst_numpy import InputError, read_picture, stylize, write_picture
from nst_numpy.cli.settings_options import add_settings, option_string, settings_given
from nst_numpy.networks import random_network
from nst_numpy.transfer import option_values as valid
from nst_numpy.transfer.option_definition import (
    check_options,
    defaults_of,
    keywords_of,
    option,
    options_of,
    recorded,
    without_effect,
)
from nst_numpy.transfer.settings import StylizeSettings

VALUES = [
    *(None, True, 3, -1, 1.5, 10**400, float("nan"), 1j, "x", "", "\0", b"x", object(), int),
    *([], (), {}, [None], ["a", 3], [[1], [1, 2]], pathlib.Path("x"), np.float64(3), np.array(3)),
    *(np.zeros((2, 2)), np.zeros((0, 4, 3)), np.zeros((4, 4, 4)), np.zeros((4, 4, 3), object)),
    *(np.full((4, 4, 3), np.nan), np.full((4, 4, 3), 300.0), np.full((4, 4, 3), 1j)),
    *(np.zeros((4, 4, 3), bool), np.full((4, 4, 3), "x"), [np.zeros((2, 2))] * 2),
]


def message_of(function):
    """The message of the `InputError` that a call raises, or "" if it raises none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function()
        except InputError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("name", inspect.signature(stylize).parameters)
def test_any_value_of_any_argument_is_used_or_gives_a_message(name, rng):
    p, a = rng.uniform(0, 255, (2, 20, 26, 3))
    network = random_network((2, 2, 2, 2, 2))
    job = {"content": p, "style": a, "size": 26, "iterations": 1, "weights": network}
    job |= {"normalized": False, "style_layers": ("conv1_1",), "content_layer": "conv1_1"}
    messages = [
        message_of(lambda value=value: stylize(**job | {name: value}))
        for value in VALUES
        if not (name in ("callback", "checkpoint") and value is int)  # int takes other arguments
    ]
    assert any(messages)
    for text in filter(None, messages):
        assert text.endswith((".", "?"))
        assert " at 0x" not in text


@pytest.mark.parametrize("name", ["style_weights", "weights", "normalized", "tv_kind", "style"])
def test_the_message_names_the_argument(name, rng):
    p = rng.uniform(0, 255, (20, 26, 3))
    with pytest.raises(InputError, match=f"^`{name}` must be .*, got an object of type object"):
        stylize(**{"content": p, "style": p, name: object()})


def test_values_that_are_not_files_give_a_message(tmp_path, rng):
    picture = rng.uniform(0, 255, (4, 4, 3))
    for value in VALUES:
        if not isinstance(value, str | pathlib.Path):
            assert message_of(lambda value=value: read_picture(value))
            assert message_of(lambda value=value: write_picture(value, picture))
        layers = (
            isinstance(value, list) and value and hasattr(value[0], "shape")
        )  # gray and opacity
        if not layers and (not hasattr(value, "shape") or value.ndim not in (2, 3)):
            assert message_of(lambda value=value: write_picture(tmp_path / "out.png", value))


def test_a_picture_of_zeros_to_ones_gives_a_warning(rng):
    p, network = rng.uniform(0, 1, (20, 26, 3)), random_network((2, 2, 2, 2, 2))
    with pytest.warns(UserWarning, match="multiply it by 255"):
        stylize(p, 255 * p, size=26, iterations=1, weights=network, normalized=False)


@dataclass(frozen=True)
class Settings:
    """A settings class with one option of several kinds."""

    picture: str = option(MISSING, valid.picture(), "a picture")
    count: int = option(3, valid.whole_number(2, 9), "how many pixels")
    weights: tuple = option(None, valid.optional(valid.number_list()), "weights")
    way: str = option("left", valid.name_of(("left", "right")), "which way")
    scaled: bool = option(True, valid.flag(), "scale it", flag="--unscaled")
    seed: int = option(
        0,
        valid.whole_number(0),
        "seed",
        decides_result=False,
        has_effect=lambda settings: settings.way == "right",
        no_effect="the way is left",
    )


def parsed(words, settings=Settings, **how):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_settings(parser, settings, **how)
    return parser.parse_args(words.split())


def test_options_that_are_not_typed_are_not_given():
    assert settings_given(parsed(""), Settings) == {}
    assert settings_given(parsed("--count 3"), Settings) == {"count": 3}


def test_each_kind_of_value_is_read_from_the_command_line():
    words = "--count 4 --weights 1,2.5 --way right --unscaled --seed 7"
    assert settings_given(parsed(words), Settings) == {
        "count": 4,
        "weights": (1.0, 2.5),
        "way": "right",
        "scaled": False,
        "seed": 7,
    }


def test_a_sweep_takes_several_values_of_each_option():
    given = settings_given(parsed("--count 4 5 --unscaled yes no", lists=True), Settings)
    assert given == {"count": [4, 5], "scaled": [False, True]}


def test_the_command_line_and_the_keywords_have_the_same_defaults():
    """A command without options is the call without keywords."""
    pictures = {"content": "p.png", "style": "a.png"}
    given = settings_given(parsed("", StylizeSettings), StylizeSettings)
    assert StylizeSettings(**pictures, **given).__dict__ == StylizeSettings(**pictures).__dict__


def test_every_option_stands_in_the_signature_and_in_the_docstring_of_stylize():
    signature = inspect.signature(stylize).parameters
    assert list(signature) == list(options_of(StylizeSettings))
    for name, parameter in signature.items():
        assert f"\n{name} : " in stylize.__doc__
        if parameter.default is not inspect.Parameter.empty:
            assert parameter.default is defaults_of(StylizeSettings)[name]


def test_every_option_of_the_command_line_has_help_with_its_default():
    parser = argparse.ArgumentParser()
    add_settings(parser, StylizeSettings)
    actions = {action.dest: action for action in parser._actions}
    for name, defined in options_of(StylizeSettings).items():
        if name in ("content", "style") or not defined.command_line:
            assert name not in actions
            continue
        assert actions[name].option_strings == [option_string(name, defined)]
        assert actions[name].help
        default = defaults_of(StylizeSettings)[name]
        assert ("default" in actions[name].help) or defined.flag or default is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", 1, "`count` must be a whole number from 2 to 9, got 1."),
        ("count", 2.0, "`count` must be a whole number from 2 to 9, got 2.0."),
        ("weights", (1, "x"), "`weights` must be a sequence of numbers, or None, got (1, 'x')."),
        ("way", "rigth", "Unknown `way`: 'rigth'; did you mean right? Known: left, right."),
        ("way", 3, "`way` must be one of left, right, got 3."),
        ("scaled", 1, "`scaled` must be True or False, got 1."),
    ],
)
def test_a_value_that_is_not_valid_is_refused_by_name(name, value, message):
    with pytest.raises(InputError) as error:
        check_options(Settings("p.png", **{name: value}))
    assert str(error.value) == message


def test_only_options_that_decide_the_result_are_recorded():
    assert list(recorded(Settings("p.png"))) == ["picture", "count", "weights", "way", "scaled"]


def test_options_without_effect_are_reported_only_if_they_are_changed():
    assert without_effect(Settings("p.png")) == []
    assert without_effect(Settings("p.png", seed=1)) == ["`seed` has no effect: the way is left."]
    assert without_effect(Settings("p.png", seed=1, way="right")) == []


def test_an_unknown_keyword_names_the_nearest():
    @keywords_of(Settings)
    def function(settings):
        return settings.count

    assert function("p.png", count=5) == 5
    with pytest.raises(TypeError, match=r"'cuont'; did you mean count\?"):
        function("p.png", cuont=5)


def test_every_option_is_defined_with_a_help_text_of_one_sentence():
    for f in fields(StylizeSettings):
        text = f.metadata["option"].help
        assert text and not text.endswith("."), f.name
