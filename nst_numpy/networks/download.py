"""Download a published VGG, verify it, and store its convolutions in the cache folder."""

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from nst_numpy.networks.catalog import PUBLISHED_FILES, PublishedFile, identify_file
from nst_numpy.networks.compact_h5 import write_compact
from nst_numpy.networks.partial_downloads import part_prefix, remove_abandoned_parts
from nst_numpy.networks.read_file import read_network
from nst_numpy.networks.weights_file import read_first_bytes
from nst_numpy.utils.cache_folder import CACHE, cache_folder, import_pooch
from nst_numpy.utils.errors import InputError, unknown_name
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

MIRROR = "NST_MIRROR"  # environment variable
TIMEOUT = 30  # seconds without data after which a connection is closed
SLOWEST = 10_000  # bytes per second on average, after PATIENCE seconds
PATIENCE = 60


def fetched_path(name: str) -> Path:
    """The file of a network in the cache folder, whether or not it exists.

    Raises
    ------
    InputError
        If no cache folder is known.
    """
    folder = cache_folder()
    if folder is None:
        raise InputError(
            f"There is no home folder for downloaded networks: set {CACHE} to a folder."
        )
    return folder / f"{name}.h5"


def fetched_network(name: str) -> Network:
    """Load a network that `fetch` stored in the cache folder.

    Raises
    ------
    InputError
        If it has not been fetched yet.
    """
    path = fetched_path(name)
    if not path.exists():
        raise InputError(
            f"The network {name} has not been fetched yet: run `nst-numpy weights fetch {name}` "
            f"({choose_source(name).megabytes} MB)."
        )
    return replace(read_network(path), name=name)


def choose_source(
    name: str, source: str | None = None, published: Sequence[PublishedFile] = PUBLISHED_FILES
) -> PublishedFile:
    """The published file of a network from a source, by default from the first one."""
    offered = {file.source: file for file in published if file.network == name}
    if not offered:
        raise unknown_name("network", name, sorted({file.network for file in published}))
    if source is None:
        return next(iter(offered.values()))
    if source not in offered:
        raise unknown_name(f"source of {name}", source, tuple(offered))
    return offered[source]


def fetch(
    name: str,
    source: str | None = None,
    dtype: str = "float32",
    file: File | None = None,
    published: Sequence[PublishedFile] = PUBLISHED_FILES,
) -> Path:
    """Download and verify a published network, and store its convolutions in the cache folder.

    Nothing is downloaded if the cache folder already contains the undamaged network from the
    same source in the same dtype.

    Parameters
    ----------
    name : {"vgg19", "vgg16"}
    source : str, optional
        Name of the source, see `nst_numpy.networks.catalog`.
    dtype : {"float32", "float16"}
    file : path, optional
        A local copy of the published file. Nothing is downloaded.
    published : sequence of PublishedFile

    Returns
    -------
    Path
        The stored network, see `nst_numpy.networks.write_compact`.

    Raises
    ------
    InputError
        If the download fails, the file is not the published one, the disk is full, ... The
        message explains how to download the file manually.
    """
    chosen = choose_source(name, source, published)
    path = fetched_path(name)
    if file is not None:
        offered = [p for p in published if p.network == name and source in (None, p.source)]
        return _store(Path(file), path, offered, dtype, "")
    if _is_stored(path, chosen, dtype):
        return path
    manually = (
        f" To download it manually, get {chosen.address}/{chosen.file} "
        f"({', or '.join(chosen.checksums)}) and run `nst-numpy weights fetch {name} --from "
        f"{chosen.file}`, which stores the network in {path}."
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned_parts(path.parent)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=part_prefix()) as folder:
            downloaded = _download(chosen, Path(folder), manually)
            return _store(downloaded, path, [chosen], dtype, manually)
    except OSError as error:
        raise InputError(f"{path.parent}: {_reason(error)}.{manually}") from error


def _is_stored(path: Path, chosen: PublishedFile, dtype: str) -> bool:
    """Whether the cache folder contains the undamaged network of that source and dtype."""
    try:
        about = read_network(path).about
    except InputError:
        return False
    return (about.get("source"), about.get("dtype")) == (chosen.about["source"], dtype)


