"""Find broken links in notebooks, READMEs and docstrings."""

import pkgutil
import re

LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")  # a Markdown link to a file
NOTEBOOK = re.compile(r"\bnotebooks/\d\w*\.\w+")  # in a docstring
NAME = re.compile(r"`(nst_numpy(?:\.\w+)+)(?:\(\))?`")


def broken_links(folder):
    """Check the links and names in the notebooks, the READMEs and the package.

    Parameters
    ----------
    folder : Path
        Folder of the notebooks, in the same folder as the package and the README.

    Returns
    -------
    list of str
        One sentence for each file, notebook or function that is named and does not exist, and
        for each notebook that notebooks/README.md does not name.
    """
    root = folder.parent
    texts = [*folder.glob("*.py"), *folder.glob("*.md"), root / "README.md"]
    texts += (root / "nst_numpy").rglob("*.py")
    problems = []
    for path in texts:
        content, where = path.read_text(encoding="utf-8"), path.relative_to(root)
        targets = {path.parent / link for link in LINK.findall(_prose(path.suffix, content))}
        targets |= {root / link for link in NOTEBOOK.findall(content)}
        problems += [f"{where}: there is no {t}." for t in sorted(targets) if not t.exists()]
        names = sorted(set(NAME.findall(content)))
        problems += [f"{where}: there is no {name}." for name in names if not _exists(name)]
    course = (folder / "README.md").read_text(encoding="utf-8")
    notebooks = sorted(p.name for p in folder.glob("[0-9]*_*.ipynb"))
    return problems + [
        f"notebooks/README.md does not name {n}." for n in notebooks if n not in course
    ]


def _prose(suffix, content):
    """Markdown, or the comments of a Python file: in code, ``f[0](x)`` is not a link."""
    if suffix == ".md":
        return content
    return "\n".join(line for line in content.splitlines() if line.startswith("#"))


def _exists(name):
    """Whether a dotted name, such as nst_numpy.layers.relu, exists."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True
