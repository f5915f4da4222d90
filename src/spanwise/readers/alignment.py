"""Which words of a text its shortened form kept, found by aligning the two.

A longest common subsequence of words, on character spans: LLMLingua-2 (Pan et al. 2024, section 3.2) searches
greedily instead, and marks a wrong one of two equal words more often. Where the shortened form has words in
another order, no subsequence holds them all, and the greedy search takes over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spanwise.encoding import WORD, Ints

Bools = NDArray[np.bool_]

VARIATION = 0.15
GAP = 0.05
WINDOW = 150  # words that the greedy search looks ahead and back, as LLMLingua-2's
CELLS = 25_000_000  # of the table of a longest common subsequence: 75 MB

_UP, _LEFT, _RUN = 1, 2, 4


@dataclass(frozen=True)
class Alignment:
    """Which words of a text were kept.

    Attributes:
        words: Start and end of each word of the text, as the tagger cuts it, `[words, 2]`.
        kept: Whether the shortened form has it, `[words]`.
        variation: The share of the shortened form's words that the text lacks; punctuation is no word.
        gap: The share of its words that the text has, but the alignment could not place.
        method: What found it.
    """

    words: Ints
    kept: Bools
    variation: float
    gap: float
    method: Literal["lcs", "greedy"]

    @property
    def fault(self) -> str | None:
        """Why nothing should be learnt from it: `variation`, `alignment_gap` or nothing.

        The bounds are absolute: LLMLingua-2 leaves out the worst tenth by each, of good pairs too.
        """
        if self.variation > VARIATION:
            return "variation"
        return "alignment_gap" if self.gap > GAP else None

    def dropped(self) -> list[tuple[int, int]]:
        """The maximal runs of words that were not kept, as half-open character offsets of the text."""
        edges = np.flatnonzero(np.diff(np.concatenate([[True], self.kept, [True]]).astype(np.int8)))
        return [
            (int(self.words[first, 0]), int(self.words[behind - 1, 1]))
            for first, behind in edges.reshape(-1, 2)
        ]


def align(original: str, compressed: str) -> Alignment:
    """Find which words of `original` stand in `compressed`; case is none."""
    source, target = _words(original), _words(compressed)
    words = np.array([edges for _, edges in source], dtype=np.int64).reshape(-1, 2)
    left, right = [word for word, _ in source], [word for word, _ in target]
    there = Counter(filter(_is_word, left))
    wanted = Counter(filter(_is_word, right))
    total = max(wanted.total(), 1)
    variation = sum(count for word, count in wanted.items() if word not in there) / total

    def told(kept: Bools, method: Literal["lcs", "greedy"]) -> Alignment:
        found = sum(_is_word(word) for word, keep in zip(left, kept, strict=True) if keep)
        return Alignment(words, kept, variation, ((there & wanted).total() - found) / total, method)

    if len(left) * len(right) <= CELLS:
        ordered = told(_subsequence(left, right), "lcs")
        if ordered.gap <= GAP:
            return ordered
    return told(_nearest(left, right), "greedy")


def _words(text: str) -> list[tuple[str, tuple[int, int]]]:
    return [(match.group().casefold(), match.span()) for match in WORD.finditer(text)]


def _is_word(word: str) -> bool:
    return word[0].isalnum() or word[0] == "_"


def _subsequence(left: Sequence[str], right: Sequence[str]) -> Bools:
    """The words of `left` in a longest common subsequence.

    Words count before punctuation, then neighbours that stay neighbours: of two equal words the one beside
    others that are kept is taken.
    """
    kept = np.zeros(len(left), dtype=np.bool_)
    if not left or not right:
        return kept
    number: dict[str, int] = {}
    rows = [number.setdefault(word, len(number)) for word in left]
    columns = np.array([number.setdefault(word, len(number)) for word in right], dtype=np.int64)
    steps = _table(left, rows, columns)
    row, column, running = len(left), len(right), False
    while row and column:
        step = int(steps[row - 1, column - 1])
        if not running and step & _UP:
            row -= 1
        elif not running and step & _LEFT:
            column -= 1
        else:
            kept[row - 1] = True
            running = bool(step & _RUN)
            row, column = row - 1, column - 1
    return kept


def _table(left: Sequence[str], rows: Sequence[int], columns: Ints) -> NDArray[np.uint8]:
    """How the best alignment of each pair of beginnings goes on backwards, `[left, right]`."""
    unit = len(columns) + 1  # above all neighbours together
    never = -(unit**3)
    steps = np.zeros((len(rows), len(columns)), dtype=np.uint8)
    best = np.zeros(len(columns) + 1, dtype=np.int64)
    ending = np.full(len(columns) + 1, never, dtype=np.int64)  # the best that ends with this very pair
    for row, (word, number) in enumerate(zip(left, rows, strict=True)):
        weight = unit**2 if _is_word(word) else unit
        runs = ending[:-1] + 1 >= best[:-1]
        matched = np.where(columns == number, np.maximum(ending[:-1] + 1, best[:-1]) + weight, never)
        above = best[1:]
        reached = np.maximum.accumulate(np.maximum(above, matched))
        before = np.concatenate([[0], reached[:-1]])
        steps[row] = _UP * (reached == above) + _LEFT * (reached == before) + _RUN * runs
        best = np.concatenate([[0], reached])
        ending = np.concatenate([[never], matched])
    return steps


def _nearest(left: Sequence[str], right: Sequence[str]) -> Bools:
    """For each word of `right` the nearest equal one of `left` that is free, seen from the last one found."""
    kept = np.zeros(len(left), dtype=np.bool_)
    places: Mapping[str, list[int]] = defaultdict(list)
    for place, word in enumerate(left):
        places[word].append(place)
    expected = 0
    for word in right:
        free = [place for place in places.get(word, ()) if abs(place - expected) <= WINDOW]
        if free:
            # Ahead before back where both are as far.
            taken = min(free, key=lambda place: (abs(place - expected), place < expected))
            places[word].remove(taken)
            kept[taken] = True
            expected = taken + 1
    return kept
