"""An independent look at finished sides: does anything on one of them give away another?

Shares no code with the twin search on purpose, so that a fault in one is seen by the other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from spanwise.errors import UserError
from spanwise.schema import Example, SplitName


@dataclass(frozen=True)
class Leak:
    """What sides have in common."""

    groups_across: int
    """Groups, and ids, that are found on more than one side."""
    twins_across: int
    """Pairs of documents on different sides with one text, or with an overlap above the setting."""
    max_overlap: float
    """The greatest overlap of two documents on different sides: 1 for one text, else the share of the smaller
    one's word n-grams that is in the other (0 to 1), where at least `ngram` of them are."""


def find_leak(sides: Mapping[SplitName, Sequence[Example]], *, ngram: int, overlap: float) -> Leak:
    """Measure what the sides have in common.

    Args:
        sides: The finished sides.
        ngram: Words in an n-gram.
        overlap: Documents are twins above this share of the smaller one's n-grams, 0 to 1.
    """
    groups = _across({example.group for example in side} for side in sides.values())
    ids = _across({example.id for example in side} for side in sides.values())
    pairs = [pair for left, right in combinations(sides.values(), 2) for pair in _pairs(left, right, ngram)]
    return Leak(
        groups_across=groups + ids,
        twins_across=sum(copy or value > overlap for copy, value in pairs),
        max_overlap=max((value for _, value in pairs), default=0.0),
    )


def forbid_leak(leak: Leak) -> None:
    """Refuse sides that have too much in common.

    Raises:
        UserError: If a group is on two sides, or two documents on different sides are twins.
    """
    if leak.groups_across or leak.twins_across:
        raise UserError(
            f"the split leaks: {leak.groups_across} groups and {leak.twins_across} pairs of twins stand on "
            f"more than one side; the greatest overlap is {leak.max_overlap:.3f}",
            hint="No score on such a split means anything. This is a fault in spanwise: please report it.",
        )


def _across(sides: Iterable[set[str]]) -> int:
    """How many values are on more than one side."""
    return sum(count > 1 for count in Counter(chain.from_iterable(sides)).values())


def _pairs(left: Sequence[Example], right: Sequence[Example], n: int) -> Iterator[tuple[bool, float]]:
    """For each pair of documents that has one to speak of: do they have one text, and their overlap."""
    copies: dict[str, list[int]] = defaultdict(list)
    holders: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, example in enumerate(right):
        copies[_plain(example.text)].append(number)
        grams = _ngrams(example.text, n)
        sizes.append(len(grams))
        for gram in grams:
            holders[gram].append(number)
    for example in left:
        found = dict.fromkeys(copies.get(_plain(example.text), ()), (True, 1.0))
        grams = _ngrams(example.text, n)
        shared = Counter(chain.from_iterable(holders.get(gram, ()) for gram in grams))
        for number, count in shared.items():
            if count >= n:
                found.setdefault(number, (False, count / min(len(grams), sizes[number])))
        yield from found.values()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.casefold()).strip()


def _ngrams(text: str, n: int) -> set[str]:
    words = re.sub(r"\W+", " ", text.casefold()).split()
    return {" ".join(words[start : start + n]) for start in range(len(words) - n + 1)}
