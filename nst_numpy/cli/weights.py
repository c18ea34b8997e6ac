"""The command ``nst-numpy weights``: fetch, info, verify, convert, normalize."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage

from nst_numpy.cli.messages import print_aligned
from nst_numpy.cli.weights_info import info, verify
from nst_numpy.images import read_picture
from nst_numpy.networks import load_network, normalize, read_network, write_compact
from nst_numpy.networks.catalog import PUBLISHED_FILES, identify_file
from nst_numpy.networks.compact_h5 import DTYPES
from nst_numpy.networks.download import fetch
from nst_numpy.networks.formats import supported_libraries
from nst_numpy.networks.preprocessing import PREPROCESSINGS
from nst_numpy.transfer.option_values import parse_above_zero
from nst_numpy.transfer.prepare_network import NORMALIZE_SIZE, sample_pictures
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_output_file
from nst_numpy.utils.types import Image
from nst_numpy.vgg import POOLINGS

DESCRIPTION = """
Manage networks. fetch downloads the VGG-19 or VGG-16 of the paper and stores its convolutions; info
describes a weights file of any supported format; convert writes it in the compact format of this
package; verify checks files; normalize scales each filter to a mean activation of one.
"""
INPUT = f"weights file of {supported_libraries()}"


def add_to(commands: Any) -> None:
    """Add this command with its actions to the subparsers of the command line."""
    parser = commands.add_parser(
        "weights", help="fetch, inspect, convert and normalize networks", description=DESCRIPTION
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_fetch(actions)
    _add_info(actions)
    _add_verify(actions)
    _add_convert(actions)
    _add_normalize(actions)


def _add_fetch(actions: Any) -> None:
    action = actions.add_parser(
        "fetch",
        help="download the VGG-19 or VGG-16 of the paper",
        description="Download a published VGG, verify it, and store its convolutions in the cache "
        "folder, so that --weights finds the network by name. The environment variable NST_CACHE "
        "sets this folder; NST_MIRROR is the URL of another folder to download from.",
    )
    networks = tuple(dict.fromkeys(file.network for file in PUBLISHED_FILES))
    sources = sorted({file.source for file in PUBLISHED_FILES})
    action.add_argument("network", choices=networks, help="network to download")
    action.add_argument(
        "--source",
        choices=sources,
        help="keras (default), caffe and matconvnet provide the release of the authors of VGG; "
        "torchvision provides weights of its own training",
    )
    action.add_argument(
        "--from",
        dest="file",
        metavar="FILE",
        help="use this local copy of the published file instead of downloading it",
    )
    _add_dtype(action)
    action.set_defaults(run=run_fetch)


def _add_info(actions: Any) -> None:
    text = "describe networks: layers, expected input, checksum, license"
    action = actions.add_parser("info", help=text, description=text.capitalize() + ".")
    _add_files(action)
    action.set_defaults(run=run_info)


def _add_verify(actions: Any) -> None:
    text = "check that weights files are valid, and compare them with known checksums"
    action = actions.add_parser("verify", help=text, description=text.capitalize() + ".")
    _add_files(action)
    action.set_defaults(run=run_verify)


def _add_convert(actions: Any) -> None:
    text = "Write a network in the compact format of this package, without its dense layers."
    action = actions.add_parser("convert", help="write the compact format", description=text)
    action.add_argument("file", metavar="FILE", help=INPUT)
    action.add_argument("-o", "--output", required=True, metavar="OUT.h5", help="file to write")
    action.add_argument(
        "--preprocessing",
        choices=tuple(PREPROCESSINGS),
        help="input that the network expects, if `info` shows the wrong one. "
        + "; ".join(f"{name}: {text}" for name, text in PREPROCESSINGS.items()),
    )
    _add_dtype(action)
    action.set_defaults(run=run_convert)


def _add_normalize(actions: Any) -> None:
    action = actions.add_parser(
        "normalize",
        help="scale filters to a mean activation of one",
        description="Scale the weights so that the mean activation of each filter over a set of "
        "pictures is one, as in the paper. The features change only by one factor per filter.",
    )
    action.add_argument("file", metavar="NAME|FILE", help=f"network, or {INPUT}")
    action.add_argument("-o", "--output", required=True, metavar="OUT.h5", help="file to write")
    action.add_argument(
        "--images",
        metavar="DIR",
        help=f"folder of pictures; their longer side is scaled to {NORMALIZE_SIZE} pixels "
        "(default: the sample pictures)",
    )
    action.add_argument(
        "--pooling", choices=POOLINGS, default=POOLINGS[0], help="(default: %(default)s)"
    )
    action.add_argument(
        "--rare",
        type=parse_above_zero,
        metavar="R",
        help="scale filters that are rarely active to a root mean square of R instead; transfer "
        "uses 3 for networks that are not normalized",
    )
    _add_dtype(action)
    action.set_defaults(run=run_normalize)


def _add_files(action: argparse.ArgumentParser) -> None:
    action.add_argument("files", nargs="+", metavar="NAME|FILE", help=f"network, or {INPUT}")


def _add_dtype(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--dtype",
        choices=tuple(DTYPES),
        default="float32",
        help="dtype of the weights in the file; float16 halves its size (default: %(default)s)",
    )


def run_fetch(arguments: argparse.Namespace) -> int:
    """Download a network and print where it is stored."""
    path = fetch(arguments.network, arguments.source, arguments.dtype, arguments.file)
    print_aligned(f"{arguments.network} is stored in {path} ({path.stat().st_size / 1e6:.0f} MB).")
    print_aligned(f"Use it: nst-numpy transfer ... --weights {arguments.network}")
    print_aligned(f"Make it the default: set NST_WEIGHTS={arguments.network}")
    return 0


def run_info(arguments: argparse.Namespace) -> int:
    """Print a description of each network."""
    for i, source in enumerate(arguments.files):
        print("" if i == 0 else "\n", end="")
        for label, value in info(source):
            print_aligned(f"{label:<14}{value}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Check each network; return 1 if one is invalid."""
    failed = 0
    for source in arguments.files:
        passed, sentence = verify(source)
        failed += not passed
        print_aligned(sentence if source in sentence else f"{source}: {sentence}")
    return 1 if failed else 0


