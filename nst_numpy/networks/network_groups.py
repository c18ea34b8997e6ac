"""Choose one VGG among the networks of a weights file, which differ by a prefix of their names."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from nst_numpy.networks.build_network import convolutions
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19

SEPARATOR = "::"  # between a file and a prefix
MAX_LISTED = 8
LAYER = re.compile(r"(?:^|[/.\\])(?:block\d_conv\d|conv\d_\d)(?=$|[/.\\])")
Group = TypeVar("Group")
KernelShapes = Mapping[str, tuple[int, ...]]  # (kh, kw, in, out) by layer name


def split_prefix(source: str) -> tuple[str, str | None]:
    """Split ``FILE::prefix`` into the file and the prefix; the prefix is None without ``::``."""
    file, separator, prefix = source.rpartition(SEPARATOR)
    return (file, prefix) if separator and file else (source, None)


def clean_prefix(prefix: str | None) -> str:
    """The prefix up to the name of a layer, which Keras repeats: block1_conv1/block1_conv1."""
    return LAYER.split(prefix or "", maxsplit=1)[0]


def choose_group(
    path: Path,
    groups: Mapping[str, Group],
    shapes_of: Callable[[Group], KernelShapes | None],
    prefix: str | None,
) -> tuple[str, Group]:
    """Choose the group with a prefix, or the only group that is a VGG.

    Parameters
    ----------
    path : Path
        For messages.
    groups : dict of str to group
        Arrays by the prefix of their names; not empty.
    shapes_of : callable
        Shapes of a group's kernels, or None if it is no network.
    prefix : str or None
        The prefix to choose.

    Returns
    -------
    prefix : str
    group : group

    Raises
    ------
    InputError
        If no group has the prefix, or several groups are a VGG. The message lists them.
    """
    if prefix is not None:
        if prefix not in groups:
            raise InputError(
                f"{path} contains no network with the prefix {prefix!r}; known: {_listed(groups)}."
            )
        return prefix, groups[prefix]
    fitting = [name for name in groups if is_vgg(shapes_of(groups[name]))]
    if len(fitting) > 1:
        choices = ", ".join(f"{path}{SEPARATOR}{name}" for name in fitting[:MAX_LISTED])
        raise InputError(
            f"{path} contains {len(fitting)} VGG networks, whose names have different prefixes. "
            f"Choose one of: {choices}."
        )
    name = fitting[0] if fitting else next(iter(groups))  # its error is raised later
    return name, groups[name]


def is_vgg(shapes: KernelShapes | None) -> bool:
    """Whether kernels are the first layers of VGG-19 or VGG-16: 3 x 3, each on the one below."""
    for table in (VGG19, VGG16):
        known = convolutions(table)[: len(shapes or ())]
        if shapes and set(shapes) == set(known):
            channels = [3, *(shapes[l][-1] for l in known)]
            return all(
                tuple(shapes[l]) == (3, 3, *pair)
                for l, pair in zip(known, pairwise(channels), strict=True)
            )
    return False


def check_no_prefix(path: Path, prefix: str | None) -> None:
    """Raise `InputError` if a prefix is given for a file that contains only one network."""
    if prefix is not None:
        raise InputError(
            f"{path} contains only one network: leave out {SEPARATOR}{prefix} after the file."
        )


def _listed(groups: Mapping[str, object]) -> str:
    """The prefixes, for a message."""
    shown = [repr(name) for name in list(groups)[:MAX_LISTED]]
    return ", ".join(shown + ["..."] * (len(groups) > MAX_LISTED))
