"""Links between notebooks, READMEs and docstrings, and whether they lead somewhere."""

import pkgutil
import re

LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")  # a Markdown link, not to the web
NOTEBOOK = re.compile(r"\bnotebooks/\d\w*\.\w+")  # as a docstring names one
NAME = re.compile(r"`(nst_numpy(?:\.\w+)+)(?:\(\))?`")


def broken_links(folder):
    """What is wrong with the links and names of the notebooks' folder and around it.

    Parameters
    ----------
    folder : Path
        The notebooks; the package and the README lie beside it.

    Returns
    -------
    list of str
        One sentence for each file, notebook or function that is named and does not exist, and
        for each notebook that the course does not name.
    """
    root = folder.parent
    texts = [*folder.glob("*.py"), *folder.glob("*.md"), root / "README.md"]
    texts += (root / "nst_numpy").rglob("*.py")
    wrong = []
    for path in texts:
        content, where = path.read_text(encoding="utf-8"), path.relative_to(root)
        targets = {path.parent / link for link in LINK.findall(_prose(path.suffix, content))}
        targets |= {root / link for link in NOTEBOOK.findall(content)}
        wrong += [f"{where}: there is no {t}." for t in sorted(targets) if not t.exists()]
        names = sorted(set(NAME.findall(content)))
        wrong += [f"{where}: there is no {name}." for name in names if not _found(name)]
    course = (folder / "README.md").read_text(encoding="utf-8")
    notebooks = sorted(p.name for p in folder.glob("[0-9]*_*.ipynb"))
    return wrong + [f"notebooks/README.md does not name {n}." for n in notebooks if n not in course]


def _prose(suffix, content):
    """A Markdown file as it is; of Python only the comments, for ``f[0](x)`` is no link."""
    if suffix == ".md":
        return content
    return "\n".join(line for line in content.splitlines() if line.startswith("#"))


def _found(name):
    """Whether a dotted name, such as nst_numpy.layers.relu, leads to something."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True
