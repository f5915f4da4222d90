"""A candidate in the text around it, with both readings marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from spanwise.label_noise.ranking import Annotated, Candidate, Suggested

Side = Literal["annotated", "suggested"]

AROUND = 120  # characters shown before and behind, cut at white space


@dataclass(frozen=True)
class Piece:
    """A stretch of text, the readings that cover it, and those of them that end with it."""

    text: str
    sides: tuple[Side, ...]
    ending: tuple[tuple[Side, str], ...]


@dataclass(frozen=True)
class Context:
    """The text around a candidate in pieces, and whether the document goes on before and behind it."""

    pieces: tuple[Piece, ...]
    cut_before: bool
    cut_behind: bool


def show(candidate: Candidate, text: str) -> Context:
    """Cut the text around a candidate at the edges of its readings.

    Args:
        candidate: What is shown.
        text: Its whole document.
    """
    readings = _readings(candidate)
    begin, end = min(side.start for _, side in readings), max(side.end for _, side in readings)
    first, last = _from(text, begin), _to(text, end)
    inner = {edge for _, side in readings for edge in (side.start, side.end)}
    pieces = tuple(
        _piece(text[start:behind], start, behind, readings)
        for start, behind in pairwise(sorted({first, last, *inner}))
    )
    return Context(pieces, first > 0, last < len(text))


def _readings(candidate: Candidate) -> list[tuple[Side, Annotated | Suggested]]:
    sides: list[tuple[Side, Annotated | Suggested | None]] = [
        ("annotated", candidate.annotated),
        ("suggested", candidate.suggested),
    ]
    return [(name, side) for name, side in sides if side is not None]


def _piece(
    text: str, start: int, behind: int, readings: Sequence[tuple[Side, Annotated | Suggested]]
) -> Piece:
    covering = [(name, side) for name, side in readings if side.start <= start and behind <= side.end]
    return Piece(
        text=" ".join(text.split("\n")),  # a line break would tear the context apart
        sides=tuple(name for name, _ in covering),
        ending=tuple((name, side.label) for name, side in covering if side.end == behind),
    )


def _from(text: str, start: int) -> int:
    """Where the context of something begins: behind a white space, where there is one."""
    if start <= AROUND:
        return 0
    cut = next((at for at in range(start - AROUND, start) if text[at].isspace()), start - AROUND - 1)
    return cut + 1


def _to(text: str, end: int) -> int:
    """Where the context of something ends: before a white space, where there is one."""
    if len(text) - end <= AROUND:
        return len(text)
    return next((at for at in range(end + AROUND, end, -1) if text[at].isspace()), end + AROUND)
