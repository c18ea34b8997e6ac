"""A job that does not fit into memory is refused before a pixel is read, with a size that fits."""

import re
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest

from nst_numpy import InputError, stylize, write_picture
from nst_numpy.cli import main
from nst_numpy.networks import random_network
from nst_numpy.paper import reconstruct, stylize_like
from nst_numpy.transfer.memory_estimate import Load, job_bytes
from nst_numpy.transfer.memory_fit import PictureSizes, fit_into_memory
from nst_numpy.utils.available_memory import MEGABYTE

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}
NETWORK = random_network((4, 4, 4, 4, 4))
LOAD = Load(NETWORK, ["conv4_2"], W, "lbfgs", threads=1)
SETTINGS = {"weights": NETWORK, "normalized": False, "iterations": 1, "threads": 1}
BUDGET = 130  # MB, of which what is loaded takes 80 to 102


def headless(path, width, height, kind=b"\x08\x02"):
    """A PNG with the header of a picture and no pixels."""
    header = b"IHDR" + struct.pack(">II", width, height) + kind + b"\x00\x00\x00"
    parts = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"\x00\x00\x10\x00IDAT"  # 4096 bytes that are not there
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts + data)
    return str(path)


def test_the_largest_tiles_that_fit_into_the_budget_are_chosen():
    sizes = PictureSizes(((70, 50), (70, 50)), 700)
    whole = job_bytes(LOAD, [(700, 500)] * 2)
    assert fit_into_memory(LOAD, sizes, whole, 0).tile_rows is None
    plan = fit_into_memory(LOAD, sizes, 0.99 * whole, 0)
    assert plan.bytes <= 0.99 * whole < job_bytes(LOAD, sizes.scaled(), plan.tile_rows + 16)


JOBS = {
    "as ever": (stylize, {}),
    "by SciPy": (stylize, {"optimizer": "lbfgsb"}),
    "whole": (stylize, {"style_loss": "covariance"}),
    "large styles": (stylize, {"style_scale": 1.5, "tv": 0.1, "tv_kind": "power"}),
    "several scales": (stylize, {"scales": 2, "padding": "reflect", "laplacian": 0.1}),
    "a convention": (lambda p, a, **job: stylize_like("gatys", p, a, **job), {}),
    "a reconstruction": (
        lambda p, _, memory, **job: reconstruct(p, ["conv2_1"], [], memory=memory, **job),
        {},
    ),
}


@pytest.mark.parametrize("name", JOBS)
def test_the_suggested_size_fits_and_the_next_does_not(rng, name):
    p, a = rng.uniform(0, 255, (12, 20, 3)), rng.uniform(0, 255, (20, 14, 3))
    job, settings = JOBS[name]
    with pytest.raises(InputError, match=f"but the memory budget is {BUDGET} MB") as refused:
        job(p, a, size=3000, memory=BUDGET, **SETTINGS, **settings)
    fits = int(re.search(r"; a `size` of (\d+) fits\.$", str(refused.value))[1])
    with pytest.raises(InputError, match=f"a `size` of {fits} fits"):
        job(p, a, size=fits + 1, memory=BUDGET, **SETTINGS, **settings)
    result = job(p, a, size=fits, memory=BUDGET, **SETTINGS, **settings)
    assert max(result.picture.shape) == fits


def test_if_no_size_fits_none_is_suggested():
    with pytest.raises(InputError, match="no size fits into this budget"):
        fit_into_memory(LOAD, PictureSizes(((9, 9), (9, 9)), 3000), 20 * MEGABYTE, 0)


