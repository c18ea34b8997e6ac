"""The reference, from the docstrings: sphinx-build -W docs docs/html."""

import nst_numpy

project, author, copyright = "nst_numpy", "The nst_numpy developers", "The nst_numpy developers"
version = release = nst_numpy.__version__
extensions = ["sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["html"]
default_role = "py:obj"  # `nst_numpy.vgg.forward` is a link
autodoc_default_options = {"members": True}
autodoc_typehints = "none"  # the docstrings say more: shapes, units, and when there is an error
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
highlight_language = "none"  # equations are no program
smartquotes = False
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "Neural style transfer you can read"}
html_show_sourcelink = False


def equations(app, what, name, thing, options, lines):
    """Print indented text as it stands, and bars as bars: there are equations in the docstrings."""
    end = next((i - 1 for i, line in enumerate(lines) if line.startswith("---")), len(lines))
    text, told = [], lines[end:]
    for line in lines[:end]:
        indented = line.startswith("    ")
        if indented and text and not text[-1]:
            text += ["::", ""]
        text.append(line if indented else line.replace("|", "\\|"))
    lines[:] = [*text, *told]


def setup(app):
    app.connect("autodoc-process-docstring", equations, priority=400)  # numpydoc comes at 500
