"""Check paths of input and output files and folders before they are used."""

import os
import re
import stat
from pathlib import Path

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File

ADDRESS = re.compile(r"(https?|ftps?|s3|gs):/+", re.IGNORECASE)  # `Path` removes one slash


def check_input_file(path: File, kind: str) -> None:
    """Check that a path is a readable regular file.

    Pipes and devices are rejected because reading them may block or never end.

    Parameters
    ----------
    path : str or path
    kind : str
        The expected kind of file, for the message: "picture", "weights file".

    Raises
    ------
    InputError
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, ValueError) as error:  # ValueError: not a valid file name
        if address := ADDRESS.match(text := os.fspath(path)):
            location = text[address.end() :]
            raise InputError(
                f"{address[1]}://{location} is a web address; expected a {kind} on this computer: "
                "download it first."
            ) from error
        raise InputError(f"There is no {kind} {os.fspath(path)}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder; expected a {kind}.")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is a pipe or a device; expected a {kind}.")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read: permission denied.")


def check_output_file(path: File, kind: str) -> None:
    """Check that a path is a valid name for a new file or an existing regular file.

    Parameters
    ----------
    path : str or path
    kind : str
        The kind of file to write, for the message.

    Raises
    ------
    InputError
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is not a valid file name"
        raise InputError(f"{path} cannot be written: {why}.") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder; expected the name of a {kind} to write.")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is a pipe or a device; expected the name of a {kind} to write.")


def ensure_folder(folder: File) -> Path:
    """Create a folder if it does not exist, and check that it is writable.

    Raises
    ------
    InputError
        If the folder cannot be created or written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise InputError(
            f"The folder {folder.parent}, which should contain {folder.name}, does not exist: "
            "create it first."
        ) from error
    except OSError as error:
        raise InputError(f"{folder} cannot be used as a folder: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The folder {folder} cannot be written: permission denied.")
    return folder
