"""White valleys between fragments of a page: where one is, and how far it runs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from spanwise.documents.fragments import Fragment, Row, rows_of
from spanwise.documents.sides import Judgement, all_dated, judge, leading

GUTTER = 0.7  # em: the least white between columns
CENTRED = 0.5  # em, between the middle of a centred line and that of its region
LONE = 1.1  # leadings above and below a row that has nothing beside it
LOOSEST = 1.5  # em, between the baselines of a paragraph


@dataclass(frozen=True)
class Band:
    """A stretch of a region from top to bottom; where no valley runs through it, all is on its left."""

    judgement: Judgement
    left: tuple[Fragment, ...]
    right: tuple[Fragment, ...] = ()


def best_valley(fragments: Sequence[Fragment], unit: float) -> list[Band] | None:
    """The bands of the valley that orders most rows, from the top; None where there is none.

    Args:
        fragments: Of a region of a page.
        unit: An em, in points.
    """
    rows = rows_of(fragments, unit)
    centred = _centred(rows, unit)
    best: list[Band] | None = None
    most = 0.0
    for edge in _edges(fragments, unit):
        bands = _bands(list(_sides(rows, centred, edge, unit)), unit)
        worth = sum(_worth(band, unit) for band in bands)
        if worth > most:
            best, most = bands, worth
    return best


def _edges(fragments: Sequence[Fragment], unit: float) -> Iterator[float]:
    """Where a column may begin: left edges, of those within half an em the first."""
    lefts = sorted(each.box.left for each in fragments)
    last = lefts[0] + unit
    for left in lefts:
        if left > last:
            yield left
            last = left + unit / 2


def _centred(rows: Sequence[Row], unit: float) -> set[int]:
    """Which rows, below each other, are one centred line each: a letterhead, and no column."""
    middle = (min(row[0].box.left for row in rows) + max(row[-1].box.right for row in rows)) / 2
    found: set[int] = set()

    def centred(index: int) -> bool:
        row = rows[index]
        return len(row) == 1 and abs((row[0].box.left + row[0].box.right) / 2 - middle) < CENTRED * unit

    for alike, run in groupby(range(len(rows)), key=centred):
        held = list(run)
        lefts = [rows[index][0].box.left for index in held]
        if alike and max(lefts) - min(lefts) > unit:
            found.update(held)
    return found


def _sides(
    rows: Sequence[Row], centred: Collection[int], edge: float, unit: float
) -> Iterator[tuple[str | None, Fragment]]:
    """Every fragment with the side of a valley that it is on; None in a row of which something crosses."""
    for index, row in enumerate(rows):
        sides = [_side(each, edge, unit) for each in row]
        across = index in centred or None in sides
        yield from ((None if across else side, each) for side, each in zip(sides, row, strict=True))


def _bands(sides: Sequence[tuple[str | None, Fragment]], unit: float) -> list[Band]:
    bands: list[Band] = []
    for across, run in groupby(sides, key=lambda each: each[0] is None):
        members = list(run)
        left = tuple(each for side, each in members if side == "left")
        right = tuple(each for side, each in members if side == "right")
        bands += [_undivided(each for _, each in members)] if across else _judged(left, right, unit)
    return list(_merged(bands))


def _undivided(fragments: Iterable[Fragment]) -> Band:
    return Band(Judgement.NONE, tuple(fragments))


def _merged(bands: Sequence[Band]) -> Iterator[Band]:
    """The bands with those as one that follow each other and that no valley runs through."""
    for divided, run in groupby(bands, key=lambda each: each.judgement is not Judgement.NONE):
        if divided:
            yield from run
        else:
            yield _undivided(each for band in run for each in band.left)


def _judged(left: tuple[Fragment, ...], right: tuple[Fragment, ...], unit: float) -> list[Band]:
    """What stands beside a valley: from top to bottom, or else between rows with nothing beside them."""
    judgement = judge(left, right, unit)
    if judgement is not Judgement.ENTRIES and left and right:
        parted = _parted(left, right, unit)
        if parted is not None:
            return parted
    return [_undivided((*left, *right)) if judgement is Judgement.NONE else Band(judgement, left, right)]


def _parted(left: Sequence[Fragment], right: Sequence[Fragment], unit: float) -> list[Band] | None:
    """Bands between headings over a column of dates, if there are entries between all of these."""
    beside = sorted(each.baseline for each in right)
    distance = LONE * min(leading(rows_of(right, unit), unit), LOOSEST * unit)
    on_left = {id(each) for each in left}

    def lone(each: Fragment) -> bool:
        place = bisect_left(beside, each.baseline - distance)
        near = place < len(beside) and beside[place] <= each.baseline + distance
        return id(each) in on_left and not near

    if not any(map(lone, left)):
        return None
    in_order = sorted([*left, *right], key=lambda each: (each.baseline, each.box.left))
    bands, dated = [], False
    for apart, run in groupby(in_order, key=lone):
        members = tuple(run)
        one = tuple(each for each in members if id(each) in on_left)
        other = tuple(each for each in members if id(each) not in on_left)
        judgement = judge(one, other, unit) if one and not apart else Judgement.NONE
        if judgement is Judgement.ENTRIES:
            bands.append(Band(judgement, one, other))
        elif apart or not one or all_dated(one, other, unit):
            bands.append(_undivided(members))
        else:
            return None
        dated |= not apart and bool(one)
    return bands if dated else None


def _side(each: Fragment, edge: float, unit: float) -> str | None:
    """On which side of a valley a fragment stands, None where it crosses."""
    if each.box.right <= edge - GUTTER * unit:
        return "left"
    return "right" if each.box.left >= edge - 0.1 * unit else None


def _worth(band: Band, unit: float) -> float:
    if band.judgement is Judgement.NONE:
        return 0.0
    rows = min(len(rows_of(band.left, unit)), len(rows_of(band.right, unit)))
    return rows * (2.0 if band.judgement is Judgement.COLUMNS else 1.0)
