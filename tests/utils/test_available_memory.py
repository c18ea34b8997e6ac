"""Available memory of the machine, its control groups and the resource limits of the process."""

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
    """Replace the system files that report memory."""

    def put(*parts):
        files = {path: text for part in parts for path, text in part.items()}
        monkeypatch.setattr(available_memory, "_read_text", lambda path: files.get(str(path), ""))

    return put


def group(root, limit, used, cache, names):
    """Files of one control group."""
    texts = f"{limit}\n", f"{used}\n", f"anon 1\n{names[2]} {cache}\n"
    return {
        f"{root}/{name}": text
        for name, text in zip((*names[:2], "memory.stat"), texts, strict=True)
    }


V2 = "memory.max", "memory.current", "inactive_file"
V1 = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"


def test_free_memory_respects_control_groups(system):
    system(
        MACHINE,
        {"/proc/self/cgroup": "0::/a/b\n"},
        group("/sys/fs/cgroup/a/b", "max", 10, 5, V2),
        group("/sys/fs/cgroup/a", 9000, 4000, 500, V2),  # the innermost group has no limit
    )
    assert free_memory() == 9000 - 4000 + 500
    system(
        MACHINE,
        {"/proc/self/cgroup": "5:cpu,memory:/of/the/machine\n1:cpu:/x\n"},
        group("/sys/fs/cgroup/memory/.", 7000, 3000, 0, V1),
    )
    assert free_memory() == 4000


def test_free_memory_respects_resource_limits(system):
    system(MACHINE, STATUS, {"/proc/self/limits": LIMITS.format("unlimited", 1000 * 1024)})
    assert free_memory() == 700 * 1024
    system(MACHINE, STATUS, {"/proc/self/limits": LIMITS.format(400 * 1024, 1000 * 1024)})
    assert free_memory() == 300 * 1024


def test_budget_never_exceeds_free_memory(system):
    system({"/proc/meminfo": f"MemAvailable: {1000 * 1024} kB\n"})
    assert memory_budget(600) == 600 * MEGABYTE
    assert memory_budget(5000) == 1000 * MEGABYTE
    assert memory_budget(600, jobs=4) == 250 * MEGABYTE
    assert memory_budget(None, jobs=2) == pytest.approx(SHARE * 500 * MEGABYTE)


def test_budget_is_the_given_limit_where_free_memory_is_unknown(system):
    system()
    assert free_memory() is None
    assert memory_budget(100_000) == 100_000 * MEGABYTE
    assert 0 < memory_budget(None) < 4096 * MEGABYTE


def test_memory_error_becomes_input_error():
    with pytest.raises(InputError, match="smaller `size`"), report_out_of_memory():
        raise MemoryError
