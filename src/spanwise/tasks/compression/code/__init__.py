"""Python, shorter and the same tree: comments, docstrings and layout go, what stays keeps its spelling.

from spanwise.tasks.compression.code import compress_python

shorter = compress_python(source, level="layout").text
"""

from __future__ import annotations

import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from spanwise.errors import UserError
from spanwise.tasks.compression.code.docstrings import (
    find_docstrings,
    parse,
    same_tree,
    without_docstrings,
)
from spanwise.tasks.compression.code.lines import Line, count_comments, logical_lines
from spanwise.tasks.compression.code.redundancy import without_redundancy
from spanwise.tasks.compression.code.spelling import as_laid_out, tight
from spanwise.tasks.compression.code.suites import join_suites

Level = Literal["comments", "docstrings", "layout"]
"""How much goes, each with what those before it take away: comments and empty lines; docstrings; white
space, line breaks within brackets and before blocks of one statement, indentation above one space a block,
and tokens that the tree does not need."""
LEVELS: tuple[Level, ...] = get_args(Level)

Reason = Literal["does_not_parse", "tree_differs", "not_shorter", "nothing_left"]


@dataclass(frozen=True)
class Rewritten:
    """Python that was shortened.

    Attributes:
        text: The shorter module, or the source where there is a reason.
        level: How much was to go.
        comments: How many comments went.
        docstrings: How many docstrings went.
        reason: Why the source was left as it is: it is no Python, the result was another tree, not shorter,
            or empty.
    """

    text: str
    level: Level
    comments: int = 0
    docstrings: int = 0
    reason: Reason | None = None


def compress_python(source: str, *, level: str = "layout") -> Rewritten:
    """A shorter module with the tree of `source`, docstrings apart from level `docstrings` on.

    The result is parsed and compared before it is returned; it is never longer, in characters. Comments that
    tools read (`# type:`, `# noqa`) go with the others, and so does what a program reads from `__doc__`.

    Args:
        source: A module, or a part of one that can stand as a module.
        level: One of `LEVELS`.

    Raises:
        UserError: If there is no such level.
    """
    checked = _level(level)
    tree = parse(source)
    if tree is None:
        return Rewritten(source, checked, reason="does_not_parse")
    try:
        lines = logical_lines(source)
        comments = count_comments(source)
    except (SyntaxError, tokenize.TokenError):  # tokenize knows fewer line ends than the parser
        return Rewritten(source, checked, reason="does_not_parse")
    docstrings = [] if checked == "comments" else find_docstrings(tree, source)
    text = _written(without_docstrings(lines, docstrings), source, checked)
    if not source.endswith("\n"):
        text = text.removesuffix("\n")
    result = parse(text)
    if result is None or not same_tree(tree, result, docstrings=checked == "comments"):
        return Rewritten(source, checked, reason="tree_differs")
    if not text.strip():
        return Rewritten(source, checked, reason="nothing_left")
    if len(text) >= len(source):
        return Rewritten(source, checked, reason="not_shorter")
    return Rewritten(text, checked, comments, len(docstrings))


def _level(level: str) -> Level:
    for known in LEVELS:
        if level == known:
            return known
    raise UserError(f"no level {level!r} of shortening Python", hint=f"One of {', '.join(LEVELS)}.")


def _written(lines: Sequence[Line], source: str, level: Level) -> str:
    if level != "layout":
        return as_laid_out(lines, source)
    needed = [Line(line.depth, without_redundancy(line.tokens, source)) for line in lines]
    return tight(join_suites(needed), source)
