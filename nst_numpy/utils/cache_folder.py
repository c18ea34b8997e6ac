"""The folder in which the package keeps downloaded networks and compiled kernels."""

import os
import warnings
from pathlib import Path
from types import ModuleType

CACHE = "NST_CACHE"  # environment variable


def cache_folder() -> Path | None:
    """Return the folder named by NST_CACHE, else the one that this platform provides for caches.

    None if neither is known, for example for a user without a home folder.
    """
    try:
        if os.environ.get(CACHE):
            return Path(os.environ[CACHE]).expanduser()
        folder = Path(import_pooch().os_cache("nst_numpy")).expanduser()
    except RuntimeError:  # there is no home folder
        return None
    return folder if folder.is_absolute() else None


def import_pooch() -> ModuleType:
    """Import pooch, without the warning of its progress bars in a Jupyter without ipywidgets.

    Most commands do not need pooch, so it is imported at its first use only.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pooch
    return pooch
