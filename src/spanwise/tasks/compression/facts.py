"""What the facts of a text hinge on, and which of it a shorter text still says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from spanwise.tasks.compression.equivalence.negations import cues
from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.names import names

FactPart = Literal["numbers", "names", "negations"]
PARTS: tuple[FactPart, ...] = ("numbers", "names", "negations")

_WORD = re.compile(r"\w+")


class Kept(NamedTuple):
    """How many of the things that facts hinge on are still said, and how many there are."""

    kept: int
    of: int


def facts_kept(facts: Sequence[str], original: str, shorter: str) -> Mapping[FactPart, Kept]:
    """Which numbers, names and negations of the facts `shorter` still has, of those that `original` has.

    A number is kept where its value stands, a name where the word does; a negation, exclusion, restriction or
    condition where none of its kind is missing: which one of several a fact means cannot be told.

    Args:
        facts: Statements about the original, each in words of its own.
        original: The text.
        shorter: What is left of it.
    """
    told: dict[FactPart, list[bool]] = {part: [] for part in PARTS}
    there, left = _Said(original), _Said(shorter)
    for fact in facts:
        numbers = {quantity.value for quantity in quantities(fact)} & there.numbers
        told["numbers"] += [value in left.numbers for value in sorted(numbers)]
        named = ({fact[start:end] for start, end in names(fact)} & there.words) | (
            set(_WORD.findall(fact)) & there.names
        )
        told["names"] += [name in left.words for name in sorted(named)]
        found = {cue.name for cue in cues(fact)} & set(there.cues)
        told["negations"] += [left.cues[name] >= there.cues[name] for name in sorted(found)]
    return {part: Kept(sum(flags), len(flags)) for part, flags in told.items()}


class _Said:
    """What a text says, as far as it is looked for."""

    def __init__(self, text: str) -> None:
        self.numbers = {quantity.value for quantity in quantities(text)}
        self.words = set(_WORD.findall(text))
        self.names = {text[start:end] for start, end in names(text)}
        self.cues = Counter(cue.name for cue in cues(text))
