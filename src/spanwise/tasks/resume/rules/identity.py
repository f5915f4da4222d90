"""Whose résumé it is: the name and the headline, by place, size and the local part of the e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.fields import HEADLINE, NAME
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.headings import folded, is_title, section_of
from spanwise.tasks.resume.rules.vocabulary import country_code, evidence

_LABEL = re.compile(
    r"^(?:full name|name|nom(?: complet)?|nombre(?: completo)?|nome(?: completo)?|naam|namn|navn"
    r"|vor- und nachname|nome e cognome|nom et prénom|prénom et nom|vollständiger name|nombre y apellidos"
    r"|volledige naam|fullständigt namn|fulde navn)\s*[:\t]\s*",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"\s*[|•·‣●\t]\s*|\s+[–—-]\s+|\s*,\s+|\s*[()]\s*")
_ROLE_LABEL = re.compile(
    r"^(?:title|titel|titre|poste|profession|beruf|position|profesión|puesto|cargo|professione|functie|yrke|stilling)\s*[:\t]\s*",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "di",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "y",
        "e",
        "zu",
        "af",
        "av",
    ]
)
_HONORIFIC = re.compile(
    r"(?:mr|mrs|ms|dr|prof|herr|frau|mme|m|sr|sra|sig|dott|ing|dipl|doc|drs|ir|univ)\.?", re.IGNORECASE
)
_POSTNOMINAL = re.compile(
    r"(?:ph\.?d|m\.?d|mba|msc|bsc|ba|ma|jr|sr|[iv]+|cpa|pmp|cfa|rn|esq)\.?", re.IGNORECASE
)


@dataclass(frozen=True)
class _Piece:
    text: str
    start: int
    row: int
    first: bool


def find_identity(
    rows: Sequence[Row], emails: Sequence[str], taken: Sequence[tuple[int, int]], largest: float | None
) -> list[Candidate]:
    """The name and the headline in the header of a résumé.

    Args:
        rows: Of the header.
        emails: That the résumé holds.
        taken: Ranges of the text that are something else.
        largest: The size of the largest letters in the document, in points, where it is known.
    """
    labelled = _labelled(rows)
    pieces = [piece for piece in _pieces(rows) if not _inside(piece, taken)]
    scored = [
        (score, -index)
        for index, piece in enumerate(pieces)
        if (score := _score(piece, rows, emails, largest)) > 0
    ]
    if labelled is not None:
        name, sure = labelled, 0.97
    elif scored:
        score, index = max(scored)
        name, sure = pieces[-index], min(0.97, 0.35 + 0.12 * score)
    else:
        return []
    found = [_candidate(name, NAME, sure)]
    headline = _headline([piece for piece in pieces if piece.start != name.start], name)
    return found if headline is None else [*found, headline]


def _labelled(rows: Sequence[Row]) -> _Piece | None:
    for index, row in enumerate(rows):
        match = _LABEL.match(row.text)
        if match and 1 < len(row.text[match.end() :].split()) <= 6:
            return _Piece(row.text[match.end() :], row.start + match.end(), index, True)
    return None


def _pieces(rows: Sequence[Row]) -> Iterator[_Piece]:
    for index, row in enumerate(rows):
        label = _ROLE_LABEL.match(row.text)
        place, first = (label.end() if label else 0), True
        for match in [*_DIVIDER.finditer(row.text, place), None]:
            end = match.start() if match else len(row.text)
            held = row.text[place:end]
            if held.strip() and not is_title(held):
                lead = len(held) - len(held.lstrip())
                yield _Piece(held.strip(), row.start + place + lead, index, first)
                first = False
            place = match.end() if match else end


def _score(piece: _Piece, rows: Sequence[Row], emails: Sequence[str], largest: float | None) -> float:
    """How much a piece looks like a name; above 0 if it may be one."""
    words = [word for word in piece.text.split() if not _HONORIFIC.fullmatch(word)]
    real = [word for word in words if word.casefold() not in _PARTICLES]
    if not 2 <= len(words) <= 6 or not real or re.search(r"[\d@:/]", piece.text) or not piece.first:
        return 0.0
    if not all(word[0].isupper() for word in real) or section_of(piece.text) or country_code(piece.text):
        return 0.0
    row = rows[piece.row]
    score = 2.0 - 0.25 * piece.row + (0.5 if piece.row == 0 else 0.0)
    score -= 0.5 * bool(re.search(r"\d", row.text) and not re.search("@", row.text))  # as an address has
    if largest is not None and row.size is not None and row.size > 0.98 * largest:
        score += 2.0
    score += 2.0 * _share_in(emails, real)
    score -= 1.5 * bool(evidence(piece.text, "titles")) + 0.7 * bool(evidence(piece.text, "organisations"))
    return score


def _share_in(emails: Sequence[str], words: Sequence[str]) -> float:
    """The share of a name's words that the local part of an address holds, by a word or its initial."""
    best = 0.0
    for email in emails:
        local = re.sub(r"[\W\d_]", "", folded(email.partition("@")[0]))
        whole = [word for word in map(folded, words) if len(word) > 2 and word in local]
        best = max(best, len(whole) / len(words))
    return best


def _headline(pieces: Sequence[_Piece], name: _Piece) -> Candidate | None:
    """What stands behind the name and is a job title, or short and nothing else."""
    near = [piece for piece in pieces if 0 <= piece.row - name.row <= 2 and piece.start > name.start]
    for piece in near:
        if evidence(piece.text, "titles") and len(piece.text.split()) <= 10 and not piece.text.endswith("."):
            return _candidate(piece, HEADLINE, 0.9)
    for piece in near:
        plain = not re.search(r"[\d@:]|\.$", piece.text) and not _POSTNOMINAL.fullmatch(piece.text)
        alone = (
            piece.first
            and piece.row == name.row + 1
            and not any(other.row == piece.row and other is not piece for other in pieces)
        )
        if plain and alone and 2 <= len(piece.text.split()) <= 8 and not country_code(piece.text):
            return _candidate(piece, HEADLINE, 0.6)
    return None


def _candidate(piece: _Piece, label: str, confidence: float) -> Candidate:
    end = piece.start + len(piece.text)
    return Candidate(start=piece.start, end=end, label=label, confidence=confidence)


def _inside(piece: _Piece, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < piece.start + len(piece.text) and piece.start < end for start, end in taken)
