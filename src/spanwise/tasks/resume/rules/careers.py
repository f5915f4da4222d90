"""Jobs and courses of study: who, what and when, by how the entries of a section are laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.entries import Entry
from spanwise.tasks.resume.fields import AREA, DEGREE, EMPLOYER, POSITION, SCHOOL
from spanwise.tasks.resume.rules import vocabulary
from spanwise.tasks.resume.rules.heads import Piece, Slots, cut_head, fill_slots
from spanwise.tasks.resume.rules.lists import dates_of

_IN = r"(?:\s*[-–—:,]\s+|\s+(?:in|en|of|im|i|em|inom|på)\s+|\s+\()"
_SPECIAL = re.compile(rf"(?P<degree>.+?){_IN}(?P<area>[^()]+)\)?")
_WHOLE = re.compile(
    r"(?:bachelor|master|doctor|associate|bachelors|masters|bachelor's|master's|laurea|licence|licenciatura|diploma|grado"
    r"|m[aá]ster|mestrado|doutoramento|grado|magister)\b\s*(?:['’]s)?\s*(?:degree)?\s*"
    r"(?:of|in|de|en|em|di)\s+(?:science|arts|engineering|philosophy|laws?|education|fine arts"
    r"|applied science|applied arts"
    r"|business administration|medicine|music|architecture|technology|commerce"
    r"|design|sciences|public health|social work|nursing|economics)\b"
    r"(?:\s+\([\w.]{2,6}\))?(?:\s+\(?hons\.?\)?)?",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?:ph\.?\s?d|b\.?\s?sc|m\.?\s?sc|b\.?\s?a|m\.?\s?a|b\.?\s?s|m\.?\s?s|b\.?\s?eng|m\.?\s?eng|mba|llb|llm|bba|b\.?\s?tech|m\.?\s?tech"
    r"|bachelor|master|diplom|magister|dut|bts|licence|doctorat|doctorate|mphil|dphil|laurea|licenciatura|mestrado"
    r"|kandidatexamen|masterexamen|grado|m[aá]ster)\.?(?!\w)(?:\s\((?:hons|honours)\.?\))?",
    re.IGNORECASE,
)


def find_jobs(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """The employers, positions and dates of a section's entries."""
    heads = [cut_head(entry.head, wanted=2) for entry in entries]
    scorers = {POSITION: _position, EMPLOYER: _employer}
    for entry, filled in zip(entries, fill_slots(heads, scorers, (POSITION, EMPLOYER)), strict=True):
        for label, (piece, sure) in filled.items():
            named = employer_and_place(piece)[0] if label == EMPLOYER else piece
            if _plausible(named):
                yield _candidate(named, label, sure)
        yield from dates_of(entry.periods[:1])


def find_studies(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """The schools, degrees, areas and dates of a section's entries."""
    heads = [_with_degrees(cut_head(entry.head, wanted=2)) for entry in entries]
    scorers = {DEGREE: _degree, SCHOOL: _school, AREA: _area}
    for entry, filled in zip(entries, fill_slots(heads, scorers, (DEGREE, SCHOOL, AREA)), strict=True):
        for label, (piece, sure) in filled.items():
            for part, called in _divided(piece, label, with_area=AREA not in filled):
                if _plausible(part):
                    yield _candidate(part, called, sure)
        yield from dates_of(entry.periods[:1])


def job_place(entry: Entry, employer: tuple[int, int] | None) -> Piece | None:
    """Where a job is, if its head tells: a place of its own, or what stands behind the employer's comma."""
    head = cut_head(entry.head, wanted=2)
    if head.places:
        return head.places[0]
    for piece in head.pieces:
        if employer and piece.start == employer[0] and piece.end > employer[1]:
            return employer_and_place(piece)[1]
    return None


def employer_and_place(piece: Piece) -> tuple[Piece, Piece | None]:
    """An employer and the city behind its last comma, unless a word there speaks for a part of its name."""
    before, comma, behind = piece.text.rpartition(", ")
    named = vocabulary.evidence(behind, "organisations", "titles")
    if not comma or len(behind.split()) > 3 or not behind[0].isupper() or named:
        return piece, None
    if re.search(r"\s(?:and|und|et|y|e|en|och|og|&)\s", behind):
        return piece, None
    return piece.cut(0, len(before)), piece.cut(len(before) + 1, len(piece.text))


def _with_degrees(head: Slots) -> Slots:
    """Without the repetition of a degree that also stands with its area."""
    pieces = [
        piece
        for piece in head.pieces
        if not any(other is not piece and other.text.startswith(piece.text + " ") for other in head.pieces)
    ]
    return Slots(tuple(pieces), head.places)


def _divided(piece: Piece, label: str, *, with_area: bool) -> list[tuple[Piece, str]]:
    """A degree or a school, and the area that may stand in the same piece."""
    if with_area and label == DEGREE and (parts := _special(piece)):
        return [(parts[0], DEGREE), (parts[1], AREA)]
    if label == AREA and (parts := _special(piece)):  # "PhD" may stand before it on its own, too
        return [(parts[1], AREA)]
    before, comma, behind = piece.text.partition(", ")
    if with_area and label == SCHOOL and comma and bool(_school(before)) != bool(_school(behind)):
        parts = piece.cut(0, len(before)), piece.cut(len(before) + 1, len(piece.text))
        school, area = parts if _school(before) else reversed(parts)
        special = _special(area)
        return [(school, SCHOOL), (special[1] if special else area, AREA)]
    return [(piece, label)]


def _special(piece: Piece) -> tuple[Piece, Piece] | None:
    """A degree and its area, where the piece holds both."""
    if whole := _WHOLE.match(piece.text):
        return _behind(piece, whole.end())
    match = _SPECIAL.fullmatch(piece.text)  # "Laurea magistrale in Economia"
    if match and vocabulary.evidence(match["degree"], "degrees"):
        return piece.cut(*match.span("degree")), piece.cut(*match.span("area"))
    short = None if match else _SHORT.match(piece.text)  # "BSc Physics"
    return _behind(piece, short.end()) if short else None


def _behind(piece: Piece, end: int) -> tuple[Piece, Piece] | None:
    """The piece in two at `end`, where a blank or a preposition follows."""
    rest = re.match(rf"{_IN}|\s+", piece.text[end:])
    return (piece.cut(0, end), piece.cut(end + rest.end(), len(piece.text))) if rest else None


def _plausible(piece: Piece) -> bool:
    return len(piece.text.split()) <= 12 and any(letter.isalpha() for letter in piece.text)


def _position(text: str) -> float:
    return vocabulary.evidence(text, "titles")


def _employer(text: str) -> float:
    return vocabulary.evidence(text, "organisations")


def _degree(text: str) -> float:
    return vocabulary.evidence(text, "degrees")


def _school(text: str) -> float:
    return 1.2 * vocabulary.evidence(text, "schools")


def _area(text: str) -> float:
    """Anything that is neither may be an area."""
    return 0.0 if _degree(text) or _school(text) else 0.3


def _candidate(piece: Piece, label: str, confidence: float) -> Candidate:
    return Candidate(start=piece.start, end=piece.end, label=label, confidence=confidence)
