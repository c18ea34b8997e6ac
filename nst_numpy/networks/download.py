"""Get a published VGG, check it, and keep its convolutions in the project's own file."""

import errno
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nst_numpy.networks.array_files import read_start
from nst_numpy.networks.catalog import SOURCES, PublishedFile, identify_source
from nst_numpy.networks.compact_h5 import write_compact
from nst_numpy.networks.load import read_network
from nst_numpy.utils.errors import InputError, unknown_name
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

CACHE, MIRROR = "NST_CACHE", "NST_MIRROR"  # environment variables
TIMEOUT = 30  # seconds without a byte after which a connection is given up


def cache_folder() -> Path:
    """Where fetched networks are kept: NST_CACHE, or this platform's folder for such files."""
    if os.environ.get(CACHE):
        return Path(os.environ[CACHE]).expanduser()
    from pooch import os_cache  # only here: nobody pays for it who fetches nothing

    return Path(os_cache("nst_numpy"))


def fetched_path(name: str) -> Path:
    """Where the network of that name is once it has been fetched."""
    return cache_folder() / f"{name}.h5"


def fetched_network(name: str) -> Network:
    """A network that `fetch` got before.

    Raises
    ------
    InputError
        If it has not been fetched yet.
    """
    path = fetched_path(name)
    if not path.exists():
        raise InputError(
            f"The network {name} has not been fetched yet: `nst-numpy weights fetch {name}` gets "
            f"it ({choose_source(name).megabytes} MB)."
        )
    return replace(read_network(path), name=name)


def choose_source(
    name: str, wanted: str | None = None, sources: Sequence[PublishedFile] = SOURCES
) -> PublishedFile:
    """A network's source by name, its first if none is asked for."""
    offered = {source.name: source for source in sources if source.network == name}
    if not offered:
        raise unknown_name("network", name, sorted({source.network for source in sources}))
    if wanted is None:
        return next(iter(offered.values()))
    if wanted not in offered:
        raise unknown_name(f"source of {name}", wanted, tuple(offered))
    return offered[wanted]


def fetch(
    name: str,
    wanted: str | None = None,
    dtype: str = "float32",
    file: File | None = None,
    sources: Sequence[PublishedFile] = SOURCES,
) -> Path:
    """Get a network's published file, check it, and keep its convolutions in the cache folder.

    Nothing is downloaded if the network is there already, from the same source in the same
    dtype, and whole.

    Parameters
    ----------
    name : str
        ``vgg19`` or ``vgg16``.
    wanted : str, optional
        Name of the source.
    dtype : {"float32", "float16"}
    file : path, optional
        The published file, got in another way: nothing is downloaded.
    sources : sequence of PublishedFile

    Returns
    -------
    Path
        Of the network, a file as `write_compact` writes it.

    Raises
    ------
    InputError
        If there is no network, the file is not the published one, the disk is full, ...: what
        to do by hand is in the sentence.
    """
    source = choose_source(name, wanted, sources)
    path = fetched_path(name)
    if file is not None:
        offered = [s for s in sources if s.network == name and wanted in (None, s.name)]
        return _keep(Path(file), path, offered, dtype, "")
    if _is_kept(path, source, dtype):
        return path
    by_hand = (
        f" By hand: get {source.address}/{source.file} ({', or '.join(source.checksums)}), then "
        f"`nst-numpy weights fetch {name} --from {source.file}`; it is kept as {path}."
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="part-") as folder:
            downloaded = _download(source, Path(folder), by_hand)
            return _keep(downloaded, path, [source], dtype, by_hand)
    except OSError as error:
        raise InputError(f"{path.parent}: {_why(error)}.{by_hand}") from error


def _is_kept(path: Path, source: PublishedFile, dtype: str) -> bool:
    """Whether the network is in the cache folder, whole, from that source and in that dtype."""
    try:
        about = read_network(path).about
    except InputError:
        return False
    return (about.get("source"), about.get("dtype")) == (source.about["source"], dtype)


def _download(source: PublishedFile, folder: Path, by_hand: str) -> Path:
    """The published file in that folder, or a sentence."""
    import pooch  # only here

    mirror = os.environ.get(MIRROR)
    address = f"{(mirror or source.address).rstrip('/')}/{source.file}"
    if shutil.disk_usage(folder).free < source.megabytes * 1_000_000:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    loader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    pooch.get_logger().setLevel("WARNING")
    try:
        path = pooch.retrieve(address, None, source.file, folder, downloader=loader)
    except (OSError, ValueError) as error:  # requests' exceptions are OSErrors
        raise InputError(f"{address} could not be downloaded: {_why(error)}.{by_hand}") from error
    return Path(path)


def _keep(
    file: Path, path: Path, sources: Sequence[PublishedFile], dtype: str, by_hand: str
) -> Path:
    """Check a published file and write its convolutions to `path`."""
    try:
        start = read_start(file)
        source, checksum = identify_source(file, sources)
    except InputError as error:
        raise InputError(f"{error}{by_hand}") from error
    if source is None:
        wanted = ", ".join(f"{s.file} ({', or '.join(s.checksums)})" for s in sources)
        raise InputError(
            f"{file} is not the published file: its {file.stat().st_size:,} bytes, beginning with "
            f"{start[:4]!r}, have none of the checksums of {wanted}.{by_hand}"
            + ("" if by_hand else " Another VGG: `nst-numpy weights convert`.")
        )
    network = read_network(file, source.preprocessing)
    about = network.about | source.about | {"checksum of the source": checksum}
    about["told by"] = "its checksum"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent}: {_why(error)}.") from error
    write_compact(path, replace(network, about=about), dtype)
    return path


def _why(error: Exception) -> str:
    """The reason of an error of the system or the network, in plain words."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server answers {status}"
    number = getattr(error, "errno", None)
    if number is None and type(error).__name__ in ("ConnectionError", "ConnectTimeout"):
        return "there is no connection to it"
    if number == errno.ENOSPC:
        return "the disk is full"
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {str(error)[:200]}"
