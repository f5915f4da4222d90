"""A résumé before it has a layout: lines of labelled runs, in entries, in sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Run(NamedTuple):
    """A piece of a line: its text, the field that it tells, and what it is as personal data, if anything."""

    text: str
    field: str | None = None
    personal: str | None = None


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Entry:
    """A job, a course of study, a list of skills: what stands together.

    Attributes:
        lines: What it says.
        date: When; set where the layout has dates.
        bullets: What is listed below.
        titled: Whether its first line is the title of the rest.
    """

    lines: tuple[Line, ...]
    date: Line = ()
    bullets: tuple[Line, ...] = ()
    titled: bool = False


@dataclass(frozen=True)
class Section:
    """A heading and its entries; `key` is what it holds, whatever the heading is called."""

    key: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Sheet:
    """All of it; `contact` is empty where a section holds it, and so is `footer` where there is none."""

    name: Line
    headline: Line
    contact: tuple[Line, ...]
    sections: tuple[Section, ...]
    footer: Line = ()

    def lines(self) -> Iterator[Line]:
        """Every line that is not empty, headings excepted."""
        entries = [entry for section in self.sections for entry in section.entries]
        each = [self.name, self.headline, *self.contact, self.footer]
        for entry in entries:
            each += [*entry.lines, entry.date, *entry.bullets]
        yield from (line for line in each if line)


def text_of(line: Line) -> str:
    """The line without its labels."""
    return "".join(run.text for run in line)
