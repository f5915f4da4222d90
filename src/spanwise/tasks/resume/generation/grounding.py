"""Finding what a sheet says in the text that was read from its file.

Readers wrap and join lines, put tabs between columns, mend hyphens and make one mark of all bullets. So lines
are compared without spaces, hyphens and bullets, compatibility characters folded (UAX 15, NFKC); one that is
found gives the exact offsets of its runs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spanwise.schema import Span
from spanwise.tasks.resume.generation.sheet import Line, Run, Sheet

_PASSED_OVER = "-\u00ad\u2010\u2011\u00b7•"


class Found(NamedTuple):
    """The spans of a text, and the runs of the sheet that it does not hold."""

    fields: tuple[Span, ...]
    personal: tuple[Span, ...]
    missing: tuple[Run, ...]


class _Place(NamedTuple):
    """A run and its half-open character offsets."""

    run: Run
    start: int
    end: int


def ground(sheet: Sheet, text: str) -> Found:
    """The runs of the sheet that tell a field or are personal data, where `text` has them.

    Longer lines look for a place first, so that a short one ("Go") is not found inside of them. A line that
    is not there as a whole is looked for run by run; a run is then found if it stands in exactly one other
    place. Further mentions of a person, address or number are personal data too.
    """
    skeleton = _Skeleton(text)
    places: list[_Place] = []
    missing: list[Run] = []
    torn: list[Run] = []
    lines = [line for line in sheet.lines() if any(run.field or run.personal for run in line)]
    for line in sorted(lines, key=lambda line: -sum(len(run.text) for run in line)):
        start = skeleton.find(_bare("".join(run.text for run in line)))
        if start is None:
            torn += [run for run in line if run.field or run.personal]
        else:
            places += skeleton.take(line, start)
    for run in sorted(torn, key=lambda run: -len(run.text)):
        start = skeleton.find(_bare(run.text), alone=True)
        if start is None:
            missing.append(run)
        else:
            places += skeleton.take((run,), start)
    mentions = list(_mentions(skeleton, places))
    return Found(
        fields=_spans((place.start, place.end, place.run.field) for place in places),
        personal=_spans((place.start, place.end, place.run.personal) for place in (*places, *mentions)),
        missing=tuple(missing),
    )


def _spans(found: Iterable[tuple[int, int, str | None]]) -> tuple[Span, ...]:
    labelled = sorted((start, end, label) for start, end, label in found if label)
    return tuple(Span(start=start, end=end, label=label) for start, end, label in labelled)


_REPEATED = frozenset(
    {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "URL", "ID_NUMBER", "ORGANIZATION", "SCHOOL"}
)


def _mentions(skeleton: _Skeleton, places: Sequence[_Place]) -> Iterable[_Place]:
    """Other places of what was found and identifies somebody."""
    known = {_bare(place.run.text): place.run for place in places if place.run.personal in _REPEATED}
    for bare, run in sorted(known.items(), key=lambda item: (-len(item[0]), item[0])):
        while (start := skeleton.find(bare)) is not None:
            yield from skeleton.take((run,), start)


class _Skeleton:
    """A text without what is passed over, and which of its characters are taken."""

    def __init__(self, text: str) -> None:
        self.text = text
        kept = [(piece, index) for index, char in enumerate(text) for piece in _bare(char)]
        self.bare = "".join(piece for piece, _ in kept)
        self.index = [index for _, index in kept]
        self.taken = bytearray(len(kept))

    def find(self, bare: str, *, alone: bool = False) -> int | None:
        """The first free place of a bare text between other words, or the only one; `None` without."""
        found = None
        start = self.bare.find(bare)
        while start >= 0 and bare:
            if self._is_free(start, start + len(bare)):
                if not alone:
                    return start
                if found is not None:
                    return None
                found = start
            start = self.bare.find(bare, start + 1)
        return found

    def take(self, line: Line, start: int) -> list[_Place]:
        """The places of the line's runs from a bare offset on; nothing else is found there from now on."""
        places = []
        for run in line:
            end = start + len(_bare(run.text))
            if (run.field or run.personal) and end > start:
                places.append(_Place(run, self.index[start], self.index[end - 1] + 1))
            self.taken[start:end] = b"\x01" * (end - start)
            start = end
        return places

    def _is_free(self, start: int, end: int) -> bool:
        """Whether nothing there is taken and it begins and ends where words do."""
        if any(self.taken[start:end]):
            return False
        first, last = self.index[start], self.index[end - 1] + 1
        return not _joins(self.text, first) and not _joins(self.text, last)


def _joins(text: str, at: int) -> bool:
    """Whether letters or digits stand on both sides of an offset."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if not char.isspace() and char not in _PASSED_OVER)
