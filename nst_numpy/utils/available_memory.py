"""How much memory there is to take."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst_numpy.utils.errors import InputError

MEGABYTE = 2**20
SHARE = 0.7  # of the free memory that a job takes without asking
UNKNOWN = 4 * 2**30  # where the system does not tell
RLIMITS = (("Max address space", "VmSize:"), ("Max data size", "VmData:"))  # and what counts there
CGROUP_FILES = {  # by version: folder, limit, used, and what of it can be had back at once
    "v2": ("/sys/fs/cgroup", "memory.max", "memory.current", "\ninactive_file"),
    "v1": (
        "/sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}


def free_memory() -> int | None:
    """Bytes that this process may still take, of the machine, its container and its own limits.

    None where the system does not tell.
    """
    free = [_number("/proc/meminfo", "MemAvailable:", 1024), *_left_in_cgroups()]
    for limit, used in RLIMITS:
        most = _number("/proc/self/limits", limit)
        free.append(most and most - _number("/proc/self/status", used, 1024))
    known = [max(1, left) for left in free if left is not None]
    return min(known) if known else None


def memory_budget(memory: float | None, jobs: int = 1) -> float:
    """What each of so many jobs at once may take.

    ``memory`` MB, but no more than is free; a share of what is free if that is None.
    """
    free = free_memory()
    if memory:
        return min(memory * MEGABYTE, free / jobs) if free else memory * MEGABYTE
    return SHARE * (free or UNKNOWN) / jobs


def _left_in_cgroups():
    """Bytes left below the limit of each control group that this process is in."""
    for line in _text("/proc/self/cgroup").splitlines():
        number, controllers, path = line.split(":", 2)
        version = "v2" if number == "0" else "v1" if "memory" in controllers.split(",") else None
        if version is None:
            continue
        root, limit, used, cache = CGROUP_FILES[version]
        # In a container the path may be that of the machine: then only the root is there.
        for folder in (Path(path), *Path(path).parents):
            here = f"{root}/{folder.relative_to('/')}"
            most, taken = (_number(f"{here}/{name}") for name in (limit, used))
            if most is not None and taken is not None:
                yield most - taken + (_number(f"{here}/memory.stat", cache) or 0)


def _number(path, after="", unit=1):
    """The number in a text file behind some words, or None."""
    try:
        return unit * int(_text(path).split(after or None, 1)[-1 if after else 0].split()[0])
    except (IndexError, ValueError):
        return None


def _text(path):
    """What is in a file of the system, nothing if it is not there."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


@contextmanager
def report_out_of_memory() -> Iterator[None]:
    """Tell a `MemoryError` as one sentence; also to be put above a function."""
    try:
        yield
    except MemoryError as error:
        raise InputError(
            "The memory that this program may take ran out on the way: close other programs, or "
            "use a smaller `size`."
        ) from error
