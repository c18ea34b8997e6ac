"""Metadata, records and snapshots from elsewhere: a job that runs, or one sentence."""

import copy
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.quick_commands import transfer

from nst_numpy import read_picture, write_picture
from nst_numpy.cli import main
from nst_numpy.images.metadata import read_metadata
from nst_numpy.runs.snapshots import HASH, MAGIC, newest_snapshot, read_tree, write_snapshot

DEEP = '{"job":' * 100_000
JUNK = [
    *(None, True, -1, 0, 2**63, 10**299, 0.5, -1e308, "", "x" * 10_000, "\x1b[31mred\x07"),
    *("\u202egnp.exe", [], [[]], {}, {"a": 1}, ["conv1_1"] * 1000, "../../etc/passwd", "*"),
    [[2**40, 1]],
]
ARRAYS = [
    *(np.zeros(0), np.zeros((2, 2), "f4"), np.full(5, np.nan), np.zeros((1, 1, 1), "u1")),
    np.float32(np.inf),
]


def paths_in(value, path=()):
    """The path of each entry in nested dicts and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in items:
        yield (*path, key)
        if isinstance(part, dict | list):
            yield from paths_in(part, (*path, key))


def mutated(value, rng, junk):
    """A copy in which one entry is replaced, removed, or joined by an unknown one."""
    value = copy.deepcopy(value)
    paths = list(paths_in(value))
    *parents, last = paths[rng.integers(len(paths))]
    parent = value
    for key in parents:
        parent = parent[key]
    kind = rng.integers(6)
    if kind == 0:
        del parent[last]
    elif kind == 1 and isinstance(parent, dict):
        names = ["callback", "state", "checkpoint", "gradients", "memory", "threads", "dtype", "\0"]
        parent[names[rng.integers(len(names))]] = junk[rng.integers(len(junk))]
    else:
        parent[last] = junk[rng.integers(len(junk))]
    return value


def check_sentence(code, capsys, mutation):
    """The command ended well, or with one sentence without control characters."""
    err = capsys.readouterr().err
    assert code in (0, 2), mutation
    if code == 2:
        (sentence,) = err.strip().split("\n")[-1:]
        assert sentence.startswith("nst-numpy: "), mutation
        assert len(sentence) < 4000, mutation
    assert all(c.isprintable() or c in "\r\n" for c in err.replace("\x1b[A", "")), mutation


@pytest.mark.parametrize("seed", range(60))
def test_rerun_of_changed_metadata_is_a_job_or_a_sentence(folder, capsys, seed):
    assert main(transfer(1, "-o out.png").split()) == 0
    rng = np.random.default_rng(seed)
    metadata = mutated(read_metadata("out.png"), rng, JUNK)
    write_picture("odd.png", read_picture("p.png"), metadata)
    code = main(["rerun", "odd.png", "-o", "again.png"])
    check_sentence(code, capsys, metadata)


@pytest.fixture
def interrupted(folder, capsys):
    """A run with a snapshot of its second iteration."""
    words = transfer(3, "-o out.png --run out.run --report page.html --snapshot-every 2")
    kept = {}

    def keep(*arguments, **options):
        path = write_snapshot(*arguments, **options)
        kept.setdefault("snapshot", path.read_bytes())
        kept["name"] = kept.get("name") or path.name
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nst_numpy.runs.run_folder.write_snapshot", keep)
        assert main(words.split()) == 0
    record = json.loads(Path("out.run/run.json").read_text())
    Path("out.run/run.json").write_text(json.dumps({**record, "finished": None}))
    Path("out.run", kept["name"]).write_bytes(kept["snapshot"])
    capsys.readouterr()
    return folder


def test_the_interrupted_run_can_be_resumed(interrupted):
    expected = Path("out.png").read_bytes()
    Path("out.png").unlink()
    assert main(["resume", "out.run"]) == 0
    assert Path("out.png").read_bytes() == expected


@pytest.mark.parametrize("seed", range(80))
def test_resume_from_a_changed_snapshot_is_a_job_or_a_sentence(interrupted, capsys, seed):
    rng = np.random.default_rng(seed)
    path, tree = newest_snapshot("out.run")
    path.unlink()
    changed = mutated(tree, rng, JUNK + ARRAYS)
    write_snapshot("out.run", 2, changed)
    check_sentence(main(["resume", "out.run"]), capsys, changed)


@pytest.mark.parametrize("seed", range(60))
def test_resume_of_a_changed_record_is_a_job_or_a_sentence(interrupted, capsys, seed):
    rng = np.random.default_rng(seed)
    shutil.copy("p.png", "keep.png")
    record = mutated(json.loads(Path("out.run/run.json").read_text()), rng, JUNK)
    Path("out.run/run.json").write_text(json.dumps(record))
    check_sentence(main(["resume", "out.run"]), capsys, record)
    assert Path("p.png").read_bytes() == Path("keep.png").read_bytes()


@pytest.mark.parametrize("text", [DEEP, "[" * 100_000, "1" * 100_000, "NaN", '{"job": 1e999}', ""])
def test_unusual_json_is_one_sentence(interrupted, capsys, text):
    Path("out.run/run.json").write_text(text)
    check_sentence(main(["resume", "out.run"]), capsys, text[:20])
    write_picture("odd.png", read_picture("p.png"), {"job": "stylize"})
    data = Path("odd.png").read_bytes()
    assert main(["rerun", "out.run"]) == 2
    assert b"stylize" in data


OUTPUTS = ["../victim.png", "{absolute}/victim.png", "{absolute}/new/../v.png"]


@pytest.mark.parametrize("where", OUTPUTS)
def test_a_record_does_not_decide_what_is_overwritten(interrupted, tmp_path_factory, capsys, where):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copy("p.png", elsewhere / "victim.png")
    record = json.loads(Path("out.run/run.json").read_text())
    record["output"] = where.format(absolute=elsewhere)
    Path("out.run/run.json").write_text(json.dumps(record))
    assert main(["resume", "out.run"]) == 2
    assert (elsewhere / "victim.png").read_bytes() == Path("p.png").read_bytes()
    assert len(list(elsewhere.iterdir())) == 1


def test_a_record_does_not_decide_which_report_is_overwritten(interrupted, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in ("report", "frames", "output"):
        victim = elsewhere / {"report": "a.html", "frames": "a.gif", "output": "a.png"}[name]
        victim.write_text("precious")
        record = json.loads(Path("out.run/run.json").read_text())
        Path("out.run/run.json").write_text(json.dumps(record | {name: str(victim)}))
        assert main(["resume", "out.run"]) == 2
        assert victim.read_text() == "precious"
        Path("out.run/run.json").write_text(json.dumps(record))


def test_links_and_siblings_are_not_overwritten_by_a_resumed_run(interrupted):
    Path("victim.png").write_text("precious")
    Path("out.png").unlink()
    Path("out.png").symlink_to("victim.png")
    assert main(["resume", "out.run"]) == 2
    Path("out.png").unlink()
    record = json.loads(Path("out.run/run.json").read_text())
    sibling = record | {"output": str(Path("victim.png").resolve())}
    Path("out.run/run.json").write_text(json.dumps(sibling))
    assert main(["resume", "out.run"]) == 2
    Path("out.run/run.json").rename("copy.json")
    Path("out.run/run.json").symlink_to("../copy.json")
    assert main(["resume", "out.run"]) == 2
    assert Path("victim.png").read_text() == "precious"


def test_parts_of_running_processes_and_of_other_folders_are_kept(interrupted, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    own, other = Path(f".{os.getppid()}-1.part"), elsewhere / ".999999-1.part"
    record = json.loads(Path("out.run/run.json").read_text())
    for part, process, output in ((own, os.getppid(), "out.png"), (other, 999_999, "new.png")):
        part.touch()
        changed = record | {"process": process, "output": str(part.parent.resolve() / output)}
        Path("out.run/run.json").write_text(json.dumps(changed))
        main(["resume", "out.run", "--iterations", "2"])
        assert part.exists()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).write_bytes(b" " * 2**25)])
def test_a_record_that_is_a_pipe_or_very_large_is_refused_at_once(interrupted, make):
    Path("out.run/run.json").unlink()
    make("out.run/run.json")
    assert main(["resume", "out.run"]) == 2


def snapshot_with(text, arrays=b""):
    """A snapshot file with a valid checksum."""
    content = MAGIC + len(text).to_bytes(8, "little") + text + arrays
    return content + HASH(content).digest()


@pytest.mark.parametrize(
    ("text", "arrays"),
    [
        (b'{"dict": {"x": {"array": ["<f4", [4]]}}}', bytes(15)),
        (b'{"dict": {"x": {"array": ["<f4", [4]]}}}', bytes(17)),
        (b'{"dict": {"x": {"array": ["|O", [1]]}}}', bytes(8)),
        (b'{"dict": {"x": {"array": ["<U4", [1]]}}}', bytes(16)),
        (b'{"dict": {"x": {"array": ["<M8[s]", [1]]}}}', bytes(8)),
        (b'{"dict": {"x": {"array": ["<f4", [-1]]}}}', bytes(4)),
        (b'{"dict": {"x": {"array": ["<f4", [4611686018427387904, 4]]}}}', bytes(4)),
        (b'{"dict": {"x": {"array": ["<f4"]}}}', bytes(4)),
        (b'{"dict": {"x": {"number": ["<f4", [1]]}}}', bytes(4)),
        (b'{"dict": {"x": {"bytes": 9223372036854775808}}}', bytes(4)),
        (b'{"dict": {"x": {"code": "x"}}}', b""),
        (b"[1, 2]", b""),
        (b'{"dict": {"x": ' + b"[" * 50_000, b""),
        (b"\xff\xfe", b""),
    ],
)
def test_snapshots_whose_text_does_not_describe_their_arrays_are_refused(tmp_path, text, arrays):
    path = tmp_path / "00000001.snapshot"
    path.write_bytes(snapshot_with(text, arrays))
    with path.open("rb") as file, pytest.raises(ValueError, match=r"\w"):
        read_tree(file)


def test_a_length_beyond_the_end_of_the_snapshot_is_refused(tmp_path):
    content = MAGIC + (2**63).to_bytes(8, "little") + b"{}"
    path = tmp_path / "00000001.snapshot"
    path.write_bytes(content + HASH(content).digest())
    with path.open("rb") as file, pytest.raises(ValueError, match="text is too long"):
        read_tree(file)


def test_interrupted_must_be_a_whole_number(folder, capsys):
    assert main(transfer(1, "-o out.png").split()) == 0
    for value in ("\x1b[31m", -1, True, 1.5, [1]):
        metadata = read_metadata("out.png") | {"interrupted": value}
        write_picture("odd.png", read_picture("p.png"), metadata)
        assert main(["rerun", "odd.png", "-o", "again.png"]) == 2
        assert "no valid number of iterations" in capsys.readouterr().err


def test_tables_and_records_of_a_sweep_name_no_private_folder(folder, tmp_path_factory):
    private = tmp_path_factory.mktemp("home-of-mallory")
    for name in ("p.png", "a.png"):
        shutil.copy(name, private / name)
    words = f"sweep --content {private}/p.png --style {private}/a.png -o cells --jobs 1 --size 32"
    words += " --iterations 1 --weights random --style-layers conv1_1,conv2_1"
    assert main(words.split()) == 0
    assert main(words.split()) == 0  # the finished cell is found
    for path in Path("cells").rglob("*"):
        assert not path.is_file() or b"mallory" not in path.read_bytes(), path


def test_a_process_that_is_no_number_is_refused(interrupted, capsys):
    Path(".5-1-other.part").touch()
    record = json.loads(Path("out.run/run.json").read_text()) | {"process": "*"}
    Path("out.run/run.json").write_text(json.dumps(record))
    assert main(["resume", "out.run"]) == 2
    assert Path(".5-1-other.part").exists()


def test_pictures_reports_and_frames_name_no_private_folder(
    folder, tmp_path_factory, capsys, monkeypatch
):
    private = tmp_path_factory.mktemp("home-of-mallory")
    for name in ("p.png", "a.png"):
        shutil.move(name, private / name)
    words = transfer(2, f"-o {private}/out.png --report page.html --frames film.webp")
    words = words.replace("p.png", f"{private}/p.png").replace("a.png", f"{private}/a.png")
    assert main(words.split()) == 0
    assert main(["rerun", f"{private}/out.png", "-o", "again.png"]) == 0
    for path in (private / "out.png", Path("page.html"), Path("film.webp"), Path("again.png")):
        assert b"mallory" not in path.read_bytes(), path
    assert "identical" in capsys.readouterr().out


def test_inputs_with_the_same_name_stay_apart(folder):
    for name, source in (("one", "p.png"), ("two", "a.png")):
        Path(name).mkdir()
        shutil.copy(source, f"{name}/x.png")
    one, two = Path("one/x.png").resolve(), Path("two/x.png").resolve()
    words = transfer(1, "-o out.png").replace("p.png", str(one)).replace("a.png", str(two))
    assert main(words.split()) == 0
    files = read_metadata("out.png")["files"]
    assert set(files) == {"x.png", "x (2).png"}
    assert len(set(files.values())) == 2
    assert main(["rerun", "out.png"]) == 0  # p.png and a.png have the same content
    assert Path("out-again.png").read_bytes() == Path("out.png").read_bytes()


def test_files_are_found_where_the_run_folder_says(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in ("p.png", "a.png"):
        shutil.move(name, elsewhere / name)
    words = transfer(1, "-o out.png --run out.run")
    words = words.replace("p.png", f"{elsewhere}/p.png").replace("a.png", f"{elsewhere}/a.png")
    assert main(words.split()) == 0
    assert main(["rerun", "out.png"]) == 0
    shutil.rmtree("out.run")
    assert main(["rerun", "out.png"]) == 2
