"""Where one job or course of study ends and the next begins: by dates, and by how first rows are set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.periods import Period, is_duration

LONGEST_HEAD = 14  # words of a row that names something; a longer one tells
MOST_HEAD_ROWS = 5

_LEGAL_FORM = re.compile(r"(?:\b\w{1,2}\.)+$|\b(?:Inc|Ltd|Ltda|Lda|Corp|Co|Com|Coop|Cie|Cía|Bros)\.$")


@dataclass(frozen=True)
class Entry:
    """An item of a section: the rows that name it, and those that tell of it.

    Attributes:
        head: Without marks of lists.
        body: Prose and lists.
        periods: Of the head, with offsets into the document's text.
    """

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    periods: tuple[Period, ...]

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return min(row.start for row in (*self.head, *self.body))

    @property
    def end(self) -> int:
        """Behind its last character."""
        return max(row.end for row in (*self.head, *self.body))


def split_entries(rows: Sequence[Row]) -> list[Entry]:
    """The entries of a section, in the order of the text; each row is in one of them.

    Every entry is taken to have one date or period. The first one shows how many rows come before it; where
    the next entry begins is then voted for by that number, by blank space, and by a row that is set as the
    first one is.
    """
    anchors = _anchors(rows)
    if not anchors:
        starts = _starts_by_style(rows)
    elif any(_tells(row) for row in rows[: anchors[0]]):
        starts = _starts_behind(rows, anchors)
    else:
        starts = _starts_before(rows, anchors)
    bounds = [*starts, len(rows)]
    return [_entry(rows[start:end]) for start, end in pairwise(bounds) if end > start]


def row_periods(row: Row) -> list[Period]:
    """The periods in a row, with offsets into the document's text."""
    return [period.moved(row.start) for period in row.periods]


def _tells(row: Row) -> bool:
    """Whether a row is an item of a list or a sentence rather than a name."""
    words = len(row.undated.split())
    sentence = row.text.endswith((".", "!", ";")) and row.words > 6 and not _LEGAL_FORM.search(row.text)
    return bool(row.bullet) or words > LONGEST_HEAD or sentence


def _anchors(rows: Sequence[Row]) -> list[int]:
    """The rows with the date of an entry: with a range, or where there is none with a single date."""
    named = [index for index, row in enumerate(rows) if not _tells(row)]
    if not named:  # a list whose items are the entries
        named = [index for index, row in enumerate(rows) if row.words <= 2 * LONGEST_HEAD]
    dated = {index: found for index in named if (found := rows[index].periods)}
    ranged = [index for index, found in dated.items() if any(period.closed for period in found)]
    if not ranged:
        return _alike(rows, list(dated))
    # A single date is the end of an entry, too, where it stands as the ranges do.
    alone = [
        index
        for index in dated
        if index not in ranged
        and all(abs(index - other) > 1 for other in ranged)
        and _ends_with_date(rows[index])
    ]
    return sorted([*ranged, *alone])


def _alike(rows: Sequence[Row], dated: list[int]) -> list[int]:
    """The dated rows that are set as the first one is: the others tell of another date."""
    return [
        index
        for index in dated
        if (rows[index].size, rows[index].bold, bool(rows[index].bullet))
        == (rows[dated[0]].size, rows[dated[0]].bold, bool(rows[dated[0]].bullet))
    ]


def _ends_with_date(row: Row) -> bool:
    periods = row.periods
    return periods[-1].end >= len(row.text.rstrip(" )")) or periods[0].start == 0


def _starts_before(rows: Sequence[Row], anchors: Sequence[int]) -> list[int]:
    lead = anchors[0]
    if lead > MOST_HEAD_ROWS:
        lead = 1
    starts = [0]
    usual = median(row.gap for row in rows)
    for before, anchor in pairwise(anchors):
        places = [anchor]
        for index in range(anchor - 1, before, -1):
            if _tells(rows[index]):
                break
            places.append(index)
        whole = len(places) == anchor - before  # nothing told between the two
        scores = {
            place: _likeness(rows, place, usual)
            + 2.0 * (anchor - place == lead)
            - 0.4 * abs(anchor - place - lead)
            + (1.0 if not whole and place == min(places) else 0.0)
            for place in places
        }
        starts.append(max(scores, key=lambda place: (scores[place], -place)))
    return starts


def _likeness(rows: Sequence[Row], place: int, usual: float) -> float:
    """How much a row is set as one that opens an entry."""
    row, first = rows[place], rows[0]
    score = 2.5 if row.gap > usual + 0.3 else 0.0
    if first.size is not None or first.bold:
        score += 1.0 if (row.size, row.bold) == (first.size, first.bold) else -0.5
    return score


def _starts_behind(rows: Sequence[Row], anchors: Sequence[int]) -> list[int]:
    """Where dates come last, an entry begins behind that of the one before, and what belongs to it."""
    starts = [0]
    for anchor in anchors[:-1]:
        place = anchor + 1
        while place < len(rows) and is_duration(rows[place].text):
            place += 1
        starts.append(place)
    return starts


def _starts_by_style(rows: Sequence[Row]) -> list[int]:
    """Without dates: at a row that names something behind one that tells, at blank space, at bold letters."""
    usual = median(row.gap for row in rows) if rows else 0.0
    starts = [0] if rows else []
    for index in range(1, len(rows)):
        row, before = rows[index], rows[index - 1]
        if _tells(row):
            continue
        apart = row.gap > usual + 0.3 or (row.bold and not before.bold)
        if apart or _tells(before):
            starts.append(index)
    return starts


def _besides(row: Row) -> str:
    """What a row holds beside dates."""
    return row.undated.strip(" -–—|,·•()\t")


def _entry(rows: Sequence[Row]) -> Entry:
    head: list[Row] = []
    body: list[Row] = []
    for row in rows:
        bare = row.piece(row.bullet, len(row.text)) if row.bullet else row
        dated = bool(row.periods)
        named = not _tells(row) or (not head and (dated or bool(row.bullet)))
        if (not body and len(head) < MOST_HEAD_ROWS and named) or (
            dated and not _tells(row) and row.undated.strip(" -–—|,·•()\t") == ""
        ):
            head.append(bare)
        elif is_duration(row.text):
            continue
        else:
            body.append(row)
    periods = tuple(period for row in head for period in row_periods(row))
    return Entry(tuple(head), tuple(body), periods)
