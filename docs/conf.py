"""Configuration of Sphinx, for the user guide and the reference."""

import importlib
import inspect
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import nst_numpy
from nst_numpy.cli import parser

project, author, copyright = "nst_numpy", "The nst_numpy developers", "The nst_numpy developers"
version = release = nst_numpy.__version__
extensions = ["sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["html"]
default_role = "py:obj"  # `nst_numpy.vgg.forward` is a link
autodoc_default_options = {"members": True}
autodoc_typehints = "none"  # the docstrings say more: shapes, units, and errors
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
highlight_language = "none"  # most blocks are equations or commands
smartquotes = False
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "Neural style transfer you can read"}
html_show_sourcelink = False


def keep_equations(app, what, name, thing, options, lines):
    """Turn indented text, which is an equation, into a literal block; escape bars elsewhere."""
    sections = next((i - 1 for i, line in enumerate(lines) if line.startswith("---")), len(lines))
    examples = lines.index("Examples") if "Examples" in lines else len(lines)
    text = []
    for i, line in enumerate(lines):
        equation = i < sections and line.startswith("    ")
        if equation and text and not text[-1]:
            text += ["::", ""]
        text.append(line if equation or i >= examples else line.replace("|", "\\|"))
    lines[:] = text


def link_public_names(app, what, name, thing, options, lines):
    """Link each name in the docstring of the package to the module that documents it."""
    if name != "nst_numpy":
        return
    pages = (Path(app.srcdir) / "reference").glob("*.rst")
    modules = [m for page in pages for m in re.findall(r"automodule:: (\S+)", page.read_text())]
    for public in nst_numpy.__all__:
        for module in set(modules) - {"nst_numpy"}:
            if public in public_names(importlib.import_module(module)):
                link = f":py:obj:`{public} <{module}.{public}>`"
                lines[:] = [line.replace(f"`{public}`", link) for line in lines]


def public_names(module):
    """Return the names that autodoc documents for a module."""
    own = [n for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__]
    return getattr(module, "__all__", own)


class OptionTable(SphinxDirective):
    """A table of the options of style transfer, from their definition in the package."""

    def run(self):
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 24 20 16 40", ""]
        for row in [("command line", "Python", "default", "meaning"), *option_rows()]:
            lines += [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(row)]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines), self.content_offset, node)
        return node.children


def option_rows():
    """Yield option, keyword, default and help of each option as reStructuredText."""
    commands = next(a for a in parser()._actions if a.dest == "command")
    defaults = inspect.signature(nst_numpy.stylize).parameters
    for action in commands.choices["transfer"]._actions:
        if action.dest not in defaults or not action.option_strings:
            continue
        default = defaults[action.dest].default
        text = " ".join((action.help % vars(action)).split(" (default")[0].split())
        values = "" if action.choices is None else f" ({', '.join(map(str, action.choices))})"
        yield (
            f"``{action.option_strings[-1]}``",
            f"``{action.dest}``",
            f"``{default!r}``",
            text + values,
        )


def setup(app):
    app.add_directive("option-table", OptionTable)
    # Both before numpydoc, which is connected with priority 500.
    app.connect("autodoc-process-docstring", link_public_names, priority=300)
    app.connect("autodoc-process-docstring", keep_equations, priority=400)
