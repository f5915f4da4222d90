"""Lines to paragraphs: what was broken at the edge of a column is one line of text again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spanwise.documents.fragments import HANGING, Fragment, Row
from spanwise.documents.items import begins_anew, is_labelled
from spanwise.documents.layout import Block
from spanwise.documents.normalisation import BULLET
from spanwise.documents.sides import densest, leading

NEAR_EDGE = 0.85  # share of the width of a column that a broken line fills at least
LOOSEST = 1.2  # leadings between two lines of a paragraph: one that begins anew often has more
FEW = 4  # words of an item of a list that is no line of prose, at most


@dataclass(frozen=True)
class Paragraph:
    """Rows that one line of text becomes, and the blank space above the first, in lines."""

    rows: tuple[Row, ...]
    gap: float


def paragraphs_of(blocks: Sequence[Block], unit: float) -> Iterator[Paragraph]:
    """The paragraphs of a page.

    Args:
        blocks: In reading order.
        unit: An em, in points.
    """
    for block in blocks:
        distance = leading(block.rows, unit)
        tight = _leadings(block, distance)
        wraps = _wraps(block)
        placed, wrapped = _with_dates_last(block.rows, tight)
        rows: list[Row] = [placed[0]]
        gap = 0.0
        for above, row in pairwise(placed):
            near = row[0].baseline - above[0].baseline <= LOOSEST * tight[_size(row)]
            if row in wrapped or (near and _goes_on(above, row, first=rows[0], block=block, wraps=wraps)):
                rows.append(row)
                continue
            yield Paragraph(tuple(rows), gap)
            rows = [row]
            gap = max(0.0, round((row[0].baseline - above[0].baseline) / distance - 1, 1))
        yield Paragraph(tuple(rows), gap)


def _with_dates_last(rows: Sequence[Row], tight: Mapping[int, float]) -> tuple[list[Row], list[Row]]:
    """The rows, with what stands flush right of a title behind its second line; and these second lines."""
    edge = min((row[-1].box.left for row in rows if len(row) == 2), default=0.0)
    placed, wrapped = list(rows), []
    for index, (row, below) in enumerate(pairwise(rows)):
        near = below[0].baseline - row[0].baseline <= LOOSEST * tight[_size(below)]
        if near and len(row) == 2 and len(below) == 1 and _is_second_line(row[0], below[0], edge):
            placed[index], placed[index + 1] = row[:1], (*below, row[1])
            wrapped.append(placed[index + 1])
    return placed, wrapped


def _is_second_line(title: Fragment, below: Fragment, edge: float) -> bool:
    """Whether a line goes on with the title above, which had no room for its first word before `edge`."""
    first = below.words[0]
    alike = abs(below.size - title.size) < 0.5 and abs(below.box.left - title.box.left) < 0.5 * title.size
    bold = title.words[-1].bold and first.bold
    room = edge - title.box.right - 0.2 * title.size
    return alike and (bold or first.text[0].islower()) and first.box.right - first.box.left > room


def _wraps(block: Block) -> bool:
    """Whether several lines end near the edge, as broken ones do; of a list, its longest item alone does."""
    reach = _reach(block)
    return sum(row[-1].box.right >= reach for row in block.rows) >= 3


def _reach(block: Block) -> float:
    """Where a line ends that fills its column nearly, in points."""
    left = min(row[0].box.left for row in block.rows)
    return left + NEAR_EDGE * (block.edge - left)


def _leadings(block: Block, usual: float) -> dict[int, float]:
    """The distance of baselines by the size of letters; the usual one where few rows tell. All in points."""
    distances: dict[int, list[float]] = {}
    for above, row in pairwise(block.rows):
        held = distances.setdefault(_size(row), [])
        if _size(above) == _size(row):
            held.append(row[0].baseline - above[0].baseline)
    return {
        size: densest(held) if len(held) > 2 else max(usual, size / 2) for size, held in distances.items()
    }


def _size(row: Row) -> int:
    """Of its letters, in half points."""
    return round(2 * row[0].size)


def _goes_on(above: Row, row: Row, *, first: Row, block: Block, wraps: bool) -> bool:
    """Whether a row goes on with the one above: its first word did not fit there, or is a small letter's."""
    last, following = above[-1], row[0]
    if len(row) > 1 or len(above) > 1 or _apart(last, following) or not _indented_alike(first, row):
        return False
    if begins_anew(last, following) or (following.bulleted and not _divides(first)):
        return False
    word = following.words[0]
    space = 0.2 * last.size
    fitted = last.box.right + space + (word.box.right - word.box.left) <= block.edge + 0.1 * last.size
    reaches = last.box.right >= _reach(block)
    if word.text[0].islower():
        return not fitted or reaches
    if fitted:
        return False
    waits = last.words[-1].text[-1] in ",-•" or _divides(first) or _hangs(first, row) or is_labelled(first[0])
    return waits or (wraps and (reaches or above is not first or len(last.words) > FEW))


def _apart(last: Fragment, following: Fragment) -> bool:
    """Whether two lines are set in different letters."""
    bold = [word.bold for word in last.words], [word.bold for word in following.words]
    one, other = bold
    if other[0] != one[-1] and other[-1] != one[0]:
        return True
    return abs(following.size - last.size) > 0.12 * last.size


def _divides(row: Row) -> bool:
    """Whether the mark of a list stands between words of a row, as in contact details, and not before."""
    return not row[0].bulleted and any(word.text == BULLET for each in row for word in each.words)


def _hangs(first: Row, row: Row) -> bool:
    """Whether a row begins below the text of an item of a list, and not below its mark."""
    head = first[0]
    if not head.bulleted or len(head.words) == 1:
        return False
    return abs(row[0].box.left - head.words[1].box.left) < HANGING * head.size


def _indented_alike(first: Row, row: Row) -> bool:
    """Whether a row begins where its paragraph does, or the text behind the mark of a list."""
    head, size = first[0], first[0].size
    text = head.words[1] if head.bulleted and len(head.words) > 1 else head.words[0]
    return -1.5 * size < row[0].box.left - text.box.left < size or abs(row[0].box.left - head.box.left) < size
