"""Change single places of the package at random, and list the changes that no test notices.

    pip install -e '.[test,mutation]'
    python tools/mutation.py losses --sample 40

Work in a clone: the files are changed in place and restored afterwards. For each group of modules,
the tests that are run are those of the same subject, and each run has a time limit.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).resolve().parents[1]
TRANSFER = "tests/transfer/test_"
GROUPS = {  # modules, and the tests that are run for them
    "losses": (["nst_numpy/losses"], "tests/losses"),
    "layers": (["nst_numpy/layers.py"], "tests/test_layers.py tests/test_vgg.py"),
    "vgg": (["nst_numpy/vgg.py"], "tests/test_vgg.py tests/test_objective.py"),
    "objective": (["nst_numpy/objective.py"], "tests/test_objective.py"),
    "tiling": (["nst_numpy/transfer/tiling.py"], f"{TRANSFER}tiling.py"),
    "optimizers": (["nst_numpy/optimizers"], "tests/optimizers"),
    "images": (["nst_numpy/images"], "tests/images"),
    "controls": (
        [
            f"nst_numpy/transfer/{name}.py"
            for name in ("masks", "color_control", "build_loss_terms")
        ],
        f"{TRANSFER}masks.py {TRANSFER}color_control.py {TRANSFER}build_loss_terms.py",
    ),
}
CONFIG = """
[cosmic-ray]
module-path = {modules}
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""
# Annotations and messages are not checked: nothing that is computed depends on them.
IGNORED = ("core/ReplaceBinaryOperator_BitOr", "core/RemoveDecorator")


def run_group(name: str, sample: int, seed: int, timeout: float, folder: Path) -> tuple[int, int]:
    """Run a sample of the mutations of a group; print the survivors.

    Returns
    -------
    tested, survived : int
    """
    modules, tests = GROUPS[name]
    config, session = folder / f"{name}.toml", folder / f"{name}.sqlite"
    values = {"modules": modules, "timeout": timeout, "python": sys.executable, "tests": tests}
    config.write_text(CONFIG.format(**values))
    session.unlink(missing_ok=True)
    run("init", config, session)
    with use_db(session, WorkDB.Mode.open) as db:
        choose(db, sample, seed)
    run("exec", config, session)
    with use_db(session, WorkDB.Mode.open) as db:
        done = [(item, r) for item, r in results(db) if r.worker_outcome == WorkerOutcome.NORMAL]
    survivors = [(item, r) for item, r in done if r.test_outcome == TestOutcome.SURVIVED]
    for item, result in survivors:
        change = "\n".join(
            line
            for line in (result.diff or "").splitlines()
            if line[:1] in "+-" and line[1:2] != "-"
        )
        print(f"{item.mutations[0].module_path}:{item.mutations[0].start_pos[0]}\n{change}\n")
    print(f"{name}: {len(done)} mutations, {len(survivors)} survived", flush=True)
    return len(done), len(survivors)


def choose(db: WorkDB, sample: int, seed: int) -> None:
    """Mark all but a random sample of the mutations as skipped."""
    items = [
        item for item in db.work_items if not item.mutations[0].operator_name.startswith(IGNORED)
    ]
    chosen = {item.job_id for item in random.Random(seed).sample(items, min(sample, len(items)))}
    for item in list(db.work_items):
        if item.job_id not in chosen:
            db.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def results(db: WorkDB) -> list:
    """(work item, result) of each mutation that has a result."""
    found = dict(db.results)
    return [(item, found[item.job_id]) for item in db.work_items if item.job_id in found]


def run(command: str, *arguments: Path) -> None:
    """Run a command of cosmic-ray in the clone."""
    subprocess.run(
        [sys.executable, "-m", "cosmic_ray.cli", command, *map(str, arguments)],
        cwd=ROOT,
        check=True,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all if not given")
    parser.add_argument("--sample", type=int, default=40, help="mutations of each group")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for the tests")
    parser.add_argument("--folder", type=Path, default=Path("mutation"), help="of the sessions")
    o = parser.parse_args()
    o.folder.mkdir(exist_ok=True)
    for name in o.groups or GROUPS:
        run_group(name, o.sample, o.seed, o.timeout, o.folder.resolve())


if __name__ == "__main__":
    main()
