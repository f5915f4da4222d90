"""Which item of a found list is which one of the true list: the assignment with the greatest resemblance.

Lists may miss items, make some up, or stand in another order: comparing them place by place would count one
lost job as many wrong ones. The assignment is Kuhn's (1955), as SciPy solves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Key(NamedTuple):
    """What tells an item from its neighbours: the organisation, the title, and when it began."""

    organisation: str | None
    title: str | None
    start: str | None = None


def align(truth: Sequence[T], found: Sequence[T], key: Callable[[T], Key]) -> list[tuple[T | None, T | None]]:
    """Pairs of a true and a found item, in the order of the true ones; then what was found besides.

    An item without a partner, or with one that it has nothing in common with, stands beside `None`.

    Args:
        truth: The true items.
        found: Those to compare.
        key: What an item is recognised by.
    """
    from scipy.optimize import linear_sum_assignment

    scores = [[resemblance(key(one), key(other)) for other in found] for one in truth]
    partner: dict[int, int] = {}
    if truth and found:
        rows, columns = linear_sum_assignment(scores, maximize=True)
        partner = {
            int(row): int(column)
            for row, column in zip(rows, columns, strict=True)
            if scores[row][column] > 0
        }
    taken = set(partner.values())
    pairs: list[tuple[T | None, T | None]] = [
        (item, found[partner[index]] if index in partner else None) for index, item in enumerate(truth)
    ]
    return pairs + [(None, item) for index, item in enumerate(found) if index not in taken]


def resemblance(one: Key, other: Key) -> float:
    """How much two keys have in common, 0 to 3: a point for each part, less where it is but similar."""
    organisation = similarity(one.organisation, other.organisation)
    title = similarity(one.title, other.title)
    # Most names share some letters: what is below half says nothing.
    return sum(score for score in (organisation, title) if score > 0.5) + _starts(one.start, other.start)


def similarity(one: str | None, other: str | None) -> float:
    """The normalised Indel similarity of two texts, 0 to 1, whatever their case; 0 without either."""
    from rapidfuzz import fuzz

    if not one or not other:
        return 0.0
    return fuzz.ratio(folded(one), folded(other)) / 100


def folded(text: str) -> str:
    """A text in lower case with single spaces and no punctuation at its ends."""
    return " ".join(text.casefold().split()).strip(" .,;:|-–—")


def _starts(one: str | None, other: str | None) -> float:
    """1 for the same date, half a point for the same year."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    return 0.5 if one[:4] == other[:4] else 0.0
