"""Docstrings: where they are, and modules compared without them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from tokenize import NAME

from spanwise.tasks.compression.code.lines import Line, Token, offsets

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Docstring:
    """A docstring, `source[start:end]`; `alone` if its block has no other statement and must get one."""

    start: int
    end: int
    alone: bool


def parse(source: str) -> ast.Module | None:
    """The tree of a module; None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the code that is looked at, such as invalid escapes
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def same_tree(one: ast.Module, other: ast.Module, *, docstrings: bool) -> bool:
    """Whether two modules are one tree, places apart; without `docstrings`, docstrings apart too.

    A block that is nothing but a docstring equals one that is nothing but `pass`. Both trees are changed.
    """
    try:
        return _dumped(one, docstrings=docstrings) == _dumped(other, docstrings=docstrings)
    except RecursionError:  # deeper than can be compared: not known to be the same
        return False


def find_docstrings(tree: ast.Module, source: str) -> list[Docstring]:
    """The docstrings that can go, in order.

    One before another string that is a statement stays: that string would become the docstring.
    """
    starts = offsets(source)
    lines = source.split("\n")

    def place(row: int, column: int) -> int:
        """An offset in characters: columns of trees count bytes."""
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    found = []
    for node in ast.walk(tree):
        if not isinstance(node, _DOCUMENTED) or not _documented(node):
            continue
        if len(node.body) > 1 and _is_string(node.body[1]):
            continue
        first = node.body[0]
        assert first.end_lineno is not None
        assert first.end_col_offset is not None
        alone = len(node.body) == 1 and not isinstance(node, ast.Module)
        start, end = place(first.lineno, first.col_offset), place(first.end_lineno, first.end_col_offset)
        found.append(Docstring(start, end, alone))
    return sorted(found, key=lambda docstring: docstring.start)


def without_docstrings(lines: Sequence[Line], docstrings: Sequence[Docstring]) -> list[Line]:
    """Logical lines without these docstrings; where a block would be empty, `pass` takes their place."""
    found: list[Line] = []
    waiting = list(reversed(docstrings))
    for line in lines:
        tokens = line.tokens
        while waiting and waiting[-1].start < tokens[-1].end:
            tokens = _without(tokens, waiting.pop())
            if not tokens:
                break
        if tokens:
            found.append(Line(line.depth, tokens))
    return found


def _without(tokens: tuple[Token, ...], docstring: Docstring) -> tuple[Token, ...]:
    before = tuple(token for token in tokens if token.end <= docstring.start)
    behind = tuple(token for token in tokens if token.start >= docstring.end)
    if before and before[-1].text == "(":  # in parentheses: it stays, as it hardly ever is
        return tokens
    if docstring.alone:
        return (*before, Token(docstring.start, docstring.end, NAME, "pass"), *behind)
    if behind and behind[0].text == ";":
        behind = behind[1:]
    return before + behind


def _documented(node: _Documented) -> bool:
    return bool(node.body) and _is_string(node.body[0])


def _is_string(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _dumped(tree: ast.Module, *, docstrings: bool) -> str:
    if not docstrings:
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and _documented(node):
                left = node.body[1:]
                node.body = left if left or isinstance(node, ast.Module) else [ast.Pass()]
    return ast.dump(tree)
