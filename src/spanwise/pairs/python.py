"""Python to functions, methods and classes, by its syntax tree."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from spanwise.pairs.files import read, source_files
from spanwise.pairs.records import Passage
from spanwise.schema import Change
from spanwise.tasks.compression.code.docstrings import parse

SHORTEST, LONGEST = 120, 8000  # characters: less teaches little, more is no prompt's function

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TEST_FOLDER = re.compile(r"(?:\w+_)?tests?")
_TEST_FILE = re.compile(r"(?:test_.*|.*_test|tests?|conftest)\.py")
_TEST_NAME = re.compile(r"test_.*|test|Test.*|.*TestCase|.*Tests?")
_DUNDER = re.compile(r"__\w+__")
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def load_python(folder: Path) -> Iterator[Passage | Change]:
    """The functions, methods and classes in a folder of Python, at any depth, in the order of their places.

    A method is loaded both by itself and within its class; what is nested in a function only within it.
    Indentation is that of a module. Left out and counted, by reason: files that are `unreadable`, do not
    parse (`does_not_parse`) or hold tests (`test_file`); definitions that are a `test`, a `dunder` method,
    `trivial` (one simple statement, or a class without methods), `short` or `long` (`SHORTEST`, `LONGEST`),
    a `copy` of one before, or whose strings hold less `indentation` than they stand in.

    Raises:
        UserError: If there is no such folder.
    """
    seen: set[str] = set()
    for name, path in source_files(folder, {".py"}):
        if _is_test_file(PurePosixPath(name)):
            yield Change(kind="left_out", reason="test_file", document=name)
            continue
        source = read(name, path)
        if isinstance(source, Change):
            yield source
        elif (tree := parse(source)) is None:
            yield Change(kind="left_out", reason="does_not_parse", document=name)
        else:
            lines = source.split("\n")
            for kind, node in _definitions(tree, "function"):
                yield _passage(kind, node, lines, name, seen)


def _is_test_file(name: PurePosixPath) -> bool:
    inner = name.parts[1:-1]
    return bool(_TEST_FILE.fullmatch(name.name)) or any(_TEST_FOLDER.fullmatch(part) for part in inner)


def _definitions(parent: ast.AST, kind: str) -> Iterator[tuple[str, _Definition]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _FUNCTIONS):
            yield kind, node
        elif isinstance(node, ast.ClassDef):
            yield "class", node
            yield from _definitions(node, "method")
        elif isinstance(node, (*_COMPOUND, ast.ExceptHandler, ast.match_case)):
            yield from _definitions(node, kind)


def _passage(
    kind: str, node: _Definition, lines: Sequence[str], name: str, seen: set[str]
) -> Passage | Change:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    text = textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno])) + "\n"
    place = f"{name}:{first}"
    reason = _reason(kind, node, text)
    if reason is None and text in seen:
        reason = "copy"
    if reason is not None:
        return Change(kind="left_out", reason=reason, document=place)
    seen.add(text)
    return Passage(id=place, domain="code", kind=kind, text=text, group=name, language="python")


def _reason(kind: str, node: _Definition, text: str) -> str | None:
    """Why a definition is not worth shortening, or cannot be."""
    found = {
        "test": bool(_TEST_NAME.fullmatch(node.name)),
        "dunder": kind == "method" and bool(_DUNDER.fullmatch(node.name)),
        "trivial": _is_trivial(node),
        "short": len(text) < SHORTEST,
        "long": len(text) > LONGEST,
    }
    reason = next((reason for reason, holds in found.items() if holds), None)
    return "indentation" if reason is None and parse(text) is None else reason


def _is_trivial(node: _Definition) -> bool:
    if isinstance(node, ast.ClassDef):
        return not any(isinstance(part, _FUNCTIONS) for part in node.body)
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return len(body) <= 1 and not any(isinstance(part, _COMPOUND) for part in body)
