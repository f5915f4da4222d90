"""Employers and schools: by the words they have, and by standing beside the dates of a job."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers.dates import date_pattern
from spanwise.tasks.pii.recognisers.locations import find_locations
from spanwise.tasks.pii.recognisers.titles import is_post
from spanwise.tasks.pii.source import Line, Source

_WORD = r"[^\W\d_a-zß-öø-ÿ][\w'’&.-]*"
_JOIN = (
    r"(?:of|the|de|du|des|la|le|les|del|della|di|da|do|dos|das|für|der|und|and|et|y|e|i|&|van|voor|for|in"
    r"|at|zu)"
)
_FORM = (
    r"(?:Ltd|Limited|PLC|plc|LLP|LLC|Inc|Corp|Corporation|Company|Co|GmbH|AG|KG|OHG|UG|SE|e\.V\.|mbH"
    r"|S\.?A\.?S|SARL|S\.?A\.?R\.?L|S\.A|SA|SNC|S\.?L\.?U?"
    r"|S\.?p\.?A|S\.?r\.?l|B\.?V|N\.?V|VOF|Lda|Ltda|EIRELI|S/A|Sp\. z o\.o|Sp\. k|S\.A|AB|A/S|ApS|Oy|Oyj"
    r"|AS|Group|Gruppe|Holding|Stiftung|e\.G|s\.n\.c|s\.a\.s)"
)
_COMPANY = re.compile(
    rf"(?<![\w.])(?:{_WORD} (?:(?:{_JOIN}|[A-Z]\.) )*){{0,4}}{_WORD},? (?:{_FORM}(?:[ ]&?[ ]?(?:Co\.?(?:"
    rf" KG| KGaA| OHG)?|KGaA|KG|e\.V\.|mbH))*)(?![\w])\.?"
)
_SCHOOL_WORD = (
    r"(?:\w*[Uu]niversi[td]\w*|UNIVERSI[TD]\w*|Uniwersytet\w*|Yliopisto|College|School|Academy|Institut\w*"
    r"|Instytut\w*|Polytechni\w*|Politec\w*|Politechnik\w*"
    r"|Hochschule\w*|Fachhochschule|Gymnasium|\w*[Gg]ymnasium|Lycée|École|Ecole|Faculté|IUT|Collège"
    r"|Instituto|Escuela|Colegio|Facultad|Universidade|Escola"
    r"|Faculdade|Liceo|Istituto|Scuola|Hogeschool|Lyceum|Akademi\w*|Conservato\w*|Realschule|Berufsschule"
    r"|Gesamtschule|Högskola\w*|Høgskole\w*|Skola|IES|HEC|ESSEC|\w*[Hh]ögskola\w*|\w*skolan?|\w*[Ss]chule)"
)
_SCHOOL = re.compile(rf"(?<!\w){_SCHOOL_WORD}(?!\w)")
_SEPARATOR = re.compile(
    r"\s*[|•·;\t]\s*|\s+[-–—@]\s+|\s*,\s+|\s+(?:at|bei|chez|en|presso|bij|na|w|hos|for)\s+|\s*\(|\)\s*"
)
_PERIOD_WORD = re.compile(
    r"(?i)^(?:present|current|now|today|ongoing|heute|jetzt|aktuell|aujourd'hui|présent|actuel|actualidad"
    r"|actual|presente|oggi|attuale|heden|nu"
    r"|atual|obecnie|to date|seit|since|depuis|desde|dal|from|until|bis|full[- ]time|part[- ]time|contract"
    r"|remote|hybrid|freelance|until now|to|\W*)$"
)
_REFERENCES = re.compile(
    r"(?i)\b(?:available|request|demande|anfrage|petición|richiesta|aanvraag|solicitação)\b"
)
LONGEST = 100  # characters of a line with an employer
_BULLET = re.compile(r"^[•\-–—*·▪‣◦●o]\s")


def find_organisations(source: Source) -> Iterator[Span]:
    """Employers by their legal form or their place in a job, schools by what they are called."""
    places = list(find_locations(source))
    for line in source.lines:
        for match in _COMPANY.finditer(line.text):
            yield source.span(line.start + match.start(), line.start + match.end(), "ORGANIZATION")
        if not line.heading and not _BULLET.match(line.text):
            for start, end in _schools(line.text):
                yield source.span(line.start + start, line.start + end, "SCHOOL")
            if line.section in ("work", "volunteer", "references") and _is_structure(line.text):
                for start, end in _employers(_blanked(source, line, places)):
                    yield source.span(line.start + start, line.start + end, "ORGANIZATION")


def _schools(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a line that have a word for a school, and begin with a capital."""
    for match in re.finditer(r"[^|•·;\t,()\d]+", text):
        piece = match.group().strip(" .–—-/:")
        if piece and piece[0].isupper() and len(piece.split()) <= 9 and _SCHOOL.search(piece):
            start = match.start() + match.group().index(piece)
            yield start, start + len(piece)


def _is_structure(text: str) -> bool:
    """Whether a line names who, where and when, rather than telling what was done."""
    return len(text) <= LONGEST and not text.endswith((".", ":")) and len(text.split()) <= 16


def _blanked(source: Source, line: Line, places: Sequence[Span]) -> str:
    """A line with bars for its dates and places; its length stays."""
    text = date_pattern().sub(lambda match: "|" * len(match.group()), line.text)
    letters = list(text)
    for span in places:
        for place in range(
            bisect_left(source.folded.offsets, span.start), bisect_left(source.folded.offsets, span.end)
        ):
            if line.start <= place < line.start + len(letters):
                letters[place - line.start] = "|"
    return "".join(letters)


def _employers(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a line that may be an employer; those with a comma between them are one."""
    edges = [0, *(place for match in _SEPARATOR.finditer(text) for place in match.span()), len(text)]
    found: list[tuple[int, int]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        piece = text[start:end].strip(" .,–—-")
        if not _is_employer(piece):
            continue
        begin = text.index(piece, start)
        if found and re.fullmatch(r"\s*,\s*", text[found[-1][1] : begin]):
            found[-1] = (found[-1][0], begin + len(piece))
        else:
            found.append((begin, begin + len(piece)))
    yield from found


def _is_employer(piece: str) -> bool:
    if len(piece) < 2 or not piece[0].isupper() or re.search(r"[\[@\d]", piece):
        return False
    return (
        not (_PERIOD_WORD.match(piece) or is_post(piece) or _REFERENCES.search(piece))
        and len(piece.split()) <= 7
    )
