"""Snapshots are read back bit for bit, and damaged ones are detected."""

import io
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from nst_numpy.runs.snapshot_schedule import SnapshotSchedule
from nst_numpy.runs.snapshots import (
    newest_snapshot,
    read_tree,
    snapshots,
    write_snapshot,
    write_tree,
)
from nst_numpy.utils.errors import InputError, Notice

REFUSED = r"it is empty|checksum"
DTYPES = st.sampled_from(["f2", "f4", "f8", ">f4", "i1", "i8", "u1", "u4", "?", "c8"]).map(np.dtype)
ARRAYS = DTYPES.flatmap(
    lambda dtype: st_numpy.arrays(dtype, st_numpy.array_shapes(min_dims=0, max_side=3, min_side=0))
)
NUMBERS = st.sampled_from([np.float32, np.float64, np.int64, np.bool_]).flatmap(
    lambda kind: st.integers(0, 99).map(kind)
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
TREES = st.dictionaries(
    st.text(),
    st.recursive(
        PLAIN | ARRAYS | NUMBERS,
        lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(), part, max_size=4),
        max_leaves=12,
    ),
)


def same(one, other):
    """Whether two values are equal bit for bit, and of the same type."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray | np.generic):
        layout = (one.dtype, one.shape) == (other.dtype, other.shape)
        return layout and one.tobytes() == other.tobytes()
    return one == other or (one != one and other != other)


def written(path, tree):
    with path.open("wb") as file:
        write_tree(file, tree)
    return path.read_bytes()


@settings(max_examples=50, deadline=None)
@given(tree=TREES)
def test_reading_a_snapshot_returns_the_written_bits(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "tree"
    written(path, tree)
    with path.open("rb") as file:
        assert same(read_tree(file), tree)


def test_file_format_is_as_documented():
    """There is no padding and no second copy of the data."""
    file, x = io.BytesIO(), np.arange(1000, dtype=np.float32)
    write_tree(file, {"x": x})
    text = b'{"dict": {"x": {"array": ["<f4", [1000]]}}}'
    body = b"nst_numpy snapshot 2\n" + len(text).to_bytes(8, "little") + text + x.tobytes()
    assert file.getvalue()[:-32] == body


def test_changed_bits_and_truncation_are_detected(tmp_path, rng):
    """A single bit at any place, and an end at any place."""
    tree = {"x": rng.normal(size=(5, 7)), "losses": [1.0, 2.0], "picture": np.eye(3, dtype="u1")}
    path = tmp_path / "00000001.snapshot"
    sound = written(path, tree)
    for place in {0, 20, 21, *rng.integers(len(sound), size=150).tolist(), len(sound) - 1}:
        path.write_bytes(
            sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :]
        )
        with path.open("rb") as file, pytest.raises(ValueError, match=REFUSED):
            read_tree(file)
        path.write_bytes(sound[:place])
        with path.open("rb") as file, pytest.raises(ValueError, match=REFUSED):
            read_tree(file)


def test_only_the_two_newest_snapshots_are_kept(tmp_path):
    sound = None
    for iteration in (0, 5, 99, 100, 12345):
        sound = write_snapshot(tmp_path, iteration, {"n": iteration}, sound)
    assert [path.name for path in snapshots(tmp_path)] == ["00000100.snapshot", "00012345.snapshot"]
    assert newest_snapshot(tmp_path) == (sound, {"n": 12345})


def test_previous_snapshot_replaces_a_damaged_one_with_a_warning(tmp_path):
    before = write_snapshot(tmp_path, 10, {"n": 10})
    damaged = write_snapshot(tmp_path, 20, {"n": 20}, before)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.warns(
        Notice, match=r"00000020.snapshot .*truncated or changed.* The previous snapshot is used"
    ):
        assert newest_snapshot(tmp_path) == (before, {"n": 10})
    write_snapshot(tmp_path, 15, {"n": 15}, before)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert newest_snapshot(tmp_path)[1] == {"n": 15}


def test_no_valid_snapshot_is_an_error_and_no_snapshot_is_none(tmp_path):
    assert newest_snapshot(tmp_path) == (None, None)
    (tmp_path / "00000001.snapshot").touch()
    with pytest.raises(InputError, match="it is empty"):
        newest_snapshot(tmp_path)


def test_failed_write_keeps_existing_snapshots(tmp_path):
    write_snapshot(tmp_path, 1, {"n": 1})
    with pytest.raises(TypeError):
        write_snapshot(tmp_path, 2, {"n": object()})
    assert [path.name for path in tmp_path.iterdir()] == ["00000001.snapshot"]


def test_snapshots_are_due_by_iterations_or_by_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("nst_numpy.runs.snapshot_schedule.time.monotonic", lambda: now[0])
    every = SnapshotSchedule(iterations=3)
    assert [every.due(i) for i in range(5)] == [True, False, False, True, False]
    clock = SnapshotSchedule(seconds=60, last=0.0)
    assert not clock.due(0)
    now[0] = 60.0
    assert clock.due(7)
    now[0] = 70.0
    clock.record_snapshot(started=60.0)
    assert [clock.due(8) for now[0] in (130.0, 269.0, 270.0)] == [False, False, True]
    assert not any(SnapshotSchedule().due(i) for now[0] in (math.inf,) for i in range(3))
    assert SnapshotSchedule().never