def run_convert(arguments: argparse.Namespace) -> int:
    """Write a weights file in the compact format."""
    _check_output(arguments.file, arguments.output)
    network = read_network(arguments.file, arguments.preprocessing)
    published, _ = identify_file(arguments.file)
    if published is not None:
        network = replace(network, about=network.about | published.about)
    write_compact(arguments.output, network, arguments.dtype)
    print_aligned(f"{arguments.output}: {len(network.weights)} convolutions in {arguments.dtype}.")
    return 0


def run_normalize(arguments: argparse.Namespace) -> int:
    """Normalize a network, write it, and list filters that are never active."""
    _check_output(arguments.file, arguments.output)
    pictures = sample_pictures() if arguments.images is None else _pictures(arguments.images)
    network = load_network(arguments.file)
    network, dead = normalize(network, pictures, arguments.pooling, arguments.rare)
    over = "the sample pictures" if arguments.images is None else "a folder of pictures"
    about = network.about | {"normalized over": over}
    write_compact(arguments.output, replace(network, about=about), arguments.dtype)
    for l, filters in dead.items():
        print_aligned(
            f"{l}: {len(filters)} dead filters not scaled: {', '.join(map(str, filters))}"
        )
    rare = (
        f"; rarely active filters have a root mean square of {arguments.rare:g}"
        if arguments.rare
        else ""
    )
    print_aligned(f"{arguments.output}: mean activations over {over} are one{rare}.")
    return 0


def _pictures(folder: str) -> Iterator[Image]:
    """The pictures of a folder, one after the other. Files with other extensions are skipped."""
    if not os.path.isdir(folder):
        raise InputError(f"There is no folder {folder}.")
    extensions = PillowImage.registered_extensions()
    paths = sorted(p for p in Path(folder).glob("*") if p.suffix.lower() in extensions)
    if not paths:
        raise InputError(f"There are no pictures in the folder {folder}.")
    return (read_picture(path, NORMALIZE_SIZE) for path in paths)


def _check_output(source: str, output: str) -> None:
    """Check that the output can be written and is not the input."""
    path = Path(output)
    check_output_file(path, "file")
    if path.exists() and os.path.exists(source) and path.samefile(source):
        raise InputError(f"{path} is the input file: choose another output file.")
    if path.suffix != ".h5":
        raise InputError(f"{path}: the name of a weights file to write must end in .h5.")
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}.")
