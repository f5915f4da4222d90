"""An independent look at finished sides: does anything on one of them give away another?

Shares no code with the twin search on purpose, so that a fault in one is seen by the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple

from spanwise.errors import UserError
from spanwise.schema import Example, SplitName

SHOWN = 10  # documents that an error names


@dataclass(frozen=True)
class Leak:
    """What sides have in common."""

    groups_across: int
    """Groups, and ids, that are found on more than one side."""
    twins_across: int
    """Pairs of documents on different sides with the same words, or with an overlap above the setting."""
    max_overlap: float
    """The greatest overlap of two documents on different sides: 1 for the same words, else the share of the
    smaller one's word n-grams that is in the other (0 to 1), where at least `ngram` of them are."""


class _Pair(NamedTuple):
    """Two documents: do they have the same words, and the overlap of their n-grams."""

    left: Example
    right: Example
    is_copy: bool
    overlap: float

    def is_twin(self, bound: float) -> bool:
        """Whether they have too much in common."""
        return self.is_copy or self.overlap > bound


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
        twins_across=sum(pair.is_twin(overlap) for pair in pairs),
        max_overlap=max((pair.overlap for pair in pairs), default=0.0),
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


def forbid_copies(
    documents: Sequence[Example],
    sides: Mapping[SplitName, Sequence[Example]],
    *,
    other_folds: Sequence[Example],
    ngram: int,
    overlap: float,
) -> None:
    """Refuse unlabelled documents that would teach a model the text that it is evaluated on.

    Args:
        documents: The unlabelled documents.
        sides: The sides that must stay unseen, of all corpora; the first that a document copies is named.
        other_folds: Documents that other folds evaluate on: further copies are counted in the error, and are
            none of their own.
        ngram: Words in an n-gram.
        overlap: Documents are twins above this share of the smaller one's n-grams, 0 to 1.

    Raises:
        UserError: If a document is a twin of one on these sides; it tells how many are, and which.
    """

    def twins(members: Sequence[Example]) -> Iterator[_Pair]:
        return (pair for pair in _pairs(documents, members, ngram) if pair.is_twin(overlap))

    copied: dict[str, tuple[SplitName, str]] = {}
    for side, members in sides.items():
        for pair in twins(members):
            copied.setdefault(pair.left.id, (side, pair.right.id))
    if not copied:
        return
    later = {pair.left.id for pair in twins(other_folds)} - copied.keys()
    folds = f"; {len(later)} more are twins of documents that other folds evaluate on" if later else ""
    by_side = Counter(side for side, _ in copied.values())
    counts = ", ".join(f"{count} of {side}" for side, count in by_side.items())
    first = [f"{name} ({side} document {other})" for name, (side, other) in copied.items()]
    more = f", and {len(first) - SHOWN} more" if len(first) > SHOWN else ""
    raise UserError(
        f"the unlabelled text leaks: {len(copied)} of {len(documents)} documents are twins of documents "
        f"that the model is evaluated on ({counts}): {', '.join(first[:SHOWN])}{more}{folds}",
        hint="Remove them from the folder, and pin it anew: `spanwise corpus add NAME --repin`.",
    )


def _across(sides: Iterable[set[str]]) -> int:
    """How many values are on more than one side."""
    return sum(count > 1 for count in Counter(chain.from_iterable(sides)).values())


def _pairs(left: Sequence[Example], right: Sequence[Example], n: int) -> Iterator[_Pair]:
    """Each pair of documents that has an overlap to speak of."""
    copies: dict[str, list[int]] = defaultdict(list)
    holders: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, example in enumerate(right):
        words = _words(example.text)
        copies[_content(words, example.text)].append(number)
        grams = _ngrams(words, n)
        sizes.append(len(grams))
        for gram in grams:
            holders[gram].append(number)
    for example in left:
        words = _words(example.text)
        found = dict.fromkeys(copies.get(_content(words, example.text), ()), (True, 1.0))
        grams = _ngrams(words, n)
        shared = Counter(chain.from_iterable(holders.get(gram, ()) for gram in grams))
        for number, count in shared.items():
            if count >= n:
                found.setdefault(number, (False, count / min(len(grams), sizes[number])))
        yield from (_Pair(example, right[number], *value) for number, value in found.items())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(text: str) -> list[str]:
    return re.sub(r"\W+", " ", _plain(text)).split()


def _content(words: Sequence[str], text: str) -> str:
    """The words, or the text without regard to spacing where there are none: equal in copies."""
    return " ".join(words) or re.sub(r"\s+", " ", _plain(text)).strip()


def _ngrams(words: Sequence[str], n: int) -> set[str]:
    return {" ".join(words[start : start + n]) for start in range(len(words) - n + 1)}
