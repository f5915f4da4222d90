"""What stands on the two sides of a valley: columns, entries with something beside them, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from statistics import fmean, median

from spanwise.documents.fragments import Fragment, Row, rows_of, same_baseline

NEW_CELL = 1.35  # leadings between two rows of different cells
ALIGNED = 0.85  # share of cells that begin on a line of the other side, of entries
STARTING = 0.75  # share of cells that begin together with one of the other side, of a table
FLUSH = 0.75  # share of the rows of a flush column that end where the longest does
IN_LINE = 0.6  # share of the rows of a column that begin, end or are centred at one place
NARROW = 0.34  # share of the width that dates, places and labels take
FULL = 0.7  # share of its column that a row of prose fills
SENTENCE = 2.5  # words in a row of prose: cells of a table have fewer
BALANCED = 0.3  # between the widths of two columns of prose: a table has labels on one side


class Judgement(Enum):
    """What stands beside a valley: columns are read one after the other, entries row by row."""

    NONE = "none"
    COLUMNS = "columns"
    ENTRIES = "entries"


def judge(left: Sequence[Fragment], right: Sequence[Fragment], unit: float) -> Judgement:
    """What two sides of a valley are to each other.

    Args:
        left: What stands on its left.
        right: What stands on its right.
        unit: An em, in points.
    """
    sides = rows_of(left, unit), rows_of(right, unit)
    if not (left and right and _abreast(*sides, unit)):
        return Judgement.NONE
    sparse, dense = sorted(sides, key=len)
    aligned = [_on_line(row, dense, unit) for row in sparse]
    if len(sparse) == 1:
        return Judgement.NONE if aligned[0] else Judgement.COLUMNS
    dated = all(aligned) and all(_has_digit(row) for row in sparse)
    if len(sparse) > 3 and _prose(*sides) and not dated:
        return Judgement.COLUMNS
    if len(sparse) == len(dense) and fmean(aligned) >= ALIGNED:
        return Judgement.NONE
    if _entries(sparse, dense, unit, flush=sparse is sides[1] and flush_right(sparse, unit)):
        return Judgement.ENTRIES
    return Judgement.COLUMNS if all(_in_line(rows, unit) for rows in sides) else Judgement.NONE


def all_dated(left: Sequence[Fragment], right: Sequence[Fragment], unit: float) -> bool:
    """Whether every row on the left has figures, and a row of the right on its line: dates, or numbers."""
    rows, others = rows_of(left, unit), rows_of(right, unit)
    return all(_has_digit(row) and _on_line(row, others, unit) for row in rows)


def _abreast(left: Sequence[Row], right: Sequence[Row], unit: float) -> bool:
    """Whether two sides share some height."""
    top = max(left[0][0].baseline, right[0][0].baseline)
    bottom = min(left[-1][0].baseline, right[-1][0].baseline)
    return bottom - top > -unit / 2


def _in_line(rows: Sequence[Row], unit: float) -> bool:
    """Whether most rows of a column begin, end or are centred at one place."""
    lefts = [row[0].box.left for row in rows]
    rights = [row[-1].box.right for row in rows]
    middles = [(left + right) / 2 for left, right in zip(lefts, rights, strict=True)]
    most = max(
        max(sum(abs(one - other) < unit for one in places) for other in places)
        for places in (lefts, rights, middles)
    )
    return most >= IN_LINE * len(rows)


def flush_right(rows: Sequence[Row], unit: float) -> bool:
    """Whether rows end at one place, and begin at several or hold figures: dates beside entries do."""
    right = max(row[-1].box.right for row in rows)
    lefts = [row[0].box.left for row in rows]
    flush = sum(right - row[-1].box.right < unit for row in rows) >= FLUSH * len(rows)
    return flush and (max(lefts) - min(lefts) > unit / 2 or all(_has_digit(row) for row in rows))


def _entries(sparse: Sequence[Row], dense: Sequence[Row], unit: float, *, flush: bool) -> bool:
    """Whether the rows of the side with fewer belong to those beside them."""
    cells = cells_of(sparse, leading(dense, unit))
    others = [cell[0] for cell in cells_of(dense, leading(dense, unit))]
    begin = [cell[0] for cell in cells]
    if fmean(_on_line(row, dense, unit) for row in begin) < ALIGNED:
        return False
    together = fmean(_on_line(row, others, unit) for row in begin) >= STARTING
    if len(cells) > 1 and together and fmean(_on_line(row, begin, unit) for row in others) >= STARTING:
        return True
    narrow = fmean(_width(row) for row in sparse) <= NARROW * _breadth([*sparse, *dense])
    return (narrow or all(_has_digit(cell[0]) for cell in cells)) and (flush or _labels(cells, sparse, dense))


def _labels(cells: Sequence[Sequence[Row]], sparse: Sequence[Row], dense: Sequence[Row]) -> bool:
    """Whether cells are dates, places or labels: one row each, or few rows with figures beside many."""
    if len(cells) > 1 and len(cells) == len(sparse):
        return True
    figures = fmean(any(_has_digit(row) for row in cell) for cell in cells)
    return figures >= 0.5 and 2 * len(sparse) <= len(dense) + 1 and len(sparse) <= 3 * len(cells)


def cells_of(rows: Sequence[Row], distance: float) -> list[list[Row]]:
    """Rows divided where white space is wider than between lines.

    Args:
        rows: From the top.
        distance: Between the baselines of two lines, in points.
    """
    cells = [[rows[0]]]
    for above, row in pairwise(rows):
        if row[0].baseline - above[0].baseline > NEW_CELL * distance:
            cells.append([])
        cells[-1].append(row)
    return cells


def leading(rows: Sequence[Row], unit: float) -> float:
    """The usual distance of baselines, in points: that of the densest half of the rows."""
    distances = [row[0].baseline - above[0].baseline for above, row in pairwise(rows)]
    return max(densest(distances) if distances else 0.0, unit)


def densest(distances: Sequence[float]) -> float:
    """The median of the smaller half."""
    return median(sorted(distances)[: (len(distances) + 1) // 2])


def _on_line(row: Row, others: Sequence[Row], unit: float) -> bool:
    return any(same_baseline(row[0], other[0], unit) for other in others)


def _width(row: Row) -> float:
    return row[-1].box.right - row[0].box.left


def _breadth(rows: Sequence[Row]) -> float:
    return max(row[-1].box.right for row in rows) - min(row[0].box.left for row in rows)


def _prose(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether most rows of both sides fill their columns, which are of like width."""
    breadths = _breadth(left), _breadth(right)
    full = (
        fmean(_width(row) >= FULL * breadth for row in rows) >= 0.5 and fmean(map(_words, rows)) >= SENTENCE
        for rows, breadth in zip((left, right), breadths, strict=True)
    )
    return min(breadths) >= BALANCED * max(breadths) and all(full)


def _words(row: Row) -> int:
    return sum(len(each.words) for each in row)


def _has_digit(row: Row) -> bool:
    return any(character.isdigit() for each in row for word in each.words for character in word.text)
