"""All that the rules find in a résumé."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.entries import split_entries
from spanwise.tasks.resume.fields import EMAIL, SUMMARY, URL
from spanwise.tasks.resume.person import linked_handles
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.addresses import find_address
from spanwise.tasks.resume.rules.careers import find_jobs, find_studies
from spanwise.tasks.resume.rules.contacts import find_contacts
from spanwise.tasks.resume.rules.identity import find_identity
from spanwise.tasks.resume.rules.lists import NAMED, find_languages, find_named, find_skills
from spanwise.tasks.resume.sections import HEADER, Section

PERSONAL = (HEADER, "contact")


def find_candidates(
    text: str, rows: Sequence[Row], sections: Sequence[Section], links: Sequence[str] = ()
) -> list[Candidate]:
    """What the rules take for fields, in the order of the text; no two of them overlap.

    Args:
        text: Of the document.
        rows: Of the document.
        sections: Of these rows.
        links: Addresses behind links of the document.
    """
    found = [*_personal(text, rows, sections, links)]
    taken = [(each.start, each.end) for each in found]
    for section in sections:
        found += [each for each in _of_section(section) if not _inside(each, taken)]
    return sorted(found, key=lambda each: (each.start, each.end))


def _personal(
    text: str, rows: Sequence[Row], sections: Sequence[Section], links: Sequence[str]
) -> Iterator[Candidate]:
    header = [section for section in sections if section.kind in PERSONAL]
    ranges = [(section.start, section.end) for section in header]
    held = [row for section in header for row in section.rows]
    contacts = find_contacts(text, header=ranges)
    for place, link in linked_handles(text, ranges, links).items():
        handle = Candidate(
            start=place, end=place + len(link.rstrip("/").rpartition("/")[2]), label=URL, confidence=0.9
        )
        if not _inside(handle, [(each.start, each.end) for each in contacts]):
            contacts.append(handle)
    yield from contacts
    taken = [(each.start, each.end) for each in contacts]
    emails = [text[each.start : each.end] for each in contacts if each.label == EMAIL]
    largest = max((row.size for row in rows if row.size is not None), default=None)
    identity = find_identity(held, emails, taken, largest)
    yield from identity
    taken += [(each.start, each.end) for each in identity]
    yield from find_address(held, taken)
    yield from _told(held, sections)


def _told(held: Sequence[Row], sections: Sequence[Section]) -> Iterator[Candidate]:
    """A summary that stands without a heading below the name."""
    if any(section.kind == "summary" for section in sections):
        return
    told = [row for row in held if row.words >= 8 and row.text.endswith((".", "!")) and "@" not in row.text]
    if told:
        yield Candidate(start=told[0].start, end=told[-1].end, label=SUMMARY, confidence=0.75)


def _of_section(section: Section) -> Iterator[Candidate]:
    rows = section.rows
    if section.kind == "work":
        yield from find_jobs(split_entries(rows))
    elif section.kind == "education":
        yield from find_studies(split_entries(rows))
    elif section.kind == "skills":
        yield from find_skills(rows)
    elif section.kind == "languages":
        yield from find_languages(rows)
    elif section.kind in NAMED:
        yield from find_named(section.kind, rows)
    elif section.kind == "summary" and rows:
        yield Candidate(start=rows[0].start, end=rows[-1].end, label=SUMMARY, confidence=0.9)


def _inside(candidate: Candidate, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < candidate.end and candidate.start < end for start, end in taken)
