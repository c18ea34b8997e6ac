"""Find out how much memory is available to this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst_numpy.utils.errors import InputError

MEGABYTE = 2**20
SHARE = 0.7  # of the free memory, the default budget of a job
UNKNOWN = 4 * 2**30  # bytes assumed free where the system does not report it
RLIMITS = (("Max address space", "VmSize:"), ("Max data size", "VmData:"))  # limit, current usage
CGROUP_FILES = {  # by version: folder, limit, usage, and the reclaimable part of the usage
    "v2": ("/sys/fs/cgroup", "memory.max", "memory.current", "\ninactive_file"),
    "v1": (
        "/sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}


def free_memory() -> int | None:
    """Bytes that this process can still allocate.

    The minimum over the free memory of the machine, the limits of its control groups
    (containers) and the resource limits of the process. None where the system does not report
    any of them.
    """
    free = [_read_number("/proc/meminfo", "MemAvailable:", 1024), *_left_in_cgroups()]
    for limit, used in RLIMITS:
        most = _read_number("/proc/self/limits", limit)
        if most is not None:
            free.append(most - (_read_number("/proc/self/status", used, 1024) or 0))
    known = [max(1, left) for left in free if left is not None]
    return min(known) if known else None


def memory_budget(memory: float | None, jobs: int = 1) -> float:
    """Memory in bytes that each of several concurrent jobs may use.

    Parameters
    ----------
    memory : float or None
        Limit in MB, capped at the free memory. None means `SHARE` of the free memory.
    jobs : int
        Number of jobs that run at the same time.

    Returns
    -------
    float
    """
    free = free_memory()
    if memory:
        return min(memory * MEGABYTE, free / jobs) if free else memory * MEGABYTE
    return SHARE * (free or UNKNOWN) / jobs


def _left_in_cgroups() -> Iterator[int]:
    """Bytes left below the limit of each control group of this process."""
    for line in _read_text("/proc/self/cgroup").splitlines():
        number, controllers, path = line.split(":", 2)
        version = "v2" if number == "0" else "v1" if "memory" in controllers.split(",") else None
        if version is None:
            continue
        root, limit, used, cache = CGROUP_FILES[version]
        # In a container the path may be that of the host; then only the root exists.
        for folder in (Path(path), *Path(path).parents):
            here = f"{root}/{folder.relative_to('/')}"
            most, taken = (_read_number(f"{here}/{name}") for name in (limit, used))
            if most is not None and taken is not None:
                yield most - taken + (_read_number(f"{here}/memory.stat", cache) or 0)


def _read_number(path: str, after: str = "", unit: int = 1) -> int | None:
    """The first number after some text in a file, times ``unit``; None if it is missing."""
    try:
        text = _read_text(path)
        return unit * int((text.split(after, 1)[1] if after else text).split()[0])
    except (IndexError, ValueError):
        return None


def _read_text(path: str) -> str:
    """The content of a system file; empty if the file does not exist.

    A file object would give a ResourceWarning if Ctrl-C arrives before it is closed.
    """
    parts = []
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            while part := os.read(handle, 2**16):
                parts.append(part)
        finally:
            os.close(handle)
    except OSError:
        return ""
    return b"".join(parts).decode(errors="replace")


@contextmanager
def report_out_of_memory() -> Iterator[None]:
    """Context manager and decorator that turns a `MemoryError` into an `InputError`."""
    try:
        yield
    except MemoryError as error:
        raise InputError(
            "There is not enough memory: close other programs, or use a smaller `size`."
        ) from error
