"""Clauses of a text by punctuation and conjunctions: the units of meaning that coverage looks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from spanwise.tasks.compression.equivalence.words import words

SENTENCE_END = re.compile(r"[.!?](?=[\"'\u201d\u00bb)\]]*(?:\s|$))|\n\s*\n|\n\s*(?=[-*\u2022]|\d+[.)]\s)")
_CONJUNCTIONS = (
    r"and|but|or|nor|because|unless|except|if|when|whenever|whereas|while|although|though|so|provided|until|"
    r"which|who|whose|where|after|before|et|mais|ou|parce|sauf|si|quand|lorsque|tandis|afin|pour"
)
_BOUNDARY = re.compile(
    rf"(?:{SENTENCE_END.pattern})[\"'\u201d\u00bb)\]]*\s*|[;:]\s+|,\s+(?=(?:{_CONJUNCTIONS})\b)"
    r"|\s+(?=(?:unless|except|because|provided that|whereas|but only|sauf|parce que)\b)",
    re.IGNORECASE,
)
FEWEST = 3
"""Words of a clause; a shorter one goes with the one before it."""


@dataclass(frozen=True)
class Clause:
    """A part of a text, with offsets."""

    text: str
    start: int
    end: int


def clauses(text: str) -> list[Clause]:
    """The clauses of a text in order, without the white space between them."""
    bounds = [0, *(found.end() for found in _BOUNDARY.finditer(text)), len(text)]
    joined: list[tuple[int, int]] = []
    for start, end in pairwise(bounds):
        if joined and len(words(text[start:end])) < FEWEST:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [Clause(text[start:end].strip(), start, end) for start, end in joined if text[start:end].strip()]
