"""Candidates to a résumé: which of them belong to one job, one course of study, one certificate.

Rules and taggers share it: it goes by reading order, sections and the rows of their entries, whoever found
what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from spanwise.tasks.resume import fields
from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.dates import is_iso_date, parse_date
from spanwise.tasks.resume.entries import Entry, row_periods, split_entries
from spanwise.tasks.resume.person import assemble_basics
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.careers import job_place
from spanwise.tasks.resume.rules.finding import PERSONAL
from spanwise.tasks.resume.rules.heads import cut_name
from spanwise.tasks.resume.rules.lists import GIVEN, NAMED, named_entries, skill_label
from spanwise.tasks.resume.sections import Section
from spanwise.tasks.resume.value import Value, squeezed

Item = dict[str, Any]

_CAREERS = {
    "work": {"employer": fields.EMPLOYER, "position": fields.POSITION},
    "education": {"school": fields.SCHOOL, "degree": fields.DEGREE, "area": fields.AREA},
}
_NAMES = {
    "certificates": "name",
    "awards": "title",
    "publications": "name",
    "projects": "name",
    "references": "name",
}
_GIVERS = {"certificates": "issuer", "awards": "awarder", "publications": "publisher"}
_EDGES = " \t,;:-–—|•·()"
_LEADING = _EDGES.replace("(", "")  # telephone numbers begin with one
_DOI = re.compile(r"10\.\d{4,}/|https?://|doi", re.IGNORECASE)
_TOLD = 0.7  # of the confidence of an item's name is left for what only stands beside it


def assemble(
    text: str, sections: Sequence[Section], candidates: Sequence[Candidate], links: Sequence[str] = ()
) -> Item:
    """The tree of `model.Resume` with values that know where they stand.

    Args:
        text: Of the document.
        sections: Of its rows.
        candidates: That do not overlap, in the order of the text.
        links: Addresses behind links of the document.
    """
    personal = [(section.start, section.end) for section in sections if section.kind in PERSONAL]
    found: Item = {"basics": assemble_basics(text, candidates, personal, links)}
    for section in sections:
        held = [each for each in candidates if section.start <= each.start < section.end]
        for kind, items in _of_section(text, section, held):
            found.setdefault(kind, []).extend(items)
    return found


def _of_section(text: str, section: Section, held: Sequence[Candidate]) -> Iterator[tuple[str, list[Item]]]:
    labels = {each.label for each in held}
    for kind, names in _CAREERS.items():
        if labels & set(names.values()):
            yield kind, list(_careers(text, kind, section.rows, held))
    if fields.SKILL in labels:
        yield "skills", list(_skills(text, section.rows, held))
    if fields.LANGUAGE in labels:
        yield "languages", list(_languages(text, held))
    for kind, label in NAMED.items():
        if label in labels:
            yield kind, list(_named(text, kind, section.rows, held))


# Jobs and courses of study.


def _careers(text: str, kind: str, rows: Sequence[Row], held: Sequence[Candidate]) -> Iterator[Item]:
    names = _CAREERS[kind]
    labels = {*names.values(), fields.START_DATE, fields.END_DATE}
    for entry in split_entries(rows):
        inside = [each for each in held if entry.start <= each.start < entry.end and each.label in labels]
        chosen = list(_chosen(inside, entry))
        items = [_career(text, names, group, entry) for group in _cycles(chosen, set(names.values()))]
        items = [item for item in items if item.keys() & names.keys()]
        if kind == "work":
            _tell(text, items, entry)
        yield from items


def _chosen(inside: Sequence[Candidate], entry: Entry) -> Iterator[Candidate]:
    """Of each label what the surer source says, in the head if anything of it is there."""

    def in_head(candidate: Candidate) -> bool:
        return any(row.start <= candidate.start < row.end for row in entry.head)

    for label in dict.fromkeys(each.label for each in inside):
        alike = [each for each in inside if each.label == label]
        alike = [each for each in alike if in_head(each)] or alike
        surest = max(alike, key=lambda each: each.confidence)
        yield from (each for each in alike if each.source == surest.source)


def _cycles(chosen: Iterable[Candidate], naming: set[str]) -> list[list[Candidate]]:
    """Candidates of one item each: a label that comes again begins the next item, if that has a name, too."""
    order = sorted(chosen, key=lambda each: each.start)
    groups: list[list[Candidate]] = [[]]
    for each in order:
        again = any(other.label == each.label for other in groups[-1])
        if again and sum(other.label in naming for other in order) > len(naming):
            groups.append([])
        groups[-1].append(each)
    whole = [group for group in groups if any(each.label in naming for each in group)]
    return whole or groups


def _career(text: str, names: dict[str, str], group: Sequence[Candidate], entry: Entry) -> Item:
    item: Item = {}
    for name, label in names.items():
        held = [each for each in group if each.label == label]
        if held:
            item[name] = Value.of(text, max(held, key=lambda each: each.confidence))
    return item | _dates(text, group, (*entry.head, *entry.body), single="end")


def _tell(text: str, items: Sequence[Item], entry: Entry) -> None:
    """Add to the jobs of an entry what stands in it beside them; the last one has done what is told."""
    if not items:
        return
    sure = _TOLD * max(value.confidence for value in items[-1].values())
    employer = items[-1].get("employer")
    place = job_place(entry, (employer.start, employer.end) if employer else None)
    if place and not any(_overlaps(place.start, place.end, item) for item in items):
        for item in items:
            item["location"] = Value(squeezed(text[place.start : place.end]), place.start, place.end, sure)
    listed, told = _body(entry.body, sure)
    if listed:
        items[-1]["highlights"] = listed
    if told:
        words = " ".join(squeezed(row.text) for row in told)
        items[-1]["summary"] = Value(words, told[0].start, told[-1].end, sure)


def _body(rows: Sequence[Row], sure: float) -> tuple[list[Value], list[Row]]:
    """The items of lists among the rows, and the rows that are none."""
    listed: list[Value] = []
    told: list[Row] = []
    for row in rows:
        if listed and not row.bullet and row.text[0].islower():  # a page broke it
            last = listed.pop()
            listed.append(replace(last, value=f"{last.value} {squeezed(row.text)}", end=row.end))
        elif row.bullet:
            listed.append(Value(squeezed(row.text[row.bullet :]), row.start + row.bullet, row.end, sure))
        else:
            told.append(row)
    return listed, told


def _overlaps(start: int, end: int, item: Item) -> bool:
    return any(value.start < end and start < value.end for value in item.values() if isinstance(value, Value))


# Dates.


def _dates(text: str, group: Sequence[Candidate], rows: Sequence[Row], *, single: str) -> Item:
    """The first beginning and the surest end of a group; a lone date goes to the field `single`."""
    known = {
        (date.start, date.end): date.value
        for row in rows
        for period in row_periods(row)
        for date in period.dates
    }
    item: Item = {}
    for name, label in (("start", fields.START_DATE), (single, fields.END_DATE)):
        held = [each for each in group if each.label == label]
        if not held:
            continue
        surest = max(held, key=lambda each: (round(each.confidence, 3), -each.start))
        place = (surest.start, surest.end)
        value = known[place] if place in known else parse_date(text[surest.start : surest.end])
        if value is not None and is_iso_date(value):
            item[name] = Value.of(text, surest, value)
    return item


# Lists.


def _skills(text: str, rows: Sequence[Row], held: Sequence[Candidate]) -> Iterator[Item]:
    """One item for each label with its skills as keywords, and one for each skill without a label."""
    groups: dict[tuple[int, int], list[Value]] = {}
    for index, row in enumerate(rows):
        inside = [each for each in held if each.label == fields.SKILL and row.start <= each.start < row.end]
        label = skill_label(rows, index) if inside else None
        if label and not any(each.start < label[1] and label[0] < each.end for each in inside):
            groups.setdefault(label, []).extend(Value.of(text, each) for each in inside)
        else:
            for each in inside:
                groups[each.start, each.end] = []
    by_place = {(each.start, each.end): each for each in held}
    for place, keywords in groups.items():
        if not keywords:
            yield {"name": Value.of(text, by_place[place])}
        else:
            sure = max(value.confidence for value in keywords)
            yield {"name": Value(squeezed(text[slice(*place)]), *place, sure), "keywords": keywords}


def _languages(text: str, held: Sequence[Candidate]) -> Iterator[Item]:
    item: Item = {}
    for each in held:
        if each.label == fields.LANGUAGE:
            if item:
                yield item
            item = {"language": Value.of(text, each)}
        elif each.label == fields.FLUENCY and item and "fluency" not in item:
            item["fluency"] = Value.of(text, each)
    if item:
        yield item


def _named(text: str, kind: str, rows: Sequence[Row], held: Sequence[Candidate]) -> Iterator[Item]:
    entries = named_entries(kind, rows)
    names = [each for each in held if each.label == NAMED[kind]]
    for index, each in enumerate(names):
        entry = next((rows for rows in entries if rows[0].start <= each.start < rows[-1].end), [])
        until = names[index + 1].start if index + 1 < len(names) else entry[-1].end if entry else each.end
        own = [row for row in entry if row.end > each.start and row.start < until]
        dated = [
            other
            for other in held
            if other.label in (fields.START_DATE, fields.END_DATE)
            and any(row.start <= other.start < row.end for row in own)
        ]
        item = {_NAMES[kind]: Value.of(text, each)}
        item |= _dates(text, dated, own, single="end" if kind == "projects" else "date")
        if kind not in ("projects", "references"):
            item.pop("start", None)
        if kind == "references":
            item = {"name": item["name"]}
        yield item | _beside(kind, each, own)


def _beside(kind: str, name: Candidate, rows: Sequence[Row]) -> Item:
    """Who gave it or published it, what it is about, or how to reach them: what is left of the entry."""
    sure = _TOLD * name.confidence
    if kind in _GIVERS:
        bare = [row.piece(row.bullet, len(row.text)) for row in rows[:3]]
        pieces = [
            piece
            for row in bare
            for piece in cut_name(row, at_comma=kind in GIVEN)
            if piece.start >= name.end
        ]
        piece = next((each for each in pieces if not _DOI.search(each.text)), None)
        if piece is None or len(piece.text.split()) > 8:
            return {}
        return {_GIVERS[kind]: Value(squeezed(piece.text), piece.start, piece.end, sure)}
    rest = [
        row.piece(max(0, name.end - row.start), len(row.text))
        for row in rows
        if row.end > name.end and (row.start < name.end or not row_periods(row))
    ]
    rest = [row.piece(len(row.text) - len(row.text.lstrip(_LEADING)), len(row.text)) for row in rest]
    rest = [row for row in rest if row.text and row.undated.strip(_EDGES)]
    rest = [row for row in rest if not row.bullet] or rest
    if not rest:
        return {}
    told = Value(
        " ".join(squeezed(row.text[row.bullet :]) for row in rest), rest[0].start, rest[-1].end, sure
    )
    return {"description" if kind == "projects" else "reference": told}
