"""Lines to paragraphs: what was broken at the edge of a column is one line of text again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spanwise.documents.fragments import Row
from spanwise.documents.layout import Block
from spanwise.documents.valleys import leading

NEAR_EDGE = 0.85  # share of the width of a column that a broken line fills at least
LOOSEST = 1.4  # leadings between two lines of a paragraph


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
        wraps = _wraps(block)
        rows: list[Row] = [block.rows[0]]
        gap = 0.0
        for above, row in pairwise(block.rows):
            if _goes_on(above, row, first=rows[0], block=block, distance=distance, wraps=wraps):
                rows.append(row)
                continue
            yield Paragraph(tuple(rows), gap)
            rows = [row]
            gap = max(0.0, round((row[0].baseline - above[0].baseline) / distance - 1, 1))
        yield Paragraph(tuple(rows), gap)


def _wraps(block: Block) -> bool:
    """Whether several lines end near the edge, as broken ones do; of a list, its longest item alone does."""
    reach = _reach(block)
    return sum(row[-1].box.right >= reach for row in block.rows) >= 3


def _reach(block: Block) -> float:
    """Where a line ends that fills its column nearly, in points."""
    left = min(row[0].box.left for row in block.rows)
    return left + NEAR_EDGE * (block.edge - left)


def _goes_on(above: Row, row: Row, *, first: Row, block: Block, distance: float, wraps: bool) -> bool:
    """Whether a row goes on with the one above: its first word did not fit there, or is a small letter's."""
    last, following = above[-1], row[0]
    if len(row) > 1 or len(above) > 1 or following.bulleted:
        return False
    if following.words[0].bold != last.words[-1].bold and following.words[-1].bold != last.words[0].bold:
        return False
    if abs(following.size - last.size) > 0.12 * last.size:
        return False
    if following.baseline - last.baseline > LOOSEST * distance or not _indented_alike(first, row):
        return False
    word = following.words[0]
    space = 0.2 * last.size
    fitted = last.box.right + space + (word.box.right - word.box.left) <= block.edge + 0.1 * last.size
    if word.text[0].islower():
        return not fitted or last.box.right >= _reach(block)
    return not fitted and (wraps or last.words[-1].text[-1] in ",-")


def _indented_alike(first: Row, row: Row) -> bool:
    """Whether a row begins where its paragraph does, or the text behind the mark of a list."""
    head, size = first[0], first[0].size
    text = head.words[1] if head.bulleted and len(head.words) > 1 else head.words[0]
    return -1.5 * size < row[0].box.left - text.box.left < size or abs(row[0].box.left - head.box.left) < size
