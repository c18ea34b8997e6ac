"""What all readers of weights files share: the start of a file, its content, and errors."""

import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nst_numpy.networks.stored_arrays import AnyArray, ByteBudget, RawWeights
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_input_file
from nst_numpy.utils.types import File

# Exceptions that the parsers raise on damaged files.
DAMAGED: tuple[type[Exception], ...] = (OSError, RuntimeError, ValueError, TypeError, LookupError)
DAMAGED += (EOFError, MemoryError, OverflowError, SyntaxError, tokenize.TokenError, struct.error)
DAMAGED += (zlib.error, zipfile.BadZipFile, json.JSONDecodeError)

START = 512  # bytes
ZIP_SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True)
class FileStart:
    """What the format of a file is recognized by.

    Attributes
    ----------
    path : Path
    first_bytes : bytes
    members : tuple of str
        Names of the files in it, if it is a zip file.
    """

    path: Path
    first_bytes: bytes
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeightsContent:
    """What a reader finds in a weights file.

    Attributes
    ----------
    weights : dict of str to (K, b)
        Kernels (kh, kw, in, out) and biases, by layer name; not checked yet.
    dtype : str
        Of the kernels in the file.
    preprocessing : str or None
        What conv1_1 expects, see `nst_numpy.networks.preprocessing.PREPROCESSINGS`. None if the
        weights already follow the convention of this package.
    reason : str
        How the preprocessing was recognized.
    mean : (3,) array or None
        RGB mean in the file, 0..255.
    normalized : bool
        Whether the file is marked as normalized.
    about : dict of str to str
        Source, license, attribution, ...
    """

    weights: RawWeights
    dtype: str
    preprocessing: str | None
    reason: str = ""
    mean: AnyArray | None = None
    normalized: bool = False
    about: dict[str, str] = field(default_factory=dict)


def read_first_bytes(path: File, size: int = START) -> bytes:
    """Read the first bytes of a weights file.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, unreadable or a web page.
    """
    path = Path(path)
    check_input_file(path, "weights file")
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if not start:
        raise InputError(f"{path} is empty; expected a weights file.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InputError(
            f"{path} is a web page, not a weights file: the download failed. Download it again."
        )
    return start


def file_start(path: Path) -> FileStart:
    """The first bytes of a weights file and, for a zip file, the names of its members."""
    first_bytes = read_first_bytes(path)
    if not first_bytes.startswith(ZIP_SIGNATURE):
        return FileStart(path, first_bytes)
    with parser_errors(path), zipfile.ZipFile(path) as archive:
        return FileStart(path, first_bytes, tuple(archive.namelist()))


@contextmanager
def parser_errors(path: File) -> Iterator[None]:
    """Turn the exceptions of a parser on a damaged file into an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except DAMAGED as error:
        what = str(error)[:200] or type(error).__name__
        raise InputError(
            f"{path}: the file is damaged or truncated ({what}). Download it again."
        ) from error


def read_member(archive: zipfile.ZipFile, name: str, budget: ByteBudget) -> bytes:
    """The bytes of one file in a zip file, charged to the budget before they are unpacked."""
    info = archive.getinfo(name)
    budget.spend(info.file_size)
    with archive.open(info) as file:
        return file.read(info.file_size)
