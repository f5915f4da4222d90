"""Skills, languages, and what takes few rows: certificates, awards, publications, projects, references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.entries import split_entries
from spanwise.tasks.resume.fields import (
    AWARD,
    CERTIFICATE,
    END_DATE,
    FLUENCY,
    LANGUAGE,
    PROJECT,
    PUBLICATION,
    REFERENCE,
    SKILL,
    START_DATE,
)
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.heads import cut_name
from spanwise.tasks.resume.rules.periods import Period
from spanwise.tasks.resume.rules.vocabulary import evidence, is_language, language_words

NAMED = {
    "certificates": CERTIFICATE,
    "awards": AWARD,
    "publications": PUBLICATION,
    "projects": PROJECT,
    "references": REFERENCE,
}
"""Section -> the label of what its entries are called by."""

GIVEN = ("certificates", "awards", "publications", "references")
"""Sections whose entries often say behind a comma who gave it."""

LONGEST_SKILL = 7  # words

_LABEL = re.compile(r"([^:\t,;|•]{2,40}?)\s*(?::\s+|\t(?=[^\t]*[,;|•]))(?=\S)")
_TITLED = re.compile(r"([^:]{3,60}?)\s*:\s+(?=\S)")
_COMMA = re.compile(r"\s*[,;|•·‣●\t▪]\s*|\s+[–—/]\s+|\.\s+(?=[^\W_a-z])")
_LEVEL = re.compile(
    r"\s*(?:[-–—:]\s*|\()?\b(?:expert|advanced|intermediate|beginner|basic|proficient|fluent|avanc[ée]e?|d[ée]butante?"
    r"|interm[ée]diaire|ma[iî]trise|experte?|fortgeschritten|grundkenntnisse|sehr gut|gut|avanzado|intermedio"
    r"|b[áa]sico|avanzato|base|ottimo|buono|gevorderd|gemiddeld|basis|avan[çc]ado|intermedi[áa]rio|avancerad|avanceret|mellan"
    r"|grundläggande|grundlæggende|erfaren|\d{1,3}\s?%|\d\s?/\s?\d{1,2}"
    r"|\d+\+? (?:years?|ans|jahre|años|anni|jaar|anos|år))\)?$"
    r"|\s*[●○★☆■□▪▮▯◼◻*•]{2,}$",
    re.IGNORECASE,
)
_TALK = re.compile(r"\s*[,;|•·\t]\s*|\s+[–—-]\s+|\s*:\s*|\s*[()]\s*")
_WORD = re.compile(r"\S+")
_FLUENT = re.compile(
    r"\(?[ABC][12]\b|\w*(?:nati[vf]|mother|fluen|flie(?:ß|ss)|flyt|flyd|courant|mutter|mater|moder|modersm|moedert|basic|grund"
    r"|verhandl|beginn|interm|advanc|avan[zcç]|gevord|profess|profic|conversa|business|work|good|gut|gute|buon|bueno|bon|bom"
    r"|b[áa]sic|goed|limit|elem|notion|scola|bilin|zweis|langue|lengua|l[íi]ngua|lingua|madre|level|niveau|nivel|livello"
    r"|ielts|toefl|delf|dele|goethe|cert|full|near)",
    re.IGNORECASE,
)
_RATING = re.compile(r"[●○★☆■□▪▮▯◼◻*•\s]+|\d{1,3}\s?%|\d\s?/\s?\d{1,2}")


def find_skills(rows: Sequence[Row]) -> Iterator[Candidate]:
    """The skills of a section: what its lists are divided into, without labels and levels."""
    several = sum(len(_outside(row.text)) > 1 for row in rows) > 0
    for index, row in enumerate(rows):
        start = row.bullet
        label = _LABEL.match(row.text, start)
        if label:
            start = label.end()
        elif _is_label(rows, index):
            continue
        yield from _skills(row, start, sure=0.9 if label or row.bullet or several else 0.75)


def skill_label(rows: Sequence[Row], index: int) -> tuple[int, int] | None:
    """Where a row of skills, or the one above it, says what they are; `None` if neither does."""
    row = rows[index]
    if match := _LABEL.match(row.text, row.bullet):
        return row.start + match.start(1), row.start + match.end(1)
    if index and _is_label(rows, index - 1) and not _LABEL.match(rows[index - 1].text):
        above = rows[index - 1]
        return above.start + above.bullet, above.start + len(above.text.rstrip(": "))
    return None


def _is_label(rows: Sequence[Row], index: int) -> bool:
    """Whether a row only names the list below it: short, without a list of its own, and set apart."""
    row = rows[index]
    if index + 1 == len(rows) or row.bullet or row.words > 4 or len(_outside(row.text)) > 1:
        return False
    below = rows[index + 1]
    marked = row.text.endswith(":")
    lists = len(_outside(below.text)) > (not marked) or bool(below.bullet)
    return lists and (marked or row.bold != below.bold or row.size != below.size)


def _skills(row: Row, start: int, *, sure: float) -> Iterator[Candidate]:
    place = start
    for divider in [*_outside(row.text, start), None]:
        end = divider[0] if divider else len(row.text)
        text = row.text[place:end]
        lead = len(text) - len(text.lstrip(" -–—:"))
        bare = _LEVEL.sub("", text.strip(" .:-–—"))
        if (
            bare
            and re.search(r"\w", bare)
            and len(bare.split()) <= LONGEST_SKILL
            and not _RATING.fullmatch(bare)
        ):
            begins = row.start + place + lead
            yield Candidate(start=begins, end=begins + len(bare), label=SKILL, confidence=sure)
        place = divider[1] if divider else end


def _outside(text: str, start: int = 0) -> list[tuple[int, int]]:
    """Where a list is divided, not counting what is in parentheses."""
    depths = list(accumulate((letter == "(") - (letter == ")") for letter in text))
    return [match.span() for match in _COMMA.finditer(text, start) if depths[match.start()] <= 0]


def find_languages(rows: Sequence[Row]) -> Iterator[Candidate]:
    """The languages of a section, and what stands behind each until the next: how well it is known."""
    spoken = told = False
    for row in rows:
        known = is_language(row.text[row.bullet :]) or spoken
        place, first = row.bullet, True
        for match in [*_TALK.finditer(row.text, place), None]:
            end = match.start() if match else len(row.text)
            text = row.text[place:end].strip(" .")
            start = row.start + place + len(row.text[place:end]) - len(row.text[place:end].lstrip(" ."))
            place = match.end() if match else end
            if not re.search(r"\w", text) or _RATING.fullmatch(text):
                continue
            if is_language(text) or (first and not known):
                yield from _language(text, start, sure=0.95 if is_language(text) else 0.5)
                spoken, told = True, False
            elif spoken and told and not _FLUENT.match(text):
                yield from _language(text, start, sure=0.6)
                told = False
            elif spoken:
                yield Candidate(start=start, end=start + len(text), label=FLUENCY, confidence=0.9)
                told = True
            first = False


def _language(text: str, start: int, *, sure: float) -> Iterator[Candidate]:
    """A language, and the level where it follows without anything between."""
    words = list(_WORD.finditer(text))
    count = language_words(text) or len(words)
    end = words[count - 1].end()
    yield Candidate(start=start, end=start + end, label=LANGUAGE, confidence=sure)
    if count < len(words):
        begins = start + words[count].start()
        yield Candidate(start=begins, end=start + len(text), label=FLUENCY, confidence=0.85)


def find_named(kind: str, rows: Sequence[Row]) -> Iterator[Candidate]:
    """What the entries of a section of the given kind are called, and their dates."""
    for entry in named_entries(kind, rows):
        head = entry[0].piece(entry[0].bullet, len(entry[0].text)) if entry[0].bullet else entry[0]
        titled = _TITLED.match(head.text) if kind == "projects" else None
        head = head.piece(0, titled.end(1)) if titled else head
        for piece in cut_name(head, at_comma=kind in GIVEN)[:1]:
            sure = 0.85 if piece.row == 0 and len(piece.text.split()) <= 14 else 0.6
            yield Candidate(start=piece.start, end=piece.end, label=NAMED[kind], confidence=sure)
        periods = [
            period.moved(row.start)
            for row in entry[:3]
            if not row.bullet or row is entry[0]
            for period in row.periods
        ]
        yield from dates_of(periods[:1])


def _referees(rows: Sequence[Row]) -> list[list[Row]]:
    """Each person begins with a name, behind what tells how the one before is reached."""
    entries: list[list[Row]] = []
    for row in rows:
        words = row.text[row.bullet :].split()
        named = 2 <= len(words) <= 5 and all(word[0].isupper() or len(word) < 4 for word in words)
        named = named and not re.search(r"[\d@,]", row.text) and not evidence(row.text, "titles")
        if not entries or (named and (row.bullet or re.search(r"\d{3}|@", entries[-1][-1].text))):
            entries.append([])
        entries[-1].append(row)
    return entries


def named_entries(kind: str, rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each entry of such a section."""
    if not rows:
        return []
    if kind == "references":
        return _referees(rows)
    marked = [row for row in rows if row.bullet]
    if kind == "projects" and all(_TITLED.match(row.text, row.bullet) for row in rows):
        return [[row] for row in rows]
    if kind != "projects" and (len(marked) == len(rows) or not any(row.periods for row in rows)):
        if kind == "publications" and not marked:
            return [[*entry.head, *entry.body] for entry in split_entries(rows)]
        return [[row] for row in rows]
    return [sorted([*entry.head, *entry.body], key=lambda row: row.start) for entry in split_entries(rows)]


def dates_of(periods: Sequence[Period], sure: float = 0.9) -> Iterator[Candidate]:
    """The dates of periods as candidates."""
    for period in periods:
        for date, label in ((period.begin, START_DATE), (period.finish, END_DATE)):
            if date is not None:
                yield Candidate(start=date.start, end=date.end, label=label, confidence=sure)
