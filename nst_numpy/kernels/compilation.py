"""Compiles each kernel once, when it is first needed, where Ctrl-C does not interrupt numba."""

import threading
from dataclasses import dataclass
from typing import Any

from numba import njit, types

from nst_numpy.kernels.code_cache import CodeCache, warn_if_not_kept
from nst_numpy.utils.fork_safety import wait_before_fork
from nst_numpy.utils.own_thread import in_own_thread

FLAG, INTEGER = types.boolean, types.int64

compiling = threading.RLock()


def read_only(element, dimensions):
    """Return numba's type of a C-contiguous array that a kernel only reads."""
    return types.Array(element, dimensions, "C", readonly=True)


def writable(element, dimensions):
    """Return numba's type of a C-contiguous array that a kernel writes to."""
    return types.Array(element, dimensions, "C")


@dataclass
class Kernel:
    """A function that numba compiles for one set of types.

    dispatcher : numba's object for the function; signature : of the function.
    """

    dispatcher: Any
    signature: Any
    is_compiled: bool = False

    def compile(self):
        """Compile the kernel, or read it from the cache, unless that has been done.

        To be called before the kernel, in the thread that a warning is meant for.
        """
        if not self.is_compiled:
            in_own_thread(self._compile)
            warn_if_not_kept()

    def _compile(self):
        with compiling:
            if not self.is_compiled:
                self.dispatcher.compile(self.signature)
                self.dispatcher.disable_compile()  # else numba adds a version for writable arrays
                self.is_compiled = True

    def __call__(self, *arguments):
        """Call the compiled function. Arrays that may be written to are accepted as read-only."""
        self.dispatcher(*arguments)


def kernel(*argument_types):
    """Decorate a function to make it a `Kernel` for arguments of these types."""

    def decorate(function):
        dispatcher = njit(nogil=True, error_model="numpy")(function)
        dispatcher._cache = CodeCache(function.__name__)
        return Kernel(dispatcher, types.void(*argument_types))

    return decorate


wait_before_fork(compiling, seconds=60)  # the child would inherit numba's state half changed
