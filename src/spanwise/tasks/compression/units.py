"""What of a prompt can be dropped, one by one: words, and punctuation that follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from spanwise.decoding import Floats
from spanwise.encoding import Ints
from spanwise.tasks.compression.protection import Interval

Role = Literal["word", "separator", "end", "opening", "closing", "bullet"]

_UNIT = re.compile(r"[\w\u0300-\u036f]+(?:['\u2019./:@&+\u2010\u2011-]+[\w\u0300-\u036f]+)*|[^\w\s]")
_ROLES: dict[str, Role] = {
    **dict.fromkeys(",;:\u2013\u2014-\u060c\u3001\uff0c", "separator"),
    **dict.fromkeys(".?!\u2026\u3002\uff01\uff1f\u061f", "end"),
    **dict.fromkeys("([{", "opening"),
    **dict.fromkeys(")]}", "closing"),
}
_BULLETS = frozenset("-*\u2022\u2013#>")


class Unit(NamedTuple):
    """A piece of text that is kept or dropped whole, `text[start:end]`."""

    start: int
    end: int
    fixed: bool
    role: Role


def cut(text: str, start: int, end: int, protected: Sequence[Interval]) -> list[Unit]:
    """The units of `text[start:end]` in order: all of it but white space.

    Args:
        text: The prompt.
        start: Where a segment begins.
        end: And where it ends.
        protected: What is never dropped, sorted, without overlaps. What such an interval touches is one unit
            with it, white space inside it too.
    """
    return [_unit(text, start, *found) for found in _merged(text, start, end, protected)]


def _merged(
    text: str, start: int, end: int, protected: Sequence[Interval]
) -> Iterator[tuple[int, int, bool]]:
    """Start, end, and whether it is protected, of each unit."""
    pieces = [(*match.span(), False) for match in _UNIT.finditer(text, start, end)]
    pieces += [(low, high, True) for low, high in protected if low < high]
    held: tuple[int, int, bool] | None = None
    for piece in sorted(pieces, key=lambda piece: (piece[0], -piece[1])):
        if held and piece[0] < held[1]:
            held = (held[0], max(held[1], piece[1]), held[2] or piece[2])
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _unit(text: str, first: int, start: int, end: int, fixed: bool) -> Unit:
    role: Role = "word"
    if end - start == 1:
        before = text[first:start].rstrip(" \t")[-1:] if text[start] in _BULLETS else " "
        role = "bullet" if before in ("", "\n") else _ROLES.get(text[start], "word")
    return Unit(start, end, fixed, role)


def keep_probabilities(units: Sequence[Unit], words: Ints, keep: Floats) -> Floats:
    """How probable it is that each unit must stay, `[units]`: that of its likeliest word, 1 without a word.

    Args:
        units: In order.
        words: Start and end of each scored word, `[words, 2]`.
        keep: The probability that each must stay, `[words]`.
    """
    found = np.ones(len(units))
    if not len(words):
        return found
    starts = np.array([unit.start for unit in units], dtype=np.int64)
    ends = np.array([unit.end for unit in units], dtype=np.int64)
    first = np.searchsorted(words[:, 1], starts, side="right")
    behind = np.searchsorted(words[:, 0], ends, side="left")
    for number in np.flatnonzero(first < behind):
        found[number] = keep[first[number] : behind[number]].max()
    return found
