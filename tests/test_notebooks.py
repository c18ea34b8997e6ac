"""Links in the notebooks are valid, and build.py detects outdated notebooks.

The notebooks themselves are run by ``notebooks/build.py --check``, not here.
"""

import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


@pytest.fixture(autouse=True)
def _scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(NOTEBOOKS))
    yield
    for name in ("build", "links"):
        sys.modules.pop(name, None)


@pytest.fixture
def broken_links():
    import links

    return links.broken_links


@pytest.fixture
def build():
    for name in ("jupytext", "nbclient", "nbformat"):
        pytest.importorskip(name)
    import build

    return build


def test_notebooks_have_no_broken_links(broken_links):
    assert broken_links(NOTEBOOKS) == []


def test_broken_links_are_reported(broken_links, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "nst_numpy").mkdir()
    (tmp_path / "README.md").write_text(
        "[a](notebooks/README.md) [b](https://x.org/y) [c](gone.md)"
    )
    (tmp_path / "nst_numpy" / "f.py").write_text("'''Derived in notebooks/09_gone.ipynb.'''")
    (folder / "01_one.py").write_text("# %% [markdown]\n# [a](gone.ipynb)\n# %%\nf[0](x)")
    (folder / "README.md").write_text("[1](01_one.ipynb) `nst_numpy.layers.relu` `nst_numpy.gone`")
    for name in ("01_one.ipynb", "02_two.ipynb"):
        (folder / name).touch()
    root = tmp_path
    assert sorted(broken_links(folder)) == sorted(
        [
            f"README.md: there is no {root / 'gone.md'}.",
            f"nst_numpy/f.py: there is no {folder / '09_gone.ipynb'}.",
            f"notebooks/01_one.py: there is no {folder / 'gone.ipynb'}.",
            "notebooks/README.md: there is no nst_numpy.gone.",
            "notebooks/README.md does not name 02_two.ipynb.",
        ]
    )


@pytest.mark.parametrize(
    ("old", "new", "agree"),
    [
        ("L = 14.5", "L = 14.5", True),
        ("L = 14.5", "L  = 14.9\n", True),
        ("L = 14.5", "L = 20.5", False),
        ("L = 14.5", "E = 14.5", False),
        ("L = 14.5", "L = 14.5, and more", False),
        ("error 3e-16", "error 4.1e-15", True),
        ("error 3e-16", "error 2e-4", False),
        ("one[picture]", "one", False),
    ],
)
def test_outputs_agree_in_words_and_nearly_in_numbers(build, old, new, agree):
    assert build.same(old, new, varies=False) == agree


def test_measured_numbers_are_not_compared(build):
    assert build.same("took 3 s", "took 9 s", varies=True)
    assert not build.same("took 3 s", "needed 3 s", varies=True)


def test_an_outdated_notebook_is_reported(build, tmp_path):
    source, path = tmp_path / "01_one.py", tmp_path / "01_one.ipynb"
    source.write_text("# %%\nprint(1 + 1)\n")
    fresh, _ = build.run(build.read(source), source)
    assert "missing" in build.differences(fresh, path)[0]
    build.nbformat.write(fresh, path)
    assert build.differences(fresh, path) == []
    path.write_text(path.read_text().replace("2\\n", "3\\n"))
    assert "the output is outdated" in build.differences(fresh, path)[0]
    source.write_text("# %%\nprint(1 + 2)\n")
    changed, _ = build.run(build.read(source), source)
    assert "differs from its source" in build.differences(changed, path)[0]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [("1 / 0", "ZeroDivisionError"), ("import time; time.sleep(9)", "more than 1 s")],
)
def test_a_failing_or_slow_cell_is_reported(build, tmp_path, cell, sentence):
    source = tmp_path / "01_one.py"
    source.write_text(f"# %%\n{cell}\n")
    with pytest.raises(SystemExit, match=sentence):
        build.run(build.read(source), source, cell_seconds=1)
