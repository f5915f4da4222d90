"""Blocks of one simple statement, on the line of what they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from spanwise.tasks.compression.code.lines import Line

_COMPOUND = frozenset(
    {
        *("if", "elif", "else", "for", "while", "try", "except", "finally", "with"),
        *("match", "case", "def", "class", "async", "@"),
    }
)


def join_suites(lines: Sequence[Line]) -> list[Line]:
    """Logical lines with `if x:` and a lone `return y` below it as one, which is the same tree."""
    found: list[Line] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if _is_lone_suite(lines, place):
            line = Line(line.depth, (*line.tokens, *lines[place].tokens))
            place += 1
        found.append(line)
    return found


def _is_lone_suite(lines: Sequence[Line], place: int) -> bool:
    """Whether the line at `place` is all of the block that the line before it opens, and no compound one."""
    if place >= len(lines) or lines[place - 1].tokens[-1].text != ":":
        return False
    depth = lines[place].depth
    if place + 1 < len(lines) and lines[place + 1].depth >= depth:
        return False
    return lines[place].tokens[0].text not in _COMPOUND