@pytest.mark.parametrize(
    "command",
    [
        "transfer {p} {a} -o o.png",
        "transfer {p} {a} -o o.png --init {a} --scales 3",
        "transfer {p} {a} -o o.png --convention gatys",
        "plan {p}",
        "plan {p} {a} {a} --style-loss mmd-linear",
        "plan {p} {a} --convention paper",
        "reconstruct content {p} -o o.png --layer conv1_1",
        "reconstruct style {p} -o o.png --layers conv2_1",
        "demo -o o.png",
        "sweep --content {p} --style {a} -o out --jobs 1",
        "sweep --content {p} --style {a} -o out --jobs 1 --convention gatys",
        "figure 1 {p} {a} -o out --jobs 1",
        "figure 3 {p} {a} -o out --jobs 1",
    ],
)
def test_every_command_reports_memory_before_reading(tmp_path, monkeypatch, capsys, command):
    """The pictures have no pixels, so they cannot have been read."""
    monkeypatch.chdir(tmp_path)
    p, a = (headless(tmp_path / name, 1500, 1200) for name in ("p.png", "a.png"))
    job = [*command.format(p=p, a=a).split(), "--size", "6000", "--memory", "400"]
    assert main(job) == 2
    messages = [line for line in capsys.readouterr().err.splitlines() if "needs" in line]
    assert messages
    assert all(
        re.search(r"needs \d+ MB.* budget is 400 MB.*--size of \d+", line) for line in messages
    )


def test_a_figure_is_rejected_if_only_its_sheet_fits(tmp_path, capsys):
    p = headless(tmp_path / "p.png", 150, 120)
    job = "--size", "150", "--memory", "70", "--jobs", "1", "-o", str(tmp_path / "out")
    assert main(["figure", "1", p, p, *job]) == 2
    assert "no size fits into this budget" in capsys.readouterr().err


def test_the_message_names_a_picture_too_large_to_be_read(tmp_path, capsys):
    large = headless(tmp_path / "large.png", 9000, 9000)
    small, mask = tmp_path / "small.png", headless(tmp_path / "mask.png", 8000, 8000)
    write_picture(small, np.zeros((40, 40, 3)))
    job = ["--size", "32", "--memory", "1000", "-o", str(tmp_path / "o.png")]
    assert main(["transfer", large, str(small), *job]) == 2
    assert main(["transfer", str(small), str(small), "--init", large, *job]) == 2
    masks = ["--content-mask", mask, "--style-mask", mask]
    assert main(["transfer", str(small), str(small), *masks, *job]) == 2
    messages = capsys.readouterr().err.splitlines()
    assert [
        re.search(r"Reading .*/(\w+.png), which has (\d+)", line).groups() for line in messages
    ] == [
        ("large.png", "9000"),
        ("large.png", "9000"),
        ("mask.png", "8000"),
    ]


def in_process(code, *arguments):
    """Run a program with the package imported; return its exit code and what it prints.

    The libraries that a job loads are loaded before it: a library that gets no memory when it is
    loaded ends the process, or waits for ever, as SciPy's OpenBLAS does.
    """
    imports = "import sys, resource, scipy.fft, nst_numpy.kernels\nfrom nst_numpy.cli import main\n"
    done = subprocess.run(
        [sys.executable, "-c", imports + code] + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_refusal_takes_no_memory(tmp_path):
    """Peak memory of a process with a picture of 81 million pixels."""
    large = headless(tmp_path / "large.png", 9000, 9000)
    code = """
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
sys.exit(code)
"""
    job = "-o", tmp_path / "o.png", "--size", 9000, "--memory", 3000
    code, printed, messages = in_process(code, "transfer", large, large, *job)
    assert code == 2
    assert "a --size of" in messages
    assert int(printed) < 20 * 1024  # kB: the network


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_limit_of_the_process_is_reported_and_not_reached(tmp_path, limit):
    """With 300 MB free, a job of 64 pixels succeeds; one of 2000 reports the largest size."""
    write_picture(tmp_path / "p.png", np.random.default_rng(0).uniform(0, 255, (64, 48, 3)))
    code = f"""
from nst_numpy.utils.available_memory import RLIMITS, _read_number
used = _read_number("/proc/self/status", dict(AS="VmSize:", DATA="VmData:")["{limit[7:]}"], 1024)
resource.setrlimit(resource.{limit}, (used + 300 * 2**20, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""
    job = "transfer", tmp_path / "p.png", tmp_path / "p.png", "-o", tmp_path / "o.png"
    job += "--iterations", 2, "--threads", 1
    assert in_process(code, *job, "--size", 64)[0] == 0
    code, _, messages = in_process(code, *job, "--size", 2000, "--optimizer", "lbfgsb")
    assert code == 2
    assert "a --size of" in messages
