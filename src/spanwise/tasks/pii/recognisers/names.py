"""Names of persons: by where they stand and what stands around them, never by lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from spanwise.schema import Span
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.recognisers.titles import is_post
from spanwise.tasks.pii.source import HEADER, Line, Source

FIRST_LINES = 6  # of the header, where the name is to be expected
PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "du",
        "des",
        "la",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "ter",
        "zu",
        "zur",
        "af",
        "av",
        "y",
        "e",
        "bin",
        "ibn",
        "al",
        "el",
        "st",
    ]
)
_HONORIFIC = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Herrn?|Frau|M|Mme|Mlle|Monsieur|Madame|Sr|Sra|Señora?|Don"
    r"|Doña|Sig|Sig\.ra|Signora?"
    r"|Dott|Dott\.ssa|Prof\.ssa|Ing|Dhr|Mevr|Drs|Pan|Pani|Univ\.-Prof|Dipl\.-Ing|Rev|Hon|Eng)\b\.?"
)
_CAPITALISED = r"(?:[^\W\d_a-zß-öø-ÿ][\w'’]*(?:-[^\W\d_][\w'’]*)*\.?)"
_PARTICLE = rf"(?:{'|'.join(sorted(PARTICLES))})"
_NAME = rf"{_CAPITALISED}(?:[ ](?:{_PARTICLE}[ ])*{_CAPITALISED}){{1,4}}"
_NAME_LINE = re.compile(
    rf"(?:(?:{_HONORIFIC} ?)*)(?P<name>{_NAME})(?:\s*\((?:he|she|they|er|sie|il|elle)\b[^)]*\))?"
)
_TITLED = re.compile(
    rf"(?<![\w.]){_HONORIFIC} (?:{_HONORIFIC} )*"
    rf"(?P<name>{_CAPITALISED}(?:[ ](?:{_PARTICLE}[ ])*{_CAPITALISED}){{0,3}})"
)
_UNDER = re.compile(
    rf"\b(?:report(?:ed|ing|s) (?:directly )?to|supervis(?:ed|ion|or|ors)(?: by| of)?|mentored by"
    rf"|advis(?:ed by|ors?)|referee|reference"
    rf"|assistant to|betreut von|betreuer(?:in)?|sous la direction de|encadrée? par|tutor(?:a|izado por)?"
    rf"|dirigido por|relatore|supervisore"
    rf"|orientador(?:a)?|begeleider|promotor)\s*:?\s(?:{_HONORIFIC} )*(?P<name>{_NAME})"
)
_CLOSING = re.compile(
    r"(?im)^\s*(?:(?:yours )?(?:sincerely|faithfully|truly)|(?:best|kind|warm) regards|regards|mit"
    r" freundlichen grüßen|cordialement"
    r"|bien à vous|atentamente|un (?:cordial )?saludo|distinti saluti|cordiali saluti|met vriendelijke"
    r" groet|atenciosamente|z poważaniem"
    r"|signature|unterschrift|gez\.)\s*[,.:]?\s*\n+(?P<line>[^\n]+)"
)
_TITLE_OF = re.compile(
    r"(?i)^(?:curriculum vitae|résumé|resume|cv|lebenslauf|curriculum|currículum)\s*(?:of|von|de|di|du"
    r"|van)?\s*[-–—:|]?\s+(?=\S)"
)
_EDGE = re.compile(r"\s*[|•·,;\t/()]\s*|\s+[-–—]\s+|\s{3,}")
_SPACED = re.compile(r"(?:[^\W\d_] ){1,14}[^\W\d_](?:\s{2,4}(?:[^\W\d_] ){1,14}[^\W\d_])*")
_LOCAL = re.compile(r"([\w.+-]+)\s?(?:@|\[at\]|\(at\))")
_NO_NAME = re.compile(
    r"(?i)\b(?:curriculum|vitae|resume|lebenslauf|email|e-mail|phone|tel|address|university|universit\w*"
    r"|college|school|street|road|avenue"
    r"|gmbh|ltd|inc|llc|group|page|seite|profile?|summary|contact|skills|experience|education|languages?"
    r"|references?|available|request"
    r"|driving|licen[cs]e|present|remote|linkedin|github|institute?|hospital|bank|department|faculty"
    r"|centre|center|services?|solutions"
    r"|company|consulting|technolog\w*|systems?|science|engineering|arts|studies|management|bachelor"
    r"|master|diploma)\b"
)
_POSTNOMINAL = re.compile(
    r"(?:[A-Z]{2,5}|Ph\.?D\.?|M\.?Sc\.?|B\.?Sc\.?|M\.?A\.?|B\.?A\.?|MBA|Jr\.?|Sr\.?|II|III)"
)


def find_names(source: Source) -> Iterator[Span]:
    """The candidate, referees, and whoever is named with an honorific or as a superior."""
    yield from _candidate(source)
    text = source.folded.text
    for pattern in (_TITLED, _UNDER):
        for match in pattern.finditer(text):
            if not _NO_NAME.search(match["name"]) and not is_post(match["name"]):
                yield source.span(*match.span("name"), "PERSON")
    for match in _CLOSING.finditer(text):
        if found := _piece(match["line"], ()):
            yield source.span(match.start("line") + found[0], match.start("line") + found[1], "PERSON")
    for line in source.lines:
        if line.section == "references" and not line.heading and (found := _piece(line.text, ())):
            yield source.span(line.start + found[0], line.start + found[1], "PERSON")


def _candidate(source: Source) -> Iterator[Span]:
    """Whose résumé it is: what the address of the e-mail agrees with anywhere, else the first name-like
    line."""
    locals_ = [bare(match.group(1)) for match in _LOCAL.finditer(source.folded.text)]
    yield from _divided(source, locals_)
    yield from _told_by_address(source, locals_)
    agreed = [(line, found) for line in source.lines if (found := _piece(line.text, locals_, needed=True))]
    for line, (start, end) in agreed:
        yield source.span(line.start + start, line.start + end, "PERSON")
    if agreed:
        return
    first = [line for line in source.header if not line.heading] or [
        line for line in source.lines if not line.heading
    ]
    for line in _opening(source, first):
        if spaced := _SPACED.fullmatch(line.text):
            yield source.span(line.start + spaced.start(), line.start + spaced.end(), "PERSON")
            return
        if found := _piece(line.text, ()):
            yield source.span(line.start + found[0], line.start + found[1], "PERSON")
            return


def _told_by_address(source: Source, locals_: Sequence[str]) -> Iterator[Span]:
    """Capitalised words of the header that an e-mail address has between its dots."""
    words = {word for local in locals_ for word in re.split(r"[\W\d_]+", local) if len(word) >= 4}
    for line in source.header:
        for match in re.finditer(_CAPITALISED, line.text):
            if _ascii(bare(match.group().rstrip("."))) in words and not _NO_NAME.search(match.group()):
                yield source.span(line.start + match.start(), line.start + match.end(), "PERSON")


def _divided(source: Source, locals_: Sequence[str]) -> Iterator[Span]:
    """A name that a hyphen divides at the end of a line."""
    for line, below in pairwise(source.lines):
        if re.search(r"[^\W\d_]-$", line.text) and below.text[0].islower():
            whole = len(line.text) - 1
            found = _piece(line.text[:-1] + below.text, locals_, needed=line not in source.header[:2])
            if found and found[0] < whole < found[1]:
                yield source.span(line.start + found[0], below.start + found[1] - whole, "PERSON")


def _opening(source: Source, lines: Sequence[Line]) -> Iterator[Line]:
    """The lines that may hold the name; none where something masked stands in its place."""
    titled = [line for line in source.lines[:3] if _TITLE_OF.match(line.text) and line.section == HEADER]
    for line in (*titled, *lines[:FIRST_LINES]):
        if re.search(r"\[(?:PERSON_\d+|redacted)\]", line.text):
            return
        yield line


def _piece(text: str, locals_: Sequence[str], *, needed: bool = False) -> tuple[int, int] | None:
    """The first part of a line that could be a name; where it is needed, one that an e-mail address agrees
    with."""
    begin = title.end() if (title := _TITLE_OF.match(text)) else 0
    edges = [begin, *(place for match in _EDGE.finditer(text, begin) for place in match.span()), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        piece = text[start:end]
        if needed:
            if _agrees(piece, locals_):
                return start, end
            continue
        match = _NAME_LINE.fullmatch(piece.strip(" .:"))
        if match and not _NO_NAME.search(piece) and not is_post(piece) and not _POSTNOMINAL.fullmatch(piece):
            offset = start + piece.index(match["name"])
            return offset, offset + len(match["name"])
    return None


def _agrees(piece: str, locals_: Sequence[str]) -> bool:
    """Whether two words or more, all letters, are in the local part of an address, the last of them whole."""
    words = [word for word in re.split(r"[\s'’.-]+", bare(piece)) if word]
    if not 2 <= len(words) <= 6 or not all(word.isalpha() for word in words):
        return False
    capitals = {each[0].isupper() for each in piece.split() if each.lower() not in PARTICLES}
    if len(capitals) > 1:  # a name, and words behind it
        return False
    names = [word for word in words if word not in PARTICLES] or words
    for local in locals_:
        letters = re.sub(r"[^a-z]", "", local)
        whole = [word for word in names if len(word) > 2 and _ascii(word) in letters]
        if len(whole) >= 2 or (whole and _initials(names, whole[0], letters)):
            return True
    return False


def _initials(names: Sequence[str], whole: str, letters: str) -> bool:
    """Whether one name is in the letters and the initial of another stands beside it, as in jdoe."""
    others = {_ascii(word)[0] for word in names if word != whole}
    place = letters.index(_ascii(whole))
    before, behind = letters[:place], letters[place + len(_ascii(whole)) :]
    return len(before) + len(behind) <= 3 and bool({before[-1:], behind[:1]} & others)


def _ascii(word: str) -> str:
    return word.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("æ", "ae")
