"""Where somebody lives: streets, postcodes, cities, regions and countries in the header of a résumé."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.fields import CITY, COUNTRY, POSTCODE, REGION, STREET
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.periods import find_periods
from spanwise.tasks.resume.rules.vocabulary import country_code

_LABEL = re.compile(
    r"^(?:address|adresse|anschrift|location|lieu|ort|wohnort|direcci[oó]n|domicilio|ubicaci[oó]n|indirizzo|residenza"
    r"|adres|woonplaats|endere[cç]o|morada|localiza[cç][aã]o|localidade|residence|r[ée]sidence|domicile|ville|ciudad"
    r"|citt[aà]|city|cidade|stad|adress|bostadsort|bopæl|by|wohnhaft in|based in|lives in|home|sede"
    r"|luogo|plaats|lokation|plats|localisation)\s*[:\t]\s*",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"\s*[|•·‣●\t]\s*|,\s*|\s+[–—-]\s+|\s*;\s*|\s*[()]\s*")
_ZIP = r"(?:[A-Z]{1,2}-)?(?:\d{5}-\d{3}|\d{8}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}(?![a-z])|\d{3}\s\d{2}|\d{4,6})"
_UK_ZIP = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_CA_ZIP = r"[A-Z]\d[A-Z]\s?\d[A-Z]\d"
_NAME = r"[^\W\d_](?:[^\W\d_]|['’.\s-])*"
_BEFORE_CITY = re.compile(rf"(?P<postcode>{_ZIP}|{_UK_ZIP}|{_CA_ZIP})\s+(?P<city>{_NAME})")
_BEHIND_CITY = re.compile(
    rf"(?P<city>{_NAME}?)\s+(?P<postcode>{_UK_ZIP}|{_CA_ZIP}|\d{{5}}(?:-\d{{3,4}})?|\d{{4}})"
)
_BEHIND_REGION = re.compile(
    rf"(?P<region>[A-Z]{{2,3}})\s+(?P<postcode>\d{{5}}(?:-\d{{4}})?|\d{{4}}|{_UK_ZIP}|{_CA_ZIP})"
)
_CITY_REGION_ZIP = re.compile(
    rf"(?P<city>{_NAME}?)\s+(?P<region>[A-Z]{{2}})\s+(?P<postcode>\d{{5}}(?:-\d{{4}})?)"
)
_POSTCODE = re.compile(rf"(?P<postcode>{_ZIP}|{_UK_ZIP}|{_CA_ZIP})")
_REGION = re.compile(r"(?P<region>[A-Z]{2,3})")
_STREET_WORD = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|square|terrace|place|close|rue"
    r"|allée|impasse|chemin|quai|via|viale|piazza|corso|calle|avenida|plaza|paseo|rua|travessa|praça|largo|alameda"
    r"|camino|ronda|vicolo|strada|contrada|borgo|cours|route|c/|av|apt|suite|unit)\b\.?"
    r"|(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|ring|damm|ufer|straat|laan|plein|gracht|kade|dijk|gatan|vägen|gata"
    r"|gade|vej|allé|väg|stræde|singel|hof|steeg|pad)\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"\d+\s?[a-z]?(?:\s|$|/|-)", re.IGNORECASE)
SURE, LIKELY, GUESS = 0.95, 0.85, 0.55


@dataclass(frozen=True)
class _Piece:
    text: str
    start: int


def find_address(rows: Sequence[Row], taken: Sequence[tuple[int, int]]) -> list[Candidate]:
    """The parts of the first address in a header.

    Args:
        rows: Of the header, in the order of the text.
        taken: Ranges of the text that are something else.
    """
    best: list[Candidate] = []
    run: list[Candidate] = []
    for row in rows:
        found = _of_row(row, taken)
        if found:
            run = _joined(run, found)
            if _weight(run) > _weight(best):
                best = run
        elif best:
            break
    return best


def _weight(found: Sequence[Candidate]) -> float:
    return sum(candidate.confidence for candidate in found)


def _joined(run: list[Candidate], found: list[Candidate]) -> list[Candidate]:
    """An address may take several rows; each part of it comes once."""
    had = {candidate.label for candidate in run}
    if any(candidate.label in had for candidate in found):
        return found
    return [*run, *found]


def _of_row(row: Row, taken: Sequence[tuple[int, int]]) -> list[Candidate]:
    label = _LABEL.match(row.text)
    pieces = [piece for piece in _cut(row, label.end() if label else 0) if not _inside(piece, taken)]
    found: list[Candidate] = []
    for piece in pieces:
        found += _of_piece(piece)
    found = _last_postcode(found)
    _name_cities(pieces, found, labelled=label is not None)
    found = _with_street(pieces, found)
    labels = [candidate.label for candidate in found]
    if labels in ([REGION], [STREET]) and label is None:
        strong = labels == [STREET] and _STREET_WORD.search(pieces[0].text) is not None
        return found if strong else []
    return sorted(found, key=lambda candidate: candidate.start)


def _cut(row: Row, start: int) -> Iterator[_Piece]:
    place = start
    for match in [*_DIVIDER.finditer(row.text, start), None]:
        end = match.start() if match else len(row.text)
        text = row.text[place:end]
        lead = len(text) - len(text.lstrip(" :"))
        if text.strip(" :"):
            yield _Piece(text.strip(" :"), row.start + place + lead)
        place = match.end() if match else end


def _of_piece(piece: _Piece) -> list[Candidate]:
    if find_periods(piece.text) and not _STREET_WORD.search(piece.text):
        return []
    for pattern in (_BEFORE_CITY, _CITY_REGION_ZIP, _BEHIND_REGION, _BEHIND_CITY, _POSTCODE, _REGION):
        match = pattern.fullmatch(piece.text)
        if match and not (pattern in (_BEHIND_CITY, _BEFORE_CITY) and _STREET_WORD.search(piece.text)):
            sure = SURE if pattern is not _REGION else LIKELY
            return [
                _candidate(piece, match.start(name), match.end(name), label, sure)
                for name, label in (("postcode", POSTCODE), ("city", CITY), ("region", REGION))
                if match.groupdict().get(name)
            ]
    if country_code(piece.text):
        return [_candidate(piece, 0, len(piece.text), COUNTRY, SURE)]
    letters = sum(letter.isalpha() for letter in piece.text)
    if _HOUSE.search(piece.text) and letters > 3 and len(piece.text.split()) <= 8 and "@" not in piece.text:
        sure = SURE if _STREET_WORD.search(piece.text) else GUESS
        return [_candidate(piece, 0, len(piece.text), STREET, sure)]
    return []


def _name_cities(pieces: Sequence[_Piece], found: list[Candidate], *, labelled: bool) -> None:
    """Give bare names a part by what stands around them, a city first."""
    for place in (_city, _region):
        known = {candidate.start: candidate.label for candidate in found}
        for index, piece in enumerate(pieces):
            if piece.start in known or not _like_a_name(piece.text):
                continue
            around = [known.get(each.start) for each in pieces[index + 1 : index + 3]]
            before = known.get(pieces[index - 1].start) if index else None
            label = place(before, around, set(known.values()))
            if label:
                found.append(_candidate(piece, 0, len(piece.text), label, LIKELY))
                break
    if labelled and all(candidate.label != CITY for candidate in found):
        taken = {candidate.start for candidate in found}
        bare = [piece for piece in pieces if piece.start not in taken and _like_a_name(piece.text)]
        found += [_candidate(piece, 0, len(piece.text), CITY, LIKELY) for piece in bare[:1]]


def _city(before: str | None, after: Sequence[str | None], known: set[str]) -> str | None:
    """A city stands before a region, a country or a postcode, or behind a street or a postcode."""
    near = bool(after) and after[0] in (REGION, COUNTRY, POSTCODE)
    far = after[1:] == [COUNTRY] and after[0] is None  # city, region, country
    return CITY if CITY not in known and (near or far or before in (STREET, POSTCODE)) else None


def _region(before: str | None, after: Sequence[str | None], known: set[str]) -> str | None:
    """A region stands behind a city, or between it and a country."""
    near = before in (CITY, POSTCODE) or (bool(after) and after[0] == COUNTRY and before == CITY)
    return REGION if CITY in known and REGION not in known and near else None


def _last_postcode(found: list[Candidate]) -> list[Candidate]:
    """Of two postcodes the first is the number of a house, with its street behind it."""
    codes = [candidate for candidate in found if candidate.label == POSTCODE]
    if len(codes) < 2:
        return found
    last = max(codes, key=lambda candidate: candidate.start)
    behind = [candidate for candidate in found if candidate.label in (CITY, REGION)]
    own = [candidate for candidate in behind if abs(candidate.start - last.start) <= 40]
    first = min(candidate.start for candidate in [last, *own[-1:]])
    return [candidate for candidate in found if candidate.start >= first]


def _with_street(pieces: Sequence[_Piece], found: list[Candidate]) -> list[Candidate]:
    """What a row says before its city and postcode is a street, whatever it is called."""
    places = [candidate for candidate in found if candidate.label in (CITY, POSTCODE)]
    if not places or {candidate.label for candidate in found} <= {CITY, REGION, COUNTRY}:
        return found
    first = min(candidate.start for candidate in places)
    before = [piece for piece in pieces if piece.start + len(piece.text) <= first]
    if not before or not any(len(piece.text) > 3 for piece in before):
        return found
    last = before[-1]
    street = Candidate(
        start=before[0].start, end=last.start + len(last.text), label=STREET, confidence=LIKELY
    )
    return [street, *(candidate for candidate in found if candidate.start >= first)]


def _like_a_name(text: str) -> bool:
    return len(text.split()) <= 4 and text[:1].isupper() and re.fullmatch(_NAME, text) is not None


def _candidate(piece: _Piece, start: int, end: int, label: str, confidence: float) -> Candidate:
    return Candidate(start=piece.start + start, end=piece.start + end, label=label, confidence=confidence)


def _inside(piece: _Piece, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < piece.start + len(piece.text) and piece.start < end for start, end in taken)
