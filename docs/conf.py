"""Configuration of Sphinx, for the user guide and the reference."""

import importlib
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import nst_numpy
from nst_numpy.cli.settings_options import option_string
from nst_numpy.transfer.option_definition import defaults_of, options_of
from nst_numpy.transfer.settings import StylizeSettings

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
        header = "Python", "command line", "default", "valid values", "meaning"
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 16 18 14 20 32", ""]
        for row in [header, *option_rows()]:
            lines += [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(row)]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines), self.content_offset, node)
        return node.children


def option_rows():
    """Yield keyword, option, default, valid values and meaning of each option."""
    defaults = defaults_of(StylizeSettings)
    for name, defined in options_of(StylizeSettings).items():
        typed = f"``{option_string(name, defined)}``" if defined.command_line else ""
        if name not in defaults:
            typed, default = f"``{defined.values.metavar}``", "required"
        else:
            value = defaults[name]
            default = f"``{getattr(value, '__name__', repr(value))}``"
        switch = "; the option turns this off" if defined.flag else ""
        meaning = f"{defined.help}{switch}"
        yield f"``{name}``", typed, default, defined.values.expected, meaning


def setup(app):
    app.add_directive("option-table", OptionTable)
    # Both before numpydoc, which is connected with priority 500.
    app.connect("autodoc-process-docstring", link_public_names, priority=300)
    app.connect("autodoc-process-docstring", keep_equations, priority=400)
