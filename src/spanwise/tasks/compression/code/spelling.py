"""Logical lines back to text: as they were laid out, or with nothing between tokens that need not be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from keyword import kwlist
from tokenize import NUMBER, STRING

from spanwise.tasks.compression.code.lines import Line, Token

_COMMENT = re.compile(r"[ \t\f]*#[^\n]*")
_KEYWORDS = frozenset(kwlist) - {"None", "True", "False"}  # which are values
_INDENTATION = re.compile(r"[ \t\f]*")
_LINE_ENDS = re.compile(r"(?:[ \t\f]*\r?\n)+")


def as_laid_out(lines: Sequence[Line], source: str) -> str:
    """Lines with the indentation and the gaps of the source, without comments and empty lines.

    Args:
        lines: Logical lines of `source`, some tokens of which may be gone.
        source: The module.
    """
    return "".join(f"{_indentation(line, source)}{_gapped(line.tokens, source)}\n" for line in lines)


def tight(lines: Sequence[Line], source: str) -> str:
    """Each logical line on one line, blocks indented by a single space.

    Args:
        lines: Logical lines of `source`, some tokens of which may be gone.
        source: The module.
    """
    return "".join(f"{' ' * line.depth}{spell(line.tokens, source)}\n" for line in lines)


def spell(tokens: Sequence[Token], source: str) -> str:
    """Tokens on one line, with a space where two would be read as one, and beside keywords that had one."""
    return "".join(_alternate(tokens, [_space(*pair, source) for pair in pairwise(tokens)]))


def _space(token: Token, behind: Token, source: str) -> str:
    if token.kind == behind.kind == STRING:  # '' 'a' is two strings, '''a' opens a third kind
        return " "
    if token.kind == NUMBER and behind.text == ".":  # 1 .real is no float
        return " "
    if _in_word(token.text[-1]) and _in_word(behind.text[0]):
        return " "
    spaced = token.end < behind.start and source[token.end].isspace()
    return " " if spaced and (token.text in _KEYWORDS or behind.text in _KEYWORDS) else ""


def _in_word(char: str) -> bool:
    return char == "_" or char.isalnum()


def _indentation(line: Line, source: str) -> str:
    # Not all that precedes the first token: a docstring before it may be gone.
    found = _INDENTATION.match(source, source.rfind("\n", 0, line.tokens[0].start) + 1)
    return found[0] if found else ""


def _gapped(tokens: Sequence[Token], source: str) -> str:
    gaps = [_gap(source[token.end : behind.start]) for token, behind in pairwise(tokens)]
    return "".join(_alternate(tokens, gaps))


def _gap(gap: str) -> str:
    """What stands between two tokens: white space, comments and backslashes."""
    return _LINE_ENDS.sub("\n", _COMMENT.sub("", gap)) if "\n" in gap else gap


def _alternate(tokens: Sequence[Token], gaps: Sequence[str]) -> Iterator[str]:
    for token, gap in zip(tokens, [*gaps, ""], strict=True):
        yield token.text
        yield gap