def _download(chosen: PublishedFile, folder: Path, manually: str) -> Path:
    """Download a published file to a folder."""
    pooch = import_pooch()

    mirror = os.environ.get(MIRROR)
    address = f"{(mirror or chosen.address).rstrip('/')}/{chosen.file}"
    if shutil.disk_usage(folder).free < chosen.megabytes * 1_000_000:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    loader = partial(_download_at_most, chosen.largest_size)
    pooch.get_logger().setLevel("WARNING")
    try:
        path = pooch.retrieve(address, None, chosen.file, folder, downloader=loader)
    except (OSError, ValueError) as error:  # the exceptions of requests are OSErrors
        raise InputError(
            f"{_without_password(address)} could not be downloaded: {_reason(error)}.{manually}"
        ) from error
    return Path(path)


def _download_at_most(limit: int, address: str, output: str, _: object) -> None:
    """Download a file, and stop if it is larger than a limit in bytes.

    Raises
    ------
    _TooLong, _TooSlow
        If the server sends more, or would need hours.
    """
    pooch = import_pooch()
    with open(output, "wb") as file:
        loader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
        loader(address, _Limited(file, limit), None)


class _Limited:
    """A file that refuses to grow beyond a limit, or to grow very slowly."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.file, self.left, self.received = file, limit, 0
        self.started = time.monotonic()

    def write(self, data: bytes) -> int:
        """Write data if they fit."""
        self.left -= len(data)
        self.received += len(data)
        if self.left < 0:
            raise _TooLong
        seconds = time.monotonic() - self.started
        if seconds > PATIENCE and self.received < SLOWEST * seconds:
            raise _TooSlow
        return self.file.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self.file.flush()


class _TooLong(ValueError):  # noqa: N818 - what is wrong
    """A server sends more than the published file."""


class _TooSlow(ValueError):  # noqa: N818 - what is wrong
    """A server sends less than `SLOWEST`."""


def _without_password(text: str) -> str:
    """A text in which user names and passwords are removed from addresses."""
    return re.sub(r"//[^/\s]*@", "//", text)


def _store(
    file: Path, path: Path, offered: Sequence[PublishedFile], dtype: str, manually: str
) -> Path:
    """Verify a published file and write its convolutions to a path.

    Parameters
    ----------
    file : Path
    path : Path
        The file to write.
    offered : sequence of PublishedFile
        The published files that it may be.
    dtype : {"float32", "float16"}
    manually : str
        How to download the file manually, appended to messages; empty for a local copy.
    """
    try:
        start = read_first_bytes(file)
        published, checksum = identify_file(file, offered)
    except InputError as error:
        raise InputError(f"{error}{manually}") from error
    if published is None:
        expected = ", ".join(f"{p.file} ({', or '.join(p.checksums)})" for p in offered)
        hint = manually or " To use another VGG, run `nst-numpy weights convert`."
        raise InputError(
            f"{file} ({file.stat().st_size:,} bytes, starting with {start[:4]!r}) is not the "
            f"published file: its checksum does not match {expected}.{hint}"
        )
    network = read_network(file, published.preprocessing)
    about = network.about | published.about
    about |= {"checksum of the source": checksum, "preprocessing reason": "checksum"}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent}: {_reason(error)}.") from error
    write_compact(path, replace(network, about=about), dtype)
    return path


def _reason(error: Exception) -> str:
    """The reason of an error of the system or the connection, for a message."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server responded with status {status}"
    number = getattr(error, "errno", None)
    if number is None and type(error).__name__ in ("ConnectionError", "ConnectTimeout"):
        return "no connection to the server"
    if number == errno.ENOSPC:
        return "the disk is full"
    if isinstance(error, _TooLong):
        return "the server sends more than the published file, so the download was stopped"
    if isinstance(error, _TooSlow):
        return f"the server sends less than {SLOWEST // 1000} kB per second"
    what = _without_password(str(error))[:200]
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {what}"
