"""Where a résumé's sections begin: by the words of their headings, and by how these are set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spanwise.tasks.resume.rows import Row, body_size
from spanwise.tasks.resume.rules.headings import guess_section, is_title, section_of
from spanwise.tasks.resume.rules.vocabulary import evidence, is_language

HEADER = "header"
LONGEST_HEADING = 7  # words

_LABEL = re.compile(r"([^\t:]{3,40}?)\s*(?:\t|:\s)\s*(?=\S)")
_INLINE = frozenset({"skills", "languages", "summary", "work", "education", "certificates"})


@dataclass(frozen=True)
class Section:
    """Rows under a heading.

    Attributes:
        kind: A key of `headings.SECTIONS`, or `header` for what stands above the first heading.
        heading: None of the header.
        rows: Below the heading, without it.
    """

    kind: str
    heading: Row | None
    rows: tuple[Row, ...]

    @property
    def start(self) -> int:
        """Where it begins in the text, its heading included."""
        first = self.heading or self.rows[0]
        return first.start

    @property
    def end(self) -> int:
        """Behind its last character."""
        last = self.rows[-1] if self.rows else self.heading
        assert last is not None
        return last.end


@dataclass(frozen=True)
class _Style:
    """How a heading is set."""

    size: float | None
    bold: bool
    caps: bool
    level: int | None

    @classmethod
    def of(cls, row: Row) -> _Style:
        size = None if row.size is None else round(row.size * 2) / 2
        return cls(size, row.bold, row.caps, row.heading)


def find_sections(rows: Sequence[Row]) -> list[Section]:
    """The sections of a résumé in the order of its text; each row is in one of them, or is a heading.

    A heading is a short row whose words are known to be one, or that is set as those are, if that sets them
    apart from the text. Rows below a heading that no list knows are of the kind `other`.
    """
    body = body_size(rows)
    known = {index: kind for index, row in enumerate(rows) if (kind := _known(row, body))}
    known = _consistent(rows, known)
    headings = {**_alike(rows, known), **known}
    person = _person(rows, headings)
    return list(_divide(rows, headings, person))


def _known(row: Row, body: float | None) -> str | None:
    text = row.text.rstrip(": ")
    if row.bullet or "\t" in text or row.words > LONGEST_HEADING + 8:
        return None
    return section_of(text) or (_guessed(text) if _set_apart(row, body) else None)


def _guessed(text: str) -> str | None:
    """The section that words begin as; not of a job title, as "Personalreferent"."""
    guessed = guess_section(text)
    return None if guessed and evidence(text, "titles") else guessed


def _set_apart(row: Row, body: float | None) -> bool:
    """Whether a row is set as a heading may be; where nothing tells how it is set, words must be several."""
    if row.size is None or body is None:
        return row.caps or row.heading is not None or 2 <= row.words <= 5 or row.gap >= 1
    return row.caps or row.heading is not None or row.bold or row.size > 1.08 * body


def _consistent(rows: Sequence[Row], known: dict[int, str]) -> dict[int, str]:
    """Without those set in smaller letters than most: they are labels, as "Languages" among the skills.

    A narrow column may be set smaller as a whole; there a heading is larger than the row below it.
    """
    sizes = [size for index in known if (size := rows[index].size) is not None]
    if len(sizes) < 3:
        return known
    usual = Counter(sizes).most_common(1)[0][0]
    return {
        index: kind
        for index, kind in known.items()
        if (size := rows[index].size) is None or size >= 0.93 * usual or _larger(rows, index)
    }


def _larger(rows: Sequence[Row], index: int) -> bool:
    """Whether a row is set larger than the one below it."""
    size, below = rows[index].size, rows[index + 1].size if index + 1 < len(rows) else None
    return size is not None and below is not None and size > 1.08 * below


def _alike(rows: Sequence[Row], known: dict[int, str]) -> dict[int, str]:
    """Rows that are set as most known headings are, where no other text is."""
    if len(known) < 2:
        return {}
    usual, count = Counter(_Style.of(rows[index]) for index in known).most_common(1)[0]
    body = body_size(rows)
    larger = usual.size is not None and body is not None and usual.size > 1.08 * body
    if count < 2 or not (larger or usual.level is not None or (usual.caps and usual.bold)):
        return {}
    alike = [index for index, row in enumerate(rows) if _Style.of(row) == usual and _could_be(row)]
    if len(alike) > 3 * len(known):  # so much is set so that it means nothing
        return {}
    return dict.fromkeys(alike, "other")


def _could_be(row: Row) -> bool:
    return not row.bullet and row.words <= LONGEST_HEADING and not re.search(r"[\d@\t]|[.,;]$", row.text)


def _person(rows: Sequence[Row], headings: dict[int, str]) -> int | None:
    """The row that is set largest, where it is no heading: the name, with what is below it."""
    sized = [(row.size, -index) for index, row in enumerate(rows) if row.size is not None and row.words <= 6]
    if not sized:
        return None
    size, index = max(sized)
    body = body_size(rows)
    if body is None or size is None or size < 1.2 * body or headings.get(-index) not in (None, "other"):
        return None
    return -index


def _divide(rows: Sequence[Row], headings: dict[int, str], person: int | None) -> Iterator[Section]:
    kind, heading, held = HEADER, None, list[Row]()
    for index, row in enumerate(rows):
        inline = None if index in headings else _inline(row, kind)
        opened = HEADER if index == person else headings.get(index) or (inline and inline[0])
        if opened is None:
            held.append(row)
            continue
        if heading is not None or held:
            yield Section(kind, heading, tuple(held))
        kind, heading, held = opened, row, []
        if index == person:
            heading, held = None, [row]
        elif inline:
            heading, held = inline[1], [inline[2]]
    if heading is not None or held:
        yield Section(kind, heading, tuple(held))


def _inline(row: Row, kind: str) -> tuple[str, Row, Row] | None:
    """A heading with text on its own row, as "Skills: Python, SQL" or in a table, and that text."""
    match = _LABEL.match(row.text)
    if match is None or row.bullet:
        return None
    lead = row.bold and ":" in match[0]
    opened = section_of(match[1]) or (_guessed(match[1]) if lead else None)
    if not lead and (opened not in _INLINE or is_title(match[1])):
        return None
    if opened is None or opened == kind:
        return None
    natural = opened != "languages" or is_language(row.text[match.end() :])
    if kind == "skills" and not natural:  # "Languages: Python, C"
        return None
    return opened, row.piece(0, match.end(1)), row.piece(match.end(), len(row.text))
