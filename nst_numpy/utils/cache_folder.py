"""The folder in which the package keeps downloaded networks and compiled kernels."""

import os
from pathlib import Path

CACHE = "NST_CACHE"  # environment variable


def cache_folder() -> Path | None:
    """Return the folder named by NST_CACHE, else the one that this platform provides for caches.

    None if neither is known, for example for a user without a home folder.
    """
    try:
        if os.environ.get(CACHE):
            return Path(os.environ[CACHE]).expanduser()
        from pooch import os_cache  # only here: most commands do not need it

        folder = Path(os_cache("nst_numpy")).expanduser()
    except RuntimeError:  # there is no home folder
        return None
    return folder if folder.is_absolute() else None
