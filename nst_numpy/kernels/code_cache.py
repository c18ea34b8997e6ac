"""Keeps compiled kernels in the user's cache folder.

numba's own cache lies in the package's folder, does not notice changes in other files than the
kernel's own, and ends with an exception if its files are damaged or cannot be written. Here each
kernel is one file that begins with a checksum. Its name contains a hash of everything that the
machine code depends on, so processes that compile at the same time write equal files.

A folder or file that cannot be read or written is no error: the kernel is compiled again in each
process, with one warning. A damaged file is removed.
"""

import contextlib
import functools
import hashlib
import pickle
import sys
import time
from importlib.resources import files
from pathlib import Path

import llvmlite
import numba
from numba.core import config
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.cache_folder import cache_folder
from nst_numpy.utils.thread_safe_warnings import warn_user

CHECKSUM = hashlib.sha256().digest_size
VERSIONS_KEPT = 8  # of each kernel: several processors and versions may share a folder
DAY = 86400.0

_problems: list[str] = []  # at most one: why compiled kernels cannot be kept
_warned: list[bool] = []


class CodeCache:
    """The cache of one kernel, with the methods of numba's own (`numba.core.caching._Cache`)."""

    def __init__(self, name):
        self.name = name

    @property
    def cache_path(self):
        """The folder as a string, for numba's statistics."""
        return str(kernel_folder())

    def load_overload(self, signature, target_context):
        """Return what was compiled earlier for the signature, or None."""
        target_context.refresh()
        folder = kernel_folder()
        if folder is None:
            return None
        path = folder / self.file_name(signature, target_context.codegen())
        try:
            content = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(Exception):  # whatever a damaged file raises
            if hashlib.sha256(content[CHECKSUM:]).digest() == content[:CHECKSUM]:
                return CompileResult._rebuild(target_context, *pickle.loads(content[CHECKSUM:]))
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def save_overload(self, signature, result):
        """Write what was compiled for the signature."""
        folder = kernel_folder()
        if folder is None:
            _problems.append("there is no folder for caches")
            return
        data = dumps(result._reduce())
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with atomic_file(folder / self.file_name(signature, result.codegen)) as file:
                file.write(hashlib.sha256(data).digest() + data)
            remove_old_files(folder, self.name)
        except OSError as error:
            _problems.append(f"{folder}: {error.strerror or error}")

    def file_name(self, signature, codegen):
        """Return a name that differs where the machine code may differ."""
        target = codegen.magic_tuple()
        key = repr((hash_of_sources(), signature, target, versions())).encode()
        return f"{self.name}-{hashlib.sha256(key).hexdigest()[:32]}.nbc"

    def enable(self):
        """Do nothing: the cache is always enabled."""

    def disable(self):
        """Do nothing: the cache is always enabled."""

    def flush(self):
        """Do nothing: files of earlier versions are removed by `remove_old_files`."""


def kernel_folder():
    """Return the folder of compiled kernels; in NUMBA_CACHE_DIR if that is set. None if unknown."""
    parent = Path(config.CACHE_DIR) / "nst_numpy" if config.CACHE_DIR else cache_folder()
    return parent and parent / "kernels"


@functools.cache
def hash_of_sources():
    """Return a hash of all files of this package: a kernel depends on more files than its own."""
    sources = sorted((file for file in files(__package__).iterdir() if file.is_file()), key=str)
    return hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()


def versions():
    """Return the versions that decide how code is compiled and how a file is read."""
    return numba.__version__, llvmlite.__version__, sys.implementation.cache_tag, str(config.OPT)


def remove_old_files(folder, name):
    """Remove all but the latest files of a kernel, and temporary files of processes that died.

    Another process may remove them at the same time.
    """
    with contextlib.suppress(OSError):
        ages = {path: time.time() - path.stat().st_mtime for path in folder.iterdir()}
        of_kernel = [path for path in ages if path.name.startswith(f"{name}-")]
        of_dead = [path for path in ages if path.suffix == ".part" and ages[path] > DAY]
        for path in [*sorted(of_kernel, key=ages.get)[VERSIONS_KEPT:], *of_dead]:
            path.unlink()


def warn_if_not_kept():
    """Warn, once in a process, if compiled kernels cannot be kept."""
    if _problems and not _warned:
        _warned.append(True)
        warn_user(
            f"Compiled kernels cannot be kept ({_problems[0]}), so each process compiles them "
            "again, which takes some seconds. Set NST_CACHE to a folder that can be written to."
        )
