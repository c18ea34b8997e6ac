"""``nst-numpy weights``: get a VGG, see what a file is, convert, verify and normalize it."""

import os
from dataclasses import replace
from pathlib import Path

from PIL import Image

from nst_numpy.cli import options
from nst_numpy.cli.weights_info import info, verify
from nst_numpy.images import read_picture
from nst_numpy.networks import load_network, normalize, read_network, write_compact
from nst_numpy.networks.catalog import SOURCES, identify_source
from nst_numpy.networks.compact_h5 import DTYPES
from nst_numpy.networks.download import fetch
from nst_numpy.networks.preprocessing import PREPROCESSINGS
from nst_numpy.transfer.network_preparation import NORMALIZE_SIZE, sample_pictures
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_output_file
from nst_numpy.vgg import POOLINGS

DESCRIPTION = """
Networks: fetch gets the VGG-19 or VGG-16 of the paper and keeps its convolutions; info tells what
a file of any format is; convert writes it as the package's own compact file; verify checks files;
normalize scales every filter to a mean activation of one.
"""
INPUT = "file of Keras, MatConvNet, PyTorch, safetensors, NumPy or this package"


def add_to(commands):
    """Add this command's own commands and their options to the command line."""
    parser = commands.add_parser("weights", help="get and convert VGGs", description=DESCRIPTION)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_fetch(actions)
    for name, run, help_text in (
        ("info", run_info, "what a file is, its layers, input, checksum and license"),
        ("verify", run_verify, "read files and compare them with what is known of them"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        action.add_argument("files", nargs="+", metavar="NAME|FILE", help=f"network, or {INPUT}")
        action.set_defaults(run=run)
    _add_convert(actions)
    _add_normalize(actions)


def _add_fetch(actions):
    networks = sorted({source.network for source in SOURCES}, reverse=True)
    names = sorted({source.name for source in SOURCES})
    action = actions.add_parser(
        "fetch",
        help="get the VGG-19 or VGG-16 that the paper uses",
        description="Download a published VGG, check it, and keep its convolutions in the cache "
        "folder, where --weights finds it by name. NST_CACHE moves that folder; NST_MIRROR is the "
        "address of a folder from which to take the file instead.",
    )
    action.add_argument("network", choices=networks, help="which")
    action.add_argument(
        "--source",
        choices=names,
        help="keras (the default) and caffe are the release of the VGG group, matconvnet too; "
        "torchvision trained its own",
    )
    action.add_argument(
        "--from", dest="file", metavar="FILE", help="the published file, if you have it already"
    )
    _add_dtype(action)
    action.set_defaults(run=run_fetch)


def _add_convert(actions):
    text = "Write a network as the package's own compact file, without its dense layers."
    action = actions.add_parser("convert", help="to the compact file", description=text)
    action.add_argument("file", metavar="FILE", help=INPUT)
    action.add_argument("-o", "--output", required=True, metavar="OUT.h5", help="file to write")
    action.add_argument(
        "--preprocessing",
        choices=tuple(PREPROCESSINGS),
        help="what the network expects, if `info` tells it wrongly: "
        + "; ".join(f"{name}: {text}" for name, text in PREPROCESSINGS.items()),
    )
    _add_dtype(action)
    action.set_defaults(run=run_convert)


def _add_normalize(actions):
    text = (
        "Scale the weights so that the mean activation of every filter over a set of pictures is "
        "one, as in the paper. The network computes the same up to one factor for each filter."
    )
    action = actions.add_parser("normalize", help="mean activations of one", description=text)
    action.add_argument("file", metavar="NAME|FILE", help=f"network, or {INPUT}")
    action.add_argument("-o", "--output", required=True, metavar="OUT.h5", help="file to write")
    action.add_argument(
        "--images",
        metavar="DIR",
        help=f"folder of pictures, each taken with {NORMALIZE_SIZE} pixels on its longer side "
        "(default: the pictures that ship)",
    )
    action.add_argument(
        "--pooling", choices=POOLINGS, default=POOLINGS[0], help="(default: %(default)s)"
    )
    action.add_argument(
        "--rare",
        type=options.above_zero,
        metavar="R",
        help="scale filters that answer rarely to a root mean square of R instead; 3 is what "
        "transfer does on its own with a network that is not normalized",
    )
    _add_dtype(action)
    action.set_defaults(run=run_normalize)


def _add_dtype(action):
    action.add_argument(
        "--dtype",
        choices=tuple(DTYPES),
        default="float32",
        help="of the numbers in the file; float16 halves it (default: %(default)s)",
    )


def run_fetch(arguments):
    """Get a network and tell where it is."""
    path = fetch(arguments.network, arguments.source, arguments.dtype, arguments.file)
    print(f"{arguments.network} is kept in {path} ({path.stat().st_size / 1e6:.0f} MB).")
    print(f"Use it: nst-numpy transfer ... --weights {arguments.network}")
    print(f"Make it the default: set NST_WEIGHTS={arguments.network}")
    return 0


def run_info(arguments):
    """Print what each file is."""
    for i, source in enumerate(arguments.files):
        print("" if i == 0 else "\n", end="")
        for label, value in info(source):
            print(f"{label:<14}{value}")
    return 0


def run_verify(arguments):
    """Check each file; return 1 if one is not what it should be."""
    failed = 0
    for source in arguments.files:
        passed, sentence = verify(source)
        failed += not passed
        print(sentence if source in sentence else f"{source}: {sentence}")
    return 1 if failed else 0


def run_convert(arguments):
    """Read, write, tell."""
    _check_output(arguments.file, arguments.output)
    network = read_network(arguments.file, arguments.preprocessing)
    source, _ = identify_source(arguments.file)
    if source is not None:
        network = replace(network, about=network.about | source.about)
    write_compact(arguments.output, network, arguments.dtype)
    print(f"{arguments.output}: {len(network.weights)} convolutions in {arguments.dtype}.")
    return 0


def run_normalize(arguments):
    """Normalize a network, write it, name the dead filters."""
    _check_output(arguments.file, arguments.output)
    pictures = sample_pictures() if arguments.images is None else _pictures(arguments.images)
    network = load_network(arguments.file)
    network, dead = normalize(network, pictures, arguments.pooling, arguments.rare)
    over = "the pictures that ship" if arguments.images is None else "a folder of pictures"
    about = network.about | {"normalized over": over}
    write_compact(arguments.output, replace(network, about=about), arguments.dtype)
    for l, filters in dead.items():
        print(f"{l}: {len(filters)} dead filters left alone: {', '.join(map(str, filters))}")
    rare = f", of rare filters the root mean square {arguments.rare:g}" if arguments.rare else ""
    print(f"{arguments.output}: mean activations are one over {over}{rare}.")
    return 0


def _pictures(folder):
    """The pictures of a folder, one after the other; what does not end like one is left out."""
    if not os.path.isdir(folder):
        raise InputError(f"There is no folder {folder}.")
    endings = Image.registered_extensions()
    paths = sorted(p for p in Path(folder).glob("*") if p.suffix.lower() in endings)
    if not paths:
        raise InputError(f"There are no pictures in the folder {folder}.")
    return (read_picture(path, NORMALIZE_SIZE) for path in paths)


def _check_output(source, output):
    """Refuse to overwrite what is read, or to write where nothing can be."""
    output = Path(output)
    check_output_file(output, "file")
    if output.exists() and os.path.exists(source) and output.samefile(source):
        raise InputError(f"{output} is the file that is read: name another to write.")
    if output.suffix != ".h5":
        raise InputError(f"{output}: a weights file is written as .h5; name it so.")
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: there is no folder {output.parent}.")
