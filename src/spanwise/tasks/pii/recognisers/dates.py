"""Dates, one span each, in the months of a dozen languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from spanwise.schema import Span
from spanwise.tasks.pii.source import Source
from spanwise.tasks.resume.dates import MONTHS, SHORT_MONTHS

_MORE_MONTHS = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
    "styczeń",
    "luty",
    "marzec",
    "kwiecień",
    "maj",
    "czerwiec",
    "lipiec",
    "sierpień",
    "wrzesień",
    "październik",
    "listopad",
    "grudzień",
    "tammikuu",
    "helmikuu",
    "maaliskuu",
    "huhtikuu",
    "toukokuu",
    "kesäkuu",
    "heinäkuu",
    "elokuu",
    "syyskuu",
    "lokakuu",
    "marraskuu",
    "joulukuu",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
]
_YEAR = r"(?:19|20)\d\d"


@cache
def date_pattern() -> re.Pattern[str]:
    """One date: with a month by name or number, or a year by itself."""
    names = {name.rstrip(".") for each in (*MONTHS.values(), *SHORT_MONTHS.values()) for name in each}
    month = "|".join(
        sorted((re.escape(name) for name in (*names, *_MORE_MONTHS, "Sept")), key=lambda n: (-len(n), n))
    )
    of = r"[ ,]{1,2}(?:de |del |di |do |of )?"
    return re.compile(
        rf"(?<![\w./-])(?:(?:\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?\s(?:de |of )?)?(?:{month})\b\.?"
        rf"(?: \d{{1,2}}(?:st|nd|rd|th)?,?)?(?:{of}{_YEAR}|\s?['’]\d\d|\s\d\d(?!\d))"
        rf"|\d{{1,2}}[./-]\d{{1,2}}[./-](?:{_YEAR}|\d\d)|{_YEAR}[./-]\d{{1,2}}[./-]\d{{1,2}}"
        rf"|{_YEAR}[./-](?:0[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])\s?[./-]\s?{_YEAR}|{_YEAR})(?![\w/]"
        rf"|[.-]\d)(?!-\d\d(?!\d))",
        re.IGNORECASE,
    )


def find_dates(source: Source) -> Iterator[Span]:
    """Each date by itself, also those of a period."""
    for match in date_pattern().finditer(_opened(source.folded.text)):
        yield source.span(*match.span(), "DATE_TIME")


def _opened(text: str) -> str:
    """With spaces for the hyphens of periods, so that `2015-2018` is two dates; the length stays."""
    return re.sub(rf"(?<=\d\d\d\d)[-–—/](?={_YEAR})", " ", text)
