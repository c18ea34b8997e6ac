"""What ``nst-numpy weights info`` and ``verify`` have to say of a network or a file."""

from pathlib import Path

import numpy as np

from nst_numpy.networks import NAMED_NETWORKS, load_network
from nst_numpy.networks.catalog import checksums, identify_source
from nst_numpy.networks.download import fetched_path
from nst_numpy.networks.preprocessing import PREPROCESSINGS
from nst_numpy.networks.shipped_weights import shipped_weights_path
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19


def info(source):
    """(label, value) of all that is known of a network.

    Parameters
    ----------
    source : str
        Name or file.

    Returns
    -------
    list of (str, str)
    """
    network, path = load_network(source), _path(source)
    published, _ = identify_source(path) if path else (None, None)
    about = network.about | (published.about if published else {})
    layers = list(network.weights)
    whole = "VGG-16" if network.layers == VGG16[: len(network.layers)] else "VGG-19"
    both = network.layers == VGG19[: len(network.layers)] == VGG16[: len(network.layers)]
    rows = [
        ("network", "VGG-16 or VGG-19" if both else whole),
        ("file", str(path or "none, made when asked for")),
        ("format", about.get("format")),
        ("layers", f"{len(layers)} convolutions, {layers[0]} to {layers[-1]}"),
        ("filters", _widths(network)),
        ("numbers", f"{_count(network):,}, {about.get('dtype') or network.dtype}"),
        ("input", _input(network, about)),
        ("normalized", "yes" if network.normalized else "no"),
        ("SHA-256", checksums(path)["sha256"] if path else None),
        ("made from", about.get("made from")),
        ("source", about.get("source")),
        ("license", about.get("license", "not known")),
        ("attribution", about.get("attribution")),
    ]
    return [(label, value) for label, value in rows if value]


def verify(source):
    """Whether a file is what it should be, and a sentence that says by what that is known."""
    path = _path(source)
    try:
        network = load_network(source)
    except InputError as error:
        if path is None or not path.is_file():
            raise  # there is nothing to judge
        return False, str(error)
    count = len(network.weights)
    if path is None:
        return True, f"{count} convolutions, made when asked for."
    published, checksum = identify_source(path)
    if published is not None:
        return True, f"the published {published.file} of {published.address} ({checksum})."
    if "digest" in network.about:
        return True, f"{count} convolutions, the same numbers that were written."
    return True, (
        f"{count} convolutions that fit each other, all numbers finite; none of the published "
        "files, so whose they are is not known."
    )


def _path(source):
    """The file behind a name or a path; None if there is none."""
    if source not in NAMED_NETWORKS:
        return Path(source)
    if source == "tiny":
        return shipped_weights_path("tiny.h5")
    return None if source == "random" else fetched_path(source)


def _widths(network):
    """Numbers of filters, the blocks set apart."""
    blocks = {}
    for l, (_, b) in network.weights.items():
        blocks.setdefault(l[4], []).append(str(b.size))
    return " | ".join(" ".join(widths) for widths in blocks.values())


def _count(network):
    return sum(v.size for pair in network.weights.values() for v in pair)


def _input(network, about):
    """What the file expects, and by what that was told."""
    expects = about.get("preprocessing")
    mean = ", ".join(f"{v:.6g}" for v in np.asarray(network.mean, float))
    if expects in (None, "rgb"):
        return f"red, green, blue, 0..255, minus ({mean})"
    return f"{PREPROCESSINGS[expects]} ({expects}: {about['told by']})"
