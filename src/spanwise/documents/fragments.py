"""Words of a page, the fragments of lines that they make up, and rows of fragments side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

from spanwise.documents.document import Box, union
from spanwise.documents.normalisation import BULLET

WIDE_GAP = 1.0  # em, between words: wider than justified text stretches its spaces, narrower than a gutter
BULLET_GAP = 4.0  # em, between the mark of a list and its item
SAME_BASELINE = 0.3  # em
HANGING = 0.4  # em, behind the mark of a hanging indent: wider than a space
TYPED_MARK = re.compile("[-–—*+]")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class PlacedWord:
    """A word with its place.

    Attributes:
        text: Normalised, without white space.
        box: Where it stands.
        baseline: Of its letters, in points from the top of the page.
        size: Of its letters in points.
        bold: Whether they are.
    """

    text: str
    box: Box
    baseline: float
    size: float
    bold: bool = False

    @property
    def upright(self) -> bool:
        """Whether it runs from left to right; sidebars have headings that climb."""
        return len(self.text) < 3 or self.box.bottom - self.box.top < 2.5 * max(self.size, 1.0)


@dataclass(frozen=True)
class Fragment:
    """Words on one baseline without a wide gap between them: a piece of a line that no column divides."""

    words: tuple[PlacedWord, ...]

    @cached_property
    def box(self) -> Box:
        """Around all words."""
        return union([word.box for word in self.words])

    @cached_property
    def baseline(self) -> float:
        """In points from the top of the page."""
        return self.words[0].baseline

    @cached_property
    def size(self) -> float:
        """Of the first word that is more than the mark of a list, in points."""
        return next((word.size for word in self.words if word.text != BULLET), self.words[0].size)

    @property
    def bulleted(self) -> bool:
        """Whether it begins with the mark of a list."""
        return self.words[0].text == BULLET


Row = tuple[Fragment, ...]


def em(words: Iterable[PlacedWord]) -> float:
    """The size of most letters of a page, in points."""
    return median(word.size for word in words for _ in word.text) or 1.0


def join_words(words: Sequence[PlacedWord], unit: float) -> list[Fragment]:
    """The fragments that words make up, in the order in which the file writes them.

    Args:
        words: Upright ones, in the order of the file.
        unit: An em, in points.
    """
    fragments: list[list[PlacedWord]] = []
    for word in words:
        if fragments and _adjoins(fragments[-1][-1], word, unit):
            fragments[-1].append(word)
        else:
            fragments.append([word])
    return _with_bullets(_with_dashes([Fragment(tuple(each)) for each in fragments]), unit)


def _with_dashes(fragments: list[Fragment]) -> list[Fragment]:
    """Fragments whose typed mark of a list, as a dash, is `BULLET`: with a gap behind it, or again below."""
    typed = [each for each in fragments if TYPED_MARK.fullmatch(each.words[0].text) and _may_list(each)]
    places = Counter((each.words[0].text, round(each.box.left)) for each in typed)
    marks = {
        id(each)
        for each in typed
        if _gap(each) > HANGING * each.size or places[each.words[0].text, round(each.box.left)] > 1
    }
    return [_marked(each) if id(each) in marks else each for each in fragments]


def _may_list(fragment: Fragment) -> bool:
    """Whether words follow the first one, and no year that it would be the dash before."""
    return len(fragment.words) > 1 and not any(YEAR.search(word.text) for word in fragment.words[1:3])


def _gap(fragment: Fragment) -> float:
    mark, first = fragment.words[:2]
    return first.box.left - mark.box.right


def _marked(fragment: Fragment) -> Fragment:
    return Fragment((replace(fragment.words[0], text=BULLET), *fragment.words[1:]))


def _adjoins(word: PlacedWord, following: PlacedWord, unit: float) -> bool:
    gap = following.box.left - word.box.right
    size = max(unit, min(word.size, following.size))
    allowed = BULLET_GAP if word.text == BULLET else WIDE_GAP
    return same_baseline(word, following, size) and -0.5 * size < gap <= allowed * size


def same_baseline(one: PlacedWord | Fragment, other: PlacedWord | Fragment, unit: float) -> bool:
    """Whether two stand on one line; a superscript does."""
    distance = abs(one.baseline - other.baseline)
    return distance <= SAME_BASELINE * unit or distance <= SAME_BASELINE * max(one.size, other.size)


def _with_bullets(fragments: list[Fragment], unit: float) -> list[Fragment]:
    """Fragments without lone marks of a list: some programs write all marks first, or the marks last."""
    marks = [each for each in fragments if each.bulleted and len(each.words) == 1]
    others = [each for each in fragments if each not in marks]
    for mark in marks:
        near = [
            each
            for each in others
            if same_baseline(mark, each, unit) and -unit < each.box.left - mark.box.right < BULLET_GAP * unit
        ]
        if near and not near[0].bulleted:
            item = min(near, key=lambda each: each.box.left)
            others[others.index(item)] = Fragment((*mark.words, *item.words))
        else:
            others.append(mark)
    return others


def rows_of(fragments: Iterable[Fragment], unit: float) -> list[Row]:
    """Fragments by baseline, from the top, and on one baseline from the left."""
    rows: list[list[Fragment]] = []
    for each in sorted(fragments, key=lambda each: (each.baseline, each.box.left)):
        if rows and same_baseline(rows[-1][-1], each, unit):
            rows[-1].append(each)
        else:
            rows.append([each])
    return [tuple(sorted(row, key=lambda each: each.box.left)) for row in rows]
