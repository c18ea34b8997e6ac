"""How much memory there is: of the machine, its containers and the process's own limits."""

import pytest

from nst_numpy import InputError
from nst_numpy.utils import available_memory
from nst_numpy.utils.available_memory import (
    MEGABYTE,
    SHARE,
    free_memory,
    memory_budget,
    report_out_of_memory,
)

MACHINE = {"/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"}
LIMITS = "Limit  Soft Limit  Hard Limit\nMax data size  {}  unlimited bytes\n"
LIMITS += "Max address space  {}  unlimited bytes\n"
STATUS = {"/proc/self/status": "VmSize:\t  300 kB\nVmData:\t  100 kB\n"}


@pytest.fixture
def system(monkeypatch):
    """Put files of the system in the place of the real ones."""

    def put(*parts):
        files = {path: text for part in parts for path, text in part.items()}
        monkeypatch.setattr(available_memory, "_text", lambda path: files.get(str(path), ""))

    return put


def group(root, limit, used, cache, names):
    """The files of one control group."""
    texts = f"{limit}\n", f"{used}\n", f"anon 1\n{names[2]} {cache}\n"
    return {
        f"{root}/{name}": text
        for name, text in zip((*names[:2], "memory.stat"), texts, strict=True)
    }


V2 = "memory.max", "memory.current", "inactive_file"
V1 = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"


def test_what_a_container_may_take(system):
    system(
        MACHINE,
        {"/proc/self/cgroup": "0::/a/b\n"},
        group("/sys/fs/cgroup/a/b", "max", 10, 5, V2),
        group("/sys/fs/cgroup/a", 9000, 4000, 500, V2),  # the nearest one has no limit
    )
    assert free_memory() == 9000 - 4000 + 500
    system(
        MACHINE,
        {"/proc/self/cgroup": "5:cpu,memory:/of/the/machine\n1:cpu:/x\n"},
        group("/sys/fs/cgroup/memory/.", 7000, 3000, 0, V1),
    )
    assert free_memory() == 4000


def test_what_the_limits_of_the_process_leave(system):
    system(MACHINE, STATUS, {"/proc/self/limits": LIMITS.format("unlimited", 1000 * 1024)})
    assert free_memory() == 700 * 1024
    system(MACHINE, STATUS, {"/proc/self/limits": LIMITS.format(400 * 1024, 1000 * 1024)})
    assert free_memory() == 300 * 1024


def test_a_budget_is_never_more_than_is_free(system):
    system({"/proc/meminfo": f"MemAvailable: {1000 * 1024} kB\n"})
    assert memory_budget(600) == 600 * MEGABYTE
    assert memory_budget(5000) == 1000 * MEGABYTE
    assert memory_budget(600, jobs=4) == 250 * MEGABYTE
    assert memory_budget(None, jobs=2) == pytest.approx(SHARE * 500 * MEGABYTE)


def test_where_the_system_does_not_tell_the_person_is_believed(system):
    system()
    assert free_memory() is None
    assert memory_budget(100_000) == 100_000 * MEGABYTE
    assert 0 < memory_budget(None) < 4096 * MEGABYTE


def test_memory_that_runs_out_on_the_way_is_one_sentence():
    with pytest.raises(InputError, match="smaller `size`"), report_out_of_memory():
        raise MemoryError
