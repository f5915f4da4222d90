"""Families of layouts, and the style that one résumé of a family has.

A family is more than a look: it orders sections, words headings, forms dates and joins titles to employers in
ways of its own. Whole families and whole locales are kept for validation and for test.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from spanwise.schema import SplitName
from spanwise.tasks.resume.dates import Style as DateStyle
from spanwise.tasks.resume.generation.vocabulary import LOCALES

Layout = Literal["single", "left", "right", "columns", "table", "timeline", "form", "dense"]
DatePlace = Literal["right", "own", "inline", "aside"]
ListForm = Literal["commas", "bars", "bullets", "dots"]


@dataclass(frozen=True)
class Family:
    """A layout and what its styles are drawn from.

    Attributes:
        side: The side of the split that it is for.
        layout: How a page is divided.
        work: Patterns of the lines of a job; parts of a line that have nothing to tell are left away.
        education: Those of a course of study.
        dates: Forms of dates.
        date_place: Where an entry's date stands: right of its title, on a line, in its last line, or in a
            column of its own.
        lists: Forms of skills.
        headings: Which of the vocabulary's wordings, by number.
        aside: Sections of the narrow column, where there is one.
        order: Sections behind the summary, in the order of the main column; others follow.
    """

    name: str
    side: SplitName
    layout: Layout
    work: tuple[tuple[str, ...], ...]
    education: tuple[tuple[str, ...], ...]
    dates: tuple[DateStyle, ...]
    date_place: tuple[DatePlace, ...]
    lists: tuple[ListForm, ...]
    headings: tuple[int, ...]
    aside: tuple[str, ...] = ()
    order: tuple[str, ...] = ("work", "education", "skills")


_SIDEBAR = ("contact", "personal", "skills", "languages", "certificates")

FAMILIES: tuple[Family, ...] = (
    Family(
        name="classic",
        side="train",
        layout="single",
        work=(
            ("{position}, {employer}", "{place}"),
            ("{employer} – {position}",),
            ("{position}", "{employer}, {place}"),
        ),
        education=(("{degree}{in_area}{area}, {school}",), ("{school}", "{degree}{in_area}{area}")),
        dates=("long", "short", "slash", "year"),
        date_place=("right", "inline"),
        lists=("commas", "bullets"),
        headings=(0, 1),
    ),
    Family(
        name="sidebar-left",
        side="train",
        layout="left",
        work=(("{position}", "{employer} | {place}"), ("{position} | {employer}",)),
        education=(("{degree}{in_area}{area}", "{school}"),),
        dates=("short", "slash", "dot"),
        date_place=("own", "right"),
        lists=("bullets", "commas"),
        headings=(0, 1),
        aside=_SIDEBAR,
        order=("work", "education", "projects"),
    ),
    Family(
        name="table",
        side="train",
        layout="table",
        work=(("{position}", "{employer}, {place}"), ("{employer}, {place}", "{position}")),
        education=(("{degree}{in_area}{area}", "{school}"), ("{school}", "{degree}{in_area}{area}")),
        dates=("slash", "dot", "year"),
        date_place=("aside",),
        lists=("commas", "dots"),
        headings=(0, 2),
        order=("personal", "work", "education", "languages"),
    ),
    Family(
        name="dense",
        side="train",
        layout="dense",
        work=(("{employer}, {place}: {position}",), ("{position} ({employer}, {place})",)),
        education=(("{school}: {degree}{in_area}{area}",), ("{degree}{in_area}{area} ({school})",)),
        dates=("short", "iso", "year"),
        date_place=("inline",),
        lists=("commas", "dots"),
        headings=(0, 1, 2),
        order=("skills", "work", "education"),
    ),
    Family(
        name="timeline",
        side="train",
        layout="timeline",
        work=(("{employer}", "{position}"), ("{position} – {employer}", "{place}")),
        education=(("{school}", "{degree}{in_area}{area}"),),
        dates=("short", "long", "dash"),
        date_place=("aside",),
        lists=("bars", "commas"),
        headings=(1, 2),
        order=("education", "work", "certificates"),
    ),
    Family(
        name="form",
        side="validation",
        layout="form",
        work=(("{position}", "{employer} – {place}"), ("{position} – {employer}",)),
        education=(("{degree}{in_area}{area}", "{school}"),),
        dates=("dot", "long", "slash"),
        date_place=("aside", "own"),
        lists=("commas", "bullets"),
        headings=(0, 2),
        order=("personal", "work", "education", "languages", "skills"),
    ),
    Family(
        name="modern",
        side="test",
        layout="single",
        work=(
            ("{employer} | {place}", "{position}"),
            ("{position} · {employer} · {place}",),
            ("{employer}", "{position}"),
        ),
        education=(("{school} | {degree}{in_area}{area}",), ("{degree}{in_area}{area} · {school}",)),
        dates=("short", "iso", "long"),
        date_place=("own", "right"),
        lists=("bars", "dots"),
        headings=(0, 3),
        order=("skills", "work", "projects", "education"),
    ),
    Family(
        name="sidebar-right",
        side="test",
        layout="right",
        work=(("{position}", "{employer}", "{place}"), ("{position} – {employer}, {place}",)),
        education=(("{degree}{in_area}{area}", "{school}"), ("{school}: {degree}{in_area}{area}",)),
        dates=("long", "slash", "year"),
        date_place=("own", "right"),
        lists=("bullets", "commas"),
        headings=(0, 3),
        aside=_SIDEBAR,
        order=("work", "education"),
    ),
    Family(
        name="columns",
        side="test",
        layout="columns",
        work=(("{position}", "{employer}, {place}"), ("{employer}", "{position}, {place}")),
        education=(("{degree}{in_area}{area}", "{school}"),),
        dates=("short", "slash", "dash"),
        date_place=("own",),
        lists=("commas", "bullets"),
        headings=(0, 3),
        aside=("education", "skills", "languages", "certificates", "awards", "publications", "references"),
        order=("work", "projects"),
    ),
)
SINGLE_COLUMN: frozenset[Layout] = frozenset({"single", "dense"})

HELD_OUT_LOCALES: Mapping[str, SplitName] = {"nl_NL": "validation", "it_IT": "test", "da_DK": "test"}
"""The locales that are not for training, and the side that they are for."""


class Style(NamedTuple):
    """What a family leaves open, drawn for one résumé."""

    family: Family
    work: tuple[str, ...]
    education: tuple[str, ...]
    dates: DateStyle
    date_place: DatePlace
    list_form: ListForm
    heading: int
    capitals: bool
    surname_capitals: bool
    dash: str
    bullet: str
    labelled_contact: bool
    contact_separator: str
    fluency: str
    footer: bool
    colour: str
    font: int
    aside_first: bool
    letterhead: bool
    encoding: str


def draw_style(family: Family, seed: str) -> Style:
    """A style of that family; the same for the same seed."""
    draw = random.Random(f"style {family.name} {seed}")  # noqa: S311 - not for secrets
    return Style(
        family=family,
        work=draw.choice(family.work),
        education=draw.choice(family.education),
        dates=draw.choice(family.dates),
        date_place=draw.choice(family.date_place),
        list_form=draw.choice(family.lists),
        heading=draw.choice(family.headings),
        capitals=draw.random() < 0.4,
        surname_capitals=draw.random() < 0.15,
        dash=draw.choice((" – ", " - ", "–", " — ")),
        bullet=draw.choice(("•", "-", "–", "*")),
        labelled_contact=draw.random() < 0.5,
        contact_separator=draw.choice((" | ", " • ", " · ")),
        fluency=draw.choice(("{language} ({fluency})", "{language}: {fluency}", "{language} – {fluency}")),
        footer=draw.random() < 0.25,
        colour=draw.choice(("#1f3a5f", "#3b5d50", "#5b2a3c", "#333333", "#8a4b08")),
        font=draw.randrange(3),
        aside_first=draw.random() < 0.5,
        letterhead=draw.random() < 0.25,
        encoding=draw.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252")),
    )


def families_of(side: SplitName) -> tuple[Family, ...]:
    """The families that are for that side."""
    return tuple(family for family in FAMILIES if family.side == side)


def locales_of(side: SplitName) -> tuple[str, ...]:
    """The locales that are for that side."""
    return tuple(code for code in LOCALES if HELD_OUT_LOCALES.get(code, "train") == side)


class Cell(NamedTuple):
    """A family and a locale that go together on a side, and which of the two training has not seen."""

    family: Family
    locale: str
    held_out: Literal["neither", "family", "locale", "both"]


def cells(side: SplitName) -> tuple[Cell, ...]:
    """The cells of a side, by turns those where both are new, the family is, and the locale is.

    Training has families and locales that are for training; every document of the other sides has a family or
    a locale that is not, and none that is the other's.
    """
    seen_families, seen_locales = families_of("train"), locales_of("train")
    if side == "train":
        return tuple(Cell(family, code, "neither") for code in seen_locales for family in seen_families)
    families, locales = families_of(side), locales_of(side)
    both = [Cell(family, code, "both") for code in locales for family in families]
    family_alone = [Cell(family, code, "family") for code in seen_locales for family in families]
    locale_alone = [Cell(family, code, "locale") for code in locales for family in seen_families]
    longest = max(len(both), len(family_alone), len(locale_alone))
    return tuple(
        part[index % len(part)] for index in range(longest) for part in (both, family_alone, locale_alone)
    )
