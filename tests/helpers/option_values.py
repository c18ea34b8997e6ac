"""Invalid values for every option of every command, derived from the parser."""

import argparse
import itertools

VALUES = [
    *("", " ", "x", "-", "--", "-1", "-0.5", "0", "0.0", "1.5", "1e308", "-1e308", "1e999"),
    *("nan", "inf", "-inf", "1" + 30 * "0", "9" * 5000, "1,,2", ",", ",,,", "1,2,3,4,5,6", ":"),
    *("1:", "1:2:3", "20:1,", "\u0663", "\u00bd", "1_0", "0x10", "1e0", "yes", "None", "[]"),
    *("{}", "%s", "{0}", "\x1b[31m", "a\nb", "a\tb", "\udcff", "\u0144", "x" * 300, "x" * 5000),
    *("conv1_1", "conv9_9", "conv1_1,conv1_1", "CONV1_1", "p.png", "p.png,a.png", "w.h5", "."),
    *("none.png", "text.txt", "empty.png", "folder", "/", "/dev/null", "--size", "-o", "out.png"),
    *("none/out.png", "out", "out.gif", "out.PNG", ".png", "http://x", "tcp://127.0.0.1:9", "5"),
]
PLAUSIBLE = [  # valid for some options
    *("1", "2", "0.5", "1e-3", "30", "1,1", "1,0", "2:1", "20:1", "noise", "style"),
    *("p.png", "m.png"),
    *("m.png,m.png", "conv1_1", "conv1_1,conv2_1", "conv4_2", "w.h5", "gatys", "keras", "yes"),
]
QUICK = {  # fast values by destination of the option; other options keep their defaults
    **{"size": "26", "iterations": "1", "weights": "w.h5", "jobs": "1", "threads": "1"},
    **{"ratios": "1", "execute": None, "images": "folder", "memory": "1000"},
}
GOOD = {"content": "p.png", "style": "a.png", "picture": "p.png", "layer": "conv1_1"}
GOOD |= {"layers": "conv1_1", "number": "1", "file": "w.h5", "files": "w.h5", "network": "vgg16"}
GOOD |= {"notebooks": "text.txt"}
OUTPUTS = {"OUT": "out.png", "OUT.h5": "out.h5"}


def leaves(parser, words=()):
    """(words, parser) of every command without subcommands."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield words, parser
    for name, child in (item for action in below for item in action.choices.items()):
        yield from leaves(child, (*words, name))


def settable(parser):
    """The actions of a parser except help and version."""
    return [a for a in parser._actions if a.dest not in ("help", "version")]


def plausible(action):
    """Values, some of which are valid."""
    return [*map(str, action.choices or PLAUSIBLE), *(good_values(action) or ())]


def typed(action, values):
    """The words of the command line for an action with these values."""
    if not action.option_strings:
        return ["--", *values] if any(v.startswith("-") for v in values) else [*values]
    name = action.option_strings[-1]
    if len(values) == 1 and values[0].startswith("-"):
        return [f"{name}={values[0]}"]
    return [name, *values]


def good_values(action):
    """Valid values for a fast job, or None to omit the option."""
    good = QUICK.get(action.dest) or GOOD.get(action.dest) or OUTPUTS.get(action.metavar, "out")
    if action.nargs == 0 or not (action.required or action.dest in QUICK):
        return [] if action.dest in QUICK else None
    return [good] * (action.nargs if isinstance(action.nargs, int) else 1)


def call(words, parser, given):
    """Words of a call with values for some actions, by destination, and fast values otherwise."""
    options, positionals = [], []
    for action in settable(parser):
        values = given.get(action.dest, good_values(action))
        if values is not None:
            (options if action.option_strings else positionals).append(typed(action, values))
    return [*words, *itertools.chain(*options, *sorted(positionals, key=lambda v: "--" in v))]


def one_invalid(parser):
    """Calls of every command with one value invalid, repeated or omitted."""
    for words, leaf in leaves(parser):
        yield "alone", [*words]
        for action in settable(leaf):
            good = good_values(action)
            if action.required:
                yield "missing", call(words, leaf, {action.dest: None})
            if action.option_strings:
                twice = typed(action, good or ([] if action.nargs == 0 else ["5"]))
                yield "twice", [*call(words, leaf, {}), *twice, *twice]
                yield "abbreviated", [*call(words, leaf, {}), action.option_strings[-1][:-1]]
            for value in VALUES if action.nargs != 0 else ():
                many = action.nargs if isinstance(action.nargs, int) else 1
                yield "value", call(words, leaf, {action.dest: [value] * many})
            if action.nargs == 0:
                yield "value", [*call(words, leaf, {}), f"{action.option_strings[-1]}=x"]
