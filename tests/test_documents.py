"""What the documents say holds: links lead to files, commands parse, programs run."""

import configparser
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

import nst_numpy
from nst_numpy import sample_picture, write_picture
from nst_numpy.cli import parser

ROOT = Path(__file__).resolve().parents[1]
GUIDE = sorted((ROOT / "docs" / "guide").glob("*.rst"))
PAGES = [*GUIDE, ROOT / "docs" / "package.rst"]
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.rst"))
FOLDERS = ("notebooks", "benchmarks", "weights")
MARKDOWN = [*sorted(ROOT.glob("*.md")), *(p for f in FOLDERS for p in (ROOT / f).glob("*.md"))]


def by_name(paths):
    """A parameter for each path, with its name as the test's."""
    return [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in paths]


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 160


def test_readme_shows_the_minimal_example():
    block = (ROOT / "README.md").read_text("utf-8").split("<!-- minimal -->")[1]
    shown = block.split("```python\n")[1].split("```")[0]
    assert shown == (ROOT / "examples" / "minimal.py").read_text("utf-8")


@pytest.mark.parametrize("path", by_name(MARKDOWN))
def test_links_of_markdown_files_lead_to_files(path):
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "#")):
            assert (path.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("path", by_name([*MARKDOWN, *PAGES]))
def test_files_named_by_the_documents_exist(path):
    text = path.read_text("utf-8")
    folders = "nst_numpy|tests|benchmarks|notebooks|weights|examples|docs|tools"
    for name in re.findall(rf"`((?:{folders})/[\w./]*)`", text):
        assert (ROOT / name).exists() or name.startswith("docs/html/"), name  # built by Sphinx
    for image in re.findall(r"image:: (\S+)", text):
        assert (path.parent / image).is_file(), image


def commands(text):
    """Lines of ``nst-numpy`` in indented blocks and in inline code."""
    blocks = re.findall(r"^ {4}(?:\.venv/bin/)?nst-numpy ([^\n]*)", text, re.MULTILINE)
    inline = re.findall(r"`nst-numpy ([^`]+)`", text)
    for line in [*blocks, *inline]:
        line = line.split("  ")[0].split(" ...")[0]
        if not re.search(r"\b(COMMAND|FILE|NAME|RUN)\b|^-v", line):
            yield line


@pytest.mark.parametrize("path", by_name([*MARKDOWN, *GUIDE]))
def test_commands_parse(path):
    top = parser()
    subcommands = {"classroom", "reconstruct", "figure", "weights"}
    for line in commands(path.read_text("utf-8")):
        words = shlex.split(line)
        incomplete = len(words) == 1 or (words[0] in subcommands and len(words) == 2)
        words = [*words, "--help"] if incomplete else words
        try:
            top.parse_args(words)
        except SystemExit as end:
            assert end.code == 0, line


@pytest.mark.parametrize("path", by_name([ROOT / "README.md", *GUIDE]))
def test_options_named_by_the_guide_exist(path):
    known = set(re.findall(r"--[a-z][a-z-]*", all_help()))
    known |= {"--no-deps", "--quiet"}  # of pip
    text = re.sub(r"\bpip install.*|jupyter .*", "", path.read_text("utf-8"))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known


def all_help():
    """The help of every command."""

    def visit(top):
        yield top.format_help()
        for action in top._actions:
            for each in (action.choices or {}).values() if hasattr(action, "_parser_class") else ():
                yield from visit(each)

    return "\n".join(visit(parser()))


def programs(text):
    """Python programs in fenced blocks of Markdown and in code blocks of reStructuredText."""
    yield from re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for block in re.findall(r"code-block:: python\n\n((?: {4}.*\n|\n)+)", text):
        yield re.sub(r"^ {4}", "", block, flags=re.MULTILINE)


@pytest.mark.parametrize("path", by_name([ROOT / "README.md", *GUIDE]))
def test_programs_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_picture("photo.jpg", sample_picture("pagoda", 48))
    write_picture("painting.jpg", sample_picture("mosaic", 48))
    for program in programs(path.read_text("utf-8")):
        if "sys.argv" in program or "live(" in program:  # `test_examples.py`, `test_live.py`
            continue
        small = program.replace("size=384)", "size=48, iterations=2)").replace(": 384", ": 48")
        exec(compile(small, path.name, "exec"), {})


def test_reference_documents_every_public_function():
    text = "".join(path.read_text("utf-8") for path in REFERENCE)
    modules = set(re.findall(r"automodule:: (\S+)", text)) - {"nst_numpy"}
    documented = {n for m in modules for n in getattr(import_module(m), "__all__", ())}
    for name in nst_numpy.__all__:
        value = getattr(nst_numpy, name)
        if isinstance(value, type) or callable(value):
            assert name in documented or value.__module__ in modules, name


def test_map_of_the_package_lists_every_folder_and_the_order_of_imports():
    text = (ROOT / "docs" / "package.rst").read_text("utf-8")
    package = Path(nst_numpy.__file__).parent
    own = [path for path in package.iterdir() if not path.name.startswith(("_", "."))]
    names = {f"{path.name}/" if path.is_dir() else path.name for path in own} - {"py.typed"}
    assert names <= set(re.findall(r"^``([\w./]+)``", text, re.MULTILINE))
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    layers = config["importlinter:contract:order"]["layers"].strip().splitlines()
    order = [line.strip().removesuffix(" | (studio)") for line in layers]
    shown = re.search(r"checks it::\n\n((?: {4}.*\n)+)", text).group(1)
    assert [line.strip() for line in shown.splitlines()] == order
