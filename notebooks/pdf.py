"""Print the executed notebooks as one PDF with pandoc and Typst, both installed from wheels."""

import re
import tempfile
from pathlib import Path

import nbformat
import pypandoc
import typst

PREAMBLE = """\
#set document(title: "Neural style transfer, step by step")
#set page(numbering: "1", margin: 2.2cm)
#set text(size: 10pt)
#set heading(numbering: none)
#show heading.where(level: 1): it => { pagebreak(weak: true); it }
#show raw.where(block: true): set text(size: 7.5pt)
#show raw.where(block: true): block.with(fill: luma(245), inset: 6pt, width: 100%)
#let horizontalrule = line(length: 100%)
"""
# A filter for pandoc. It removes the box around each cell, because headings and page breaks must be
# outside of boxes, and links to files, which have no target in a PDF.
FILTER = """\
function Div(cell) return cell.content end
function Link(link) if not link.target:match("^https?:") then return link.content end end
"""
CIRCLED = re.compile(
    r"\b(dot|plus|minus|times)\.circle\b"
)  # pandoc writes names that Typst 0.14 renamed
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>", re.DOTALL)


def print_pdf(notebooks, path):
    """Print notebooks, in the order given, into one PDF.

    Parameters
    ----------
    notebooks : sequence of Path
        Executed .ipynb files.
    path : Path
        PDF to write.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "filter.lua").write_text(FILTER, encoding="utf-8")
        text = PREAMBLE + "".join(_typst(notebook, folder) for notebook in notebooks)
        main = Path(folder) / "main.typ"
        main.write_text(text, encoding="utf-8")
        typst.compile(str(main), output=str(path))


def _typst(path, folder):
    """Convert a notebook to Typst, and write its pictures into the folder."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:  # paper shows folded answers unfolded
        cell.source = FOLDED.sub(r"*\1.*", cell.source).replace("</details>", "")
    options = [f"--extract-media={folder}/{path.stem}", f"--lua-filter={folder}/filter.lua"]
    source = nbformat.writes(notebook)
    text = pypandoc.convert_text(source, "typst", format="ipynb", extra_args=options)
    text = CIRCLED.sub(r"\1.o", text)
    return text.replace(f'"{folder}/', '"') + "\n"
