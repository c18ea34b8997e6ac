"""Describe and verify a network for ``nst-numpy weights info`` and ``verify``."""

from pathlib import Path

import numpy as np

from nst_numpy.networks import NAMED_NETWORKS, load_network
from nst_numpy.networks.catalog import checksums, identify_file
from nst_numpy.networks.preprocessing import PREPROCESSINGS
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19, Network


def info(source: str) -> list[tuple[str, str]]:
    """Describe a network.

    Parameters
    ----------
    source : str
        Name or file.

    Returns
    -------
    list of (label, value)
    """
    network, path = load_network(source), _path(source)
    published, _ = identify_file(path) if path else (None, None)
    about = network.about | (published.about if published else {})
    layers = list(network.weights)
    rows = [
        ("network", _architecture(network)),
        ("file", str(path or "none, generated when it is loaded")),
        ("format", about.get("format")),
        ("layers", f"{len(layers)} convolutions, {layers[0]} to {layers[-1]}"),
        ("filters", _filters(network)),
        ("weights", f"{_count(network):,}, {about.get('dtype') or network.dtype}"),
        ("input", _input(network, about)),
        ("normalized", "yes" if network.normalized else "no"),
        ("SHA-256", checksums(path)["sha256"] if path else None),
        ("made from", about.get("made from")),
        ("source", about.get("source")),
        ("license", about.get("license", "unknown")),
        ("attribution", about.get("attribution")),
    ]
    return [(label, value) for label, value in rows if value]


def verify(source: str) -> tuple[bool, str]:
    """Check a network.

    Parameters
    ----------
    source : str
        Name or file.

    Returns
    -------
    passed : bool
    sentence : str
        What the check is based on, or what is wrong.

    Raises
    ------
    InputError
        If there is no such file.
    """
    path = _path(source)
    try:
        network = load_network(source)
    except InputError as error:
        if path is None or not path.is_file():
            raise
        return False, str(error)
    count = len(network.weights)
    if path is None:
        return True, f"{count} convolutions, generated when it is loaded."
    published, checksum = identify_file(path)
    if published is not None:
        return True, f"the published file {published.file} of {published.address} ({checksum})."
    if "digest" in network.about:
        return True, f"{count} convolutions; the weights match the checksum in the file."
    return True, (
        f"{count} convolutions with consistent shapes and finite weights; the checksum matches "
        "none of the published files, so the origin is unknown."
    )


def _path(source: str) -> Path | None:
    """The file of a network; None if it has none."""
    if source not in NAMED_NETWORKS:
        return Path(source)
    path = NAMED_NETWORKS[source].path
    return path() if path is not None else None


def _architecture(network: Network) -> str:
    """VGG-16, VGG-19, or both if the layers do not distinguish them."""
    n = len(network.layers)
    tables = {"VGG-16": VGG16, "VGG-19": VGG19}
    return " or ".join(name for name, table in tables.items() if network.layers == table[:n])


def _filters(network: Network) -> str:
    """Number of filters of each layer, with blocks separated by a bar."""
    blocks: dict[str, list[str]] = {}
    for l, (_, b) in network.weights.items():
        blocks.setdefault(l[4], []).append(str(b.size))
    return " | ".join(" ".join(widths) for widths in blocks.values())


def _count(network: Network) -> int:
    """Number of weights and biases."""
    return sum(v.size for pair in network.weights.values() for v in pair)


def _input(network: Network, about: dict[str, str]) -> str:
    """What the first layer expects in the file, and how that was recognized."""
    preprocessing = about.get("preprocessing")
    mean = ", ".join(f"{v:.6g}" for v in np.asarray(network.mean, float))
    if preprocessing is None or preprocessing == "rgb":
        return f"RGB, 0..255, minus ({mean})"
    return f"{PREPROCESSINGS[preprocessing]} ({preprocessing}: {about['preprocessing reason']})"
