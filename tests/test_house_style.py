"""Rules of the house style that can be measured in the source of the package."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import nst_numpy

PACKAGE = Path(nst_numpy.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_PARAMETERS, MOST_LINES = 7, 40
BANNED = re.compile(r"\b(tells?|told|goes on|beside|asked|wanted)\b", re.IGNORECASE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def parameters(function: Function) -> list[str]:
    """Names of all parameters, without ``self`` and ``cls``."""
    a = function.args
    every = [*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg]
    return [each.arg for each in every if each and each.arg not in ("self", "cls")]


def lines_of_code(source: str) -> set[int]:
    """Numbers of the lines that hold a token other than a comment."""
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    found: set[int] = set()
    for token in tokens:
        if token.type not in ignored:
            found.update(range(token.start[0], token.end[0] + 1))
    return found


def length(function: Function, code: set[int]) -> int:
    """Lines of code of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    end = body[-1].end_lineno
    assert end is not None
    return len(code & set(range(body[0].lineno, end + 1)))


def texts(tree: ast.AST) -> Iterator[str]:
    """All literal strings: docstrings, messages, help."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def comments(source: str) -> Iterator[str]:
    """All comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def collects_locals(tree: ast.AST) -> bool:
    """Whether ``locals()`` is called."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == "locals" for called in calls)


def violations(path: Path) -> list[str]:
    """One sentence for each violation in a module."""
    source = path.read_text(encoding="utf-8")
    tree, code = ast.parse(source), lines_of_code(source)
    found = [] if ast.get_docstring(tree) else ["has no module docstring"]
    if collects_locals(tree):
        found.append("calls locals()")
    if "kernels" not in path.parts:
        for function in functions(tree):
            many, lines = len(parameters(function)), length(function, code)
            if many > MOST_PARAMETERS:
                found.append(f"{function.name} has {many} parameters")
            if lines > MOST_LINES:
                found.append(f"{function.name} has {lines} lines of code")
    for text in [*texts(tree), *comments(source)]:
        text = re.sub("``.*?``", "", text)  # names, such as ``tell`` of a file
        found += [f"writes {match[0]!r}: {text[:80]!r}" for match in BANNED.finditer(text)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_keeps_the_measurable_rules(path: Path) -> None:
    assert violations(path) == []


def test_violations_are_found(tmp_path: Path) -> None:
    body = "\n".join(f"    {name} = 1" for name in (f"x{i}" for i in range(41)))
    source = (
        f"def long(a, b, c, d, e, f, g, *h):\n{body}\n\n\ndef told():\n    locals()  # wanted\n"
    )
    path = tmp_path / "module.py"
    path.write_text(source)
    assert violations(path) == [
        "has no module docstring",
        "calls locals()",
        "long has 8 parameters",
        "long has 41 lines of code",
        "writes 'wanted': '# wanted'",
    ]
