"""Reading order by recursive cuts between columns and between rows (XY-cut).

Nagy and Seth (1984, "Hierarchical representation of optically scanned documents") cut a page at its widest
white valleys. A CV has valleys that are no columns: dates beside entries, cells of a table. So each vertical
valley is judged by what stands on its sides, and lines that cross it (a name across both columns) end the
valley, not the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from spanwise.documents.document import Layout
from spanwise.documents.fragments import Fragment, Row, rows_of, same_baseline
from spanwise.documents.sides import Judgement, cells_of, flush_right, leading
from spanwise.documents.valleys import Band, best_valley

DEEPEST = 12  # cuts within cuts: a page of a thousand columns is no page
WIDEST_GUTTER = 2.0  # em, up to which the text of a column is taken to reach
SIDEBAR = 0.38  # share of the width of both columns
LAYOUTS: tuple[Layout, ...] = ("single", "table", "columns", "sidebar")
"""From the plainest: a page, and a document of several, has the last that is found."""


@dataclass(frozen=True)
class Block:
    """Rows that belong together, and the right edge that their text wraps at, in points."""

    rows: tuple[Row, ...]
    edge: float


@dataclass
class Arrangement:
    """A page in reading order.

    Attributes:
        blocks: From the first to the last.
        columns: Side by side at most.
        layout: What the page looks like.
    """

    blocks: list[Block] = field(default_factory=list)
    columns: int = 1
    layout: Layout = "single"

    def add(self, fragments: Sequence[Fragment], unit: float, edge: float) -> None:
        """Add a block of fragments, row by row."""
        if fragments:
            self.blocks.append(Block(tuple(rows_of(fragments, unit)), edge))

    def resemble(self, layout: Layout) -> None:
        """Take note of a layout that was found."""
        self.layout = richest([self.layout, layout])


def richest(layouts: Sequence[Layout]) -> Layout:
    """The least plain of several layouts."""
    return max(layouts, key=LAYOUTS.index, default="single")


def arrange(fragments: Sequence[Fragment], unit: float) -> Arrangement:
    """The blocks of a page in reading order.

    Args:
        fragments: In any order.
        unit: An em, in points.
    """
    page = Arrangement()
    if fragments:
        page.columns = _cut(fragments, unit, page, depth=0, bound=_edge(fragments))
    return page


def _cut(
    fragments: Sequence[Fragment], unit: float, page: Arrangement, *, depth: int, bound: float = 0.0
) -> int:
    """Add the blocks of a region, as wide as to `bound` at least; how many columns it has side by side."""
    edge = max(_edge(fragments), bound)
    bands = best_valley(fragments, unit) if depth < DEEPEST else None
    if bands is None:
        page.add(fragments, unit, edge)
        return 1
    columns = 1
    for band in bands:
        if band.judgement is Judgement.COLUMNS:
            page.resemble(_named(band))
            gutter = min(each.box.left for each in band.right) - WIDEST_GUTTER * unit
            left = _cut(band.left, unit, page, depth=depth + 1, bound=gutter)
            columns = max(columns, left + _cut(band.right, unit, page, depth=depth + 1, bound=edge))
        elif band.judgement is Judgement.ENTRIES:
            _read_entries(band, unit, page, depth=depth + 1)
        else:
            before = len(page.blocks)
            columns = max(columns, _cut(band.left, unit, page, depth=depth + 1, bound=edge))
            # A short stretch between two tables wraps where the whole region does.
            if len(page.blocks) == before + 1:
                page.blocks[-1] = replace(page.blocks[-1], edge=edge)
    return columns


def _edge(fragments: Sequence[Fragment]) -> float:
    return max(each.box.right for each in fragments)


def _named(band: Band) -> Layout:
    left, right = (_edge(side) - min(each.box.left for each in side) for side in (band.left, band.right))
    tall = all(len(side) > 4 for side in (band.left, band.right))
    return "sidebar" if tall and min(left, right) < SIDEBAR * (left + right) else "columns"


def _read_entries(band: Band, unit: float, page: Arrangement, *, depth: int) -> None:
    """Add a table, or entries with dates beside them: row by row, and in a row from left to right."""
    sides = rows_of(band.left, unit), rows_of(band.right, unit)
    sparse, dense = sorted(sides, key=len)
    starts = [cell[0][0].baseline - unit / 2 for cell in cells_of(sparse, leading(dense, unit))]
    beside = sparse is sides[1] and len(sparse) < len(dense) and flush_right(sparse, unit)
    if not beside and len(starts) > 1:
        page.resemble("table")
    bounds = [float("-inf"), *starts, float("inf")]
    for top, bottom in pairwise(bounds):
        left, right = (
            tuple(each for each in side if top <= each.baseline < bottom) for side in (band.left, band.right)
        )
        if left and right and beside:
            _read_beside(rows_of(left, unit), rows_of(right, unit), unit, page, edge=_edge(band.left))
        elif left and right:
            _read_row(left, right, unit, page, depth=depth, edges=(_edge(band.left), _edge(band.right)))
        else:
            page.add(left or right, unit, _edge(band.left if left else band.right))


def _read_row(
    left: Sequence[Fragment],
    right: Sequence[Fragment],
    unit: float,
    page: Arrangement,
    *,
    depth: int,
    edges: tuple[float, float],
) -> None:
    """Add one row of a table: on one line where its cells take one, else cell by cell."""
    if len(rows_of([*left, *right], unit)) == 1:
        page.add([*left, *right], unit, edges[1])
        return
    for side, edge in zip((left, right), edges, strict=True):
        before = len(page.blocks)
        _cut(side, unit, page, depth=depth)
        if len(page.blocks) == before + 1:
            page.blocks[-1] = replace(page.blocks[-1], edge=edge)


def _read_beside(
    left: Sequence[Row], right: Sequence[Row], unit: float, page: Arrangement, *, edge: float
) -> None:
    """Add an entry with dates or places flush right: with the lines they stand on, if these are titles.

    What stands beside items of a list follows the first line, which is the title.
    """
    opposite = [row for row in left if any(same_baseline(row[0], other[0], unit) for other in right)]
    titles = all(
        not row[0].bulleted and abs(row[0].box.left - left[0][0].box.left) < unit for row in opposite
    )
    first = [each for row in (left[0], right[0]) for each in row]
    if (titles and len(right) <= len(opposite)) or len(right) == 1:
        page.add([each for row in (*left, *right) for each in row], unit, edge)
        return
    page.add(first, unit, edge)
    page.add([each for row in right[1:] for each in row], unit, edge)
    page.add([each for row in left[1:] for each in row], unit, edge)
