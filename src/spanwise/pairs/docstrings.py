"""The docstrings of Python to paragraphs of prose: more is installed of them than of Markdown."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from spanwise.pairs.files import read, source_files
from spanwise.pairs.prose import fault
from spanwise.pairs.records import Passage
from spanwise.schema import Change
from spanwise.tasks.compression.code.docstrings import parse

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_BLANK = re.compile(r"\n\s*\n")
_MARKUP = re.compile(
    r"^\s|^(?:>>>|\.\.\s|[:@|+-]|[=~^*#-]{3,}$)", re.MULTILINE
)  # doctests, fields, lists, tables


def load_docstrings(folder: Path) -> Iterator[Passage | Change]:
    """The paragraphs of docstrings in a folder of Python, at any depth, in the order of their places.

    Left out and counted, by reason: files that are `unreadable` or do not parse (`does_not_parse`);
    paragraphs with a line of `markup` (an indented one, a doctest, a field, an item of a list), and those of
    `pairs.prose.fault`.

    Raises:
        UserError: If there is no such folder.
    """
    seen: set[str] = set()
    for name, path in source_files(folder, {".py"}):
        source = read(name, path)
        if isinstance(source, Change):
            yield source
        elif (tree := parse(source)) is None:
            yield Change(kind="left_out", reason="does_not_parse", document=name)
        else:
            for place, text in _paragraphs(tree, name):
                reason = "markup" if _MARKUP.search(text) else fault(text, seen)
                if reason is not None:
                    yield Change(kind="left_out", reason=reason, document=place)
                else:
                    yield Passage(id=place, domain="prose", kind="docstring", text=text, group=name)


def _paragraphs(tree: ast.Module, name: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of each docstring: the line it starts in and its number there, and its text."""
    documented = (node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED) and node.body)
    for node in sorted(documented, key=lambda node: node.body[0].lineno):
        if docstring := ast.get_docstring(node, clean=False):
            for number, text in enumerate(_BLANK.split(inspect.cleandoc(docstring)), start=1):
                yield f"{name}:{node.body[0].lineno}#{number}", text
