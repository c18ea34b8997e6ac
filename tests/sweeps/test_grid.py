"""Grids of jobs: each cell runs once, continues after interruptions, and fails alone."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from helpers import grid_jobs as tasks

from nst_numpy import InputError, read_picture, write_picture
from nst_numpy.sweeps import Cell, Workers, check_grid, run_grid
from nst_numpy.sweeps.worker_resources import share_cores


@pytest.fixture
def pictures(tmp_path, rng):
    for name in ("p.png", "a.png"):
        write_picture(tmp_path / name, rng.uniform(0, 255, (16, 24, 3)))
    return {"content": str(tmp_path / "p.png"), "style": str(tmp_path / "a.png"), "init": "noise"}


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr("nst_numpy.sweeps.worker_resources.available_cpus", lambda: 2)


def run(cells, folder, callback=None, **workers):
    return run_grid(check_grid(cells, folder, Workers(**workers)), callback)


def flat_cell(name, number):
    return Cell(name, "flat", tasks.flat, {"number": number})


def flat_cells(*numbers):
    return [flat_cell(f"cell-{n}", n) for n in numbers]


def seeds(pictures, n, job=tasks.paint, **more):
    return [Cell(f"seed-{i}", "paint", job, {**pictures, **more, "seed": i}) for i in range(n)]


def assert_same_to_the_bit(cells, first, second):
    """Pictures and final losses in two folders."""
    for cell in cells:
        pictures = [read_picture(folder / f"{cell.name}.png") for folder in (first, second)]
        assert np.array_equal(*pictures)
        records = [
            json.loads((folder / f"{cell.name}.json").read_text()) for folder in (first, second)
        ]
        assert records[0]["losses"] == records[1]["losses"]


def test_cell_writes_its_picture_and_its_record(pictures, tmp_path):
    (cell,) = seeds(pictures, 1)
    (record,) = run([cell], tmp_path / "out", jobs=1)
    result = tasks.paint(**cell.settings)
    assert np.array_equal(read_picture(tmp_path / "out" / "seed-0.png"), result.picture)
    assert json.loads((tmp_path / "out" / "seed-0.json").read_text()) == record
    losses = record["losses"]
    assert losses.pop("total") == result.losses[-1]
    assert losses == {term: values[-1] for term, values in result.terms.items()}
    names = {name: Path(cell.settings[name]).name for name in ("content", "style")}
    assert record["settings"] == {**cell.settings, **names}  # folders are private
    assert record["versions"]["numpy"] == np.__version__
    assert (record["reason"], record["iterations"], record["error"]) == (result.reason, 3, None)
    assert sorted(os.listdir(tmp_path / "out")) == ["seed-0.json", "seed-0.png"]


def test_finished_cells_are_not_run_again(pictures, tmp_path):
    """Unless a setting, an input file or an output file has changed."""
    done, out = [], tmp_path / "out"

    def job(content, number, memory=None):
        done.append(number)
        return tasks.flat(number + 10)

    def run_three(number=0):
        done.clear()
        cells = [Cell(f"{i}", "job", job, {**content, "number": i or number}) for i in range(3)]
        records = run(cells, out, jobs=1)
        assert [record["cell"] for record in records] == ["0", "1", "2"]
        return list(done)

    content = {"content": pictures["content"]}
    assert run_three() == [0, 1, 2]
    assert run_three() == []
    assert run_three(number=5) == [5]
    assert run_three(number=5) == []
    (out / "1.png").unlink()
    (out / "2.json").write_text((out / "2.json").read_text()[:50])
    assert run_three(number=5) == [1, 2]
    moved = tmp_path / "moved.png"
    os.rename(content["content"], moved)
    content = {"content": str(moved)}
    assert run_three(number=5) == []
    write_picture(moved, np.zeros((2, 2, 3)))
    assert run_three(number=5) == [5, 1, 2]


def test_failing_cell_does_not_affect_the_others(tmp_path):
    cells, ended = flat_cells(9, tasks.WRONG, tasks.BROKEN, 8), []
    records = run(cells, tmp_path, jobs=1, callback=lambda record: ended.append(record["cell"]))
    errors = [record["error"] for record in records]
    assert errors == [None, "This number is wrong.", "ZeroDivisionError: a bug", None]
    assert "in flat" in records[2]["traceback"]
    assert ended == [cell.name for cell in cells]
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == ["cell-8", "cell-9"]
    failed = json.loads((tmp_path / "cell-2.json").read_text())
    assert failed["error"] == "This number is wrong."


def test_failed_cells_are_run_again(tmp_path):
    run([flat_cell("x", tasks.WRONG)], tmp_path, jobs=1)
    (tmp_path / "x.png").touch()
    (record,) = run([flat_cell("x", 7)], tmp_path, jobs=1)
    assert record["error"] is None
    (record,) = run([flat_cell("x", tasks.WRONG)], tmp_path, jobs=1)
    assert record["error"]
    assert not (tmp_path / "x.png").exists()


def test_record_is_never_next_to_the_picture_of_another_job(tmp_path, monkeypatch):
    run([flat_cell("x", 7)], tmp_path, jobs=1)
    monkeypatch.setattr("nst_numpy.sweeps.cell_files.write_text", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run([flat_cell("x", 8)], tmp_path, jobs=1)
    assert (read_picture(tmp_path / "x.png") == 8).all()
    assert not (tmp_path / "x.json").exists()


def test_parallel_processes_compute_the_same_bits(pictures, tmp_path, two_cores):
    """Also with another number of threads."""
    cells = seeds(pictures, 4)
    run(cells, tmp_path / "serial", jobs=1, threads=2)
    run(cells, tmp_path / "parallel", jobs=2)
    assert_same_to_the_bit(cells, tmp_path / "serial", tmp_path / "parallel")


def test_cell_whose_process_dies_gets_an_error(tmp_path, two_cores):
    cells, ended = flat_cells(tasks.DEADLY, 11, 12, 13, 14, 15), []
    records = run(cells, tmp_path, jobs=2, callback=lambda record: ended.append(record["cell"]))
    errors = {record["cell"]: record["error"] for record in records}
    assert "was ended from outside" in errors.pop("cell-1")
    assert set(errors.values()) == {None}
    assert sorted(ended) == sorted(cell.name for cell in cells)


@pytest.mark.filterwarnings("ignore")  # warnings of the cluster about a lost worker
def test_cluster_repeats_the_cells_of_a_killed_worker(pictures, tmp_path):
    distributed = pytest.importorskip("distributed")
    cells, killed, finished = seeds(pictures, 6, tasks.slow_paint, seconds=0.3), [], []
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster) as client,
    ):

        def kill_a_busy_worker(record):
            finished.append(record["cell"])
            if len(finished) == 2:
                pids = client.run(os.getpid)
                busy = [pids[worker] for worker, keys in client.processing().items() if keys]
                os.kill(busy[0], signal.SIGKILL)
                killed.append(busy[0])

        records = run(
            cells, tmp_path / "cluster", dask=cluster.scheduler_address, callback=kill_a_busy_worker
        )
        assert killed[0] not in client.run(os.getpid).values()
    assert sorted(finished) == sorted(cell.name for cell in cells)
    assert [record["error"] for record in records] == [None] * 6
    run(seeds(pictures, 6), tmp_path / "serial", jobs=1)
    assert_same_to_the_bit(cells, tmp_path / "serial", tmp_path / "cluster")


@pytest.mark.filterwarnings("ignore")
def test_cluster_gives_an_error_to_a_cell_that_kills_its_workers(tmp_path):
    """But not to another cell that waited on the same worker."""
    dask = pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(**options) as cluster,
    ):
        records = run(flat_cells(tasks.DEADLY, 11), tmp_path, dask=cluster.scheduler_address)
    assert "was ended from outside" in records[0]["error"]
    assert records[1]["error"] is None


def test_jobs_and_threads_never_exceed_the_cores(monkeypatch):
    for cores in (1, 2, 5, 8):
        monkeypatch.setattr(
            "nst_numpy.sweeps.worker_resources.available_cpus", lambda cores=cores: cores
        )
        for n in (0, 1, 3, 99):
            for given in [(None, None), (1, None), (cores, None), (None, cores)]:
                jobs, threads = share_cores(n, *given)
                assert 1 <= jobs * threads <= cores
                assert jobs <= max(n, 1)
        assert share_cores(99) == (cores, 1)
        with pytest.raises(InputError, match=f"exceed the {cores} cores"):
            share_cores(99, cores + 1)


def test_missing_libraries_are_an_error(tmp_path, monkeypatch, two_cores):
    monkeypatch.setitem(sys.modules, "joblib", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    for how in ({"jobs": 2}, {"dask": "tcp://127.0.0.1:1"}):
        with pytest.raises(InputError, match=r"pip install '\.\[sweep\]'"):
            run(flat_cells(8, 9), tmp_path, **how)
    assert run(flat_cells(8, 9), tmp_path, jobs=1)[1]["error"] is None


@pytest.mark.filterwarnings("ignore")
def test_missing_cluster_is_an_error(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("nst_numpy.sweeps.dask_cluster.TIMEOUT", 1)
    for address in ("tcp://127.0.0.1:1", "nowhere"):
        with pytest.raises(InputError, match="No Dask scheduler answers"):
            run(flat_cells(8), tmp_path, dask=address)


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-x\r\n", b"hi"]
)
def test_a_port_of_another_service_is_an_error_at_once(tmp_path, monkeypatch, greeting):
    """A service that sends nothing, one that sends text, and one that closes the connection."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("nst_numpy.sweeps.dask_cluster.GREETING", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            connection.sendall(greeting)
            if greeting == b"hi":
                connection.close()
            accepted.append(connection)

        accepted = []
        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(InputError, match="another service listens there"):
            run(flat_cells(8), tmp_path, dask=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
        accepted[0].close()


@pytest.mark.parametrize("address", ["127.0.0.1", "tcp://127.0.0.1", "host:99999", ":8786", "x:y"])
def test_an_address_without_host_and_port_is_an_error(tmp_path, address):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="has no host and port"):
        run(flat_cells(8), tmp_path, dask=address)


def test_damaged_picture_of_a_finished_cell_is_painted_again(pictures, tmp_path):
    run(flat_cells(8, 9), tmp_path)
    path = next(tmp_path.glob("*.png"))
    complete = path.read_bytes()
    path.write_bytes(complete[: len(complete) // 2])
    run(flat_cells(8, 9), tmp_path)
    assert path.read_bytes() == complete


def test_invalid_grids_and_folders_are_errors(tmp_path):
    with pytest.raises(InputError, match=r"have the same name: \w+"):
        run(flat_cells(8, 8), tmp_path)
    with pytest.raises(InputError, match="`jobs` applies to this machine"):
        run(flat_cells(8), tmp_path, jobs=1, dask="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match="does not exist"):
        run(flat_cells(8), tmp_path / "none" / "out")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be used as a folder"):
        run(flat_cells(8), tmp_path / "file")
