"""What speaks softly for or against an output: no one signal decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spanwise.tasks.compression.equivalence.coverage import Embed, Rarity, coverage, lost_share
from spanwise.tasks.compression.equivalence.losses import hedges, items, names, sentences
from spanwise.tasks.compression.equivalence.plausibility import Plausibility
from spanwise.tasks.compression.equivalence.words import Word, kept, words

_JOINTS = frozenset({",", "and", "or", "et", "ou", "the", "a", "an"})
SIGNALS = (
    "coverage",
    "clause_lost",
    "sentence_lost",
    "surprise",
    "surprise_of_three",
    "surprise_in_all",
    "names_lost",
    "items_lost",
    "hedges_lost",
)
"""Least coverage of a clause; greatest lost share of rarity of a clause and of a sentence; nats of the most
surprising dropped word, of the three most surprising, of all; how many names, things named side by side, and
words of certainty of the source are gone."""


@dataclass(frozen=True)
class Signals:
    """What computes the signals.

    Attributes:
        rarity: Of words.
        plausibility: Of dropping them.
        embed: See `coverage.Embed`.
    """

    rarity: Rarity
    plausibility: Plausibility
    embed: Embed

    def __call__(self, source: str, output: str) -> list[float]:
        """The signals in the order of `SIGNALS`.

        Raises:
            UserError: If rapidfuzz is not installed.
        """
        covered = coverage(source, output, rarity=self.rarity, embed=self.embed)
        tokens = words(source)
        flags = kept(tokens, words(output))
        surprises = self.plausibility.surprises(source, output)
        return [
            min((part.covered for part in covered), default=1.0),
            max((part.lost for part in covered), default=0.0),
            max((lost_share(tokens, flags, *place, self.rarity) for place in sentences(source)), default=0.0),
            max(surprises, default=0.0),
            sum(surprises[:3]),
            sum(surprises),
            *(_gone(tokens, flags, find(source)) for find in (names, items, hedges)),
        ]


def _gone(tokens: Sequence[Word], flags: Sequence[bool], places: Sequence[tuple[int, int]]) -> float:
    """In how many of the places no word of its own is kept."""
    gone = 0
    for start, end in places:
        inside = [
            flag
            for token, flag in zip(tokens, flags, strict=True)
            if start <= token.start < end and token.text.casefold() not in _JOINTS
        ]
        gone += not any(inside)
    return float(gone)
