"""Python as logical lines of tokens that know where they stand in the source."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

_UNSPELLED = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})
_FSTRING_EDGES = {  # tokens of their own from Python 3.12 on
    getattr(tokenize, "FSTRING_START", None): 1,
    getattr(tokenize, "FSTRING_END", None): -1,
}


@dataclass(frozen=True)
class Token:
    """A token, `source[start:end]`; `kind` is that of `token`."""

    start: int
    end: int
    kind: int
    text: str


@dataclass(frozen=True)
class Line:
    """A logical line: the tokens up to a NEWLINE, without comments.

    Attributes:
        depth: How many blocks it is in.
        tokens: In order, at least one.
    """

    depth: int
    tokens: tuple[Token, ...]


def logical_lines(source: str) -> list[Line]:
    """The logical lines of a module.

    Raises:
        SyntaxError, tokenize.TokenError: If it cannot be cut into tokens.
    """
    found: list[Line] = []
    depth = 0
    tokens: list[Token] = []
    for token in _tokens(source):
        depth += (token.kind == tokenize.INDENT) - (token.kind == tokenize.DEDENT)
        if token.kind == tokenize.NEWLINE:
            found.append(Line(depth, tuple(tokens)))
            tokens = []
        elif token.kind not in _UNSPELLED:
            tokens.append(token)
    return found


def count_comments(source: str) -> int:
    """How many comments a module has.

    Raises:
        SyntaxError, tokenize.TokenError: If it cannot be cut into tokens.
    """
    return sum(token.kind == tokenize.COMMENT for token in _tokens(source))


def offsets(source: str) -> list[int]:
    """Where each line of `source` starts, and where one behind the last would."""
    return [0, *accumulate(map(len, io.StringIO(source)))]


def _tokens(source: str) -> Iterator[Token]:
    """The tokens of a module; an f-string is one, as a space within it may be text."""
    starts = offsets(source)
    nested = opened = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start = starts[min(token.start[0] - 1, len(starts) - 1)] + token.start[1]
        end = starts[min(token.end[0] - 1, len(starts) - 1)] + token.end[1]
        edge = _FSTRING_EDGES.get(token.type, 0)
        if edge > 0 and not nested:
            opened = start
        nested += edge
        if edge < 0 and not nested:
            yield Token(opened, end, tokenize.STRING, source[opened:end])
        elif not nested:
            yield Token(start, end, token.type, token.string)
