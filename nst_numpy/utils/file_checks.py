"""What must hold of a file before a parser sees it."""

import os
import stat
from pathlib import Path

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File


def check_input_file(path: File, kind: str) -> None:
    """Refuse what is no file that can be read: a pipe would be waited for, a device has no end.

    Parameters
    ----------
    path : str or path
    kind : str
        What is expected, for the message: "picture", "weights file".

    Raises
    ------
    InputError
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, ValueError) as error:  # ValueError: no name that a file can have
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
    """Refuse a name under which no file can be written, before the work starts.

    Parameters
    ----------
    path : str or path
    kind : str
        What is to be written, for the message.

    Raises
    ------
    InputError
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have that name"
        raise InputError(f"{path} cannot be written: {why}.") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder; expected the name of a {kind} to write.")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is a pipe or a device; expected the name of a {kind} to write.")


def ensure_folder(folder: File) -> Path:
    """Make a folder if need be; `InputError` if that cannot be."""
    folder = Path(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise InputError(
            f"There is no folder {folder.parent} to make {folder.name} in: make it first."
        ) from error
    except OSError as error:
        raise InputError(f"{folder} cannot be used as a folder: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The folder {folder} cannot be written: permission denied.")
    return folder
