"""Dates and periods in running text: months in nine languages, seasons, open ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from spanwise.tasks.resume.dates import MONTHS, PRESENT, SHORT_MONTHS, parse_date

_MORE_PRESENT = (
    "today", "currently", "actual", "aujourd’hui", "ce jour", "actuel", "présent", "bis heute", "derzeit",
    "gegenwärtig", "la actualidad", "la fecha", "en curso", "ad oggi", "attualmente", "op dit moment",
    "dato", "idag", "nåværende", "obecnie", "teraz", "nadal", "současnost", "nykyinen", "halen", "günümüz",
    "tot nu", "à aujourd'hui", "agora", "dias atuais", "till date", "date",
)  # fmt: skip
_SEASONS = (
    "spring|summer|autumn|fall|winter|printemps|été|automne|hiver|frühjahr|frühling|sommer|herbst|primavera"
    "|verano|otoño|invierno|estate|autunno|inverno|lente|zomer|herfst|verão|outono|ws|ss|wise|sose|vår|höst"
    "|forår|efterår"
)
_DIGITS = re.compile(r"\d\d")
_YEAR = r"(?:19|20)\d\d"
_DURATION = re.compile(
    r"\(?\b\d{1,2}(?:[.,]\d)?\+?\s*(?:years?|yrs?|months?|mos?|ans?|années?|mois|jahre?n?|monate?n?|años?|mes(?:es)?|anni"
    r"|anno|mes[ei]|jaar|maanden|maand|anos?|år|månader|måneder)\b\.?"
    r"(?:[\s,&]*(?:and|et|und|y|e|en|och|og)?\s*\d{1,2}\s*(?:months?|mos?|mois|monate?n?|mes(?:es|i)?|maanden|maand|månader"
    r"|måneder)\b\.?)?\)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Date:
    """A date in a text; `value` is in ISO 8601 at its precision, and `None` for what goes on."""

    start: int
    end: int
    value: str | None


@dataclass(frozen=True)
class Period:
    """From when to when; a single date is an end without a beginning.

    `start` and `end` hold words like "since", too.
    """

    start: int
    end: int
    begin: Date | None
    finish: Date | None

    @property
    def dates(self) -> tuple[Date, ...]:
        """One or two, in the order of the text."""
        return tuple(date for date in (self.begin, self.finish) if date)

    def moved(self, offset: int) -> Period:
        """The same, `offset` characters further on."""
        begin, finish = (
            date and Date(date.start + offset, date.end + offset, date.value)
            for date in (self.begin, self.finish)
        )
        return Period(self.start + offset, self.end + offset, begin, finish)

    @property
    def closed(self) -> bool:
        """Whether it is a range, be it one that goes on, and no single date."""
        return self.begin is not None


def find_periods(text: str) -> list[Period]:
    """The periods and single dates of a text, in its order.

    A range may run over one line end, as a narrow column breaks it.
    """
    found: list[Period] = []
    if not _DIGITS.search(text):  # most rows: many times as fast as the pattern
        return found
    place = 0
    while match := _pattern().search(text, place):
        period = _period(match)
        place = match.end()
        if period is not None:
            found.append(period)
    return found


def without_periods(text: str, periods: Sequence[Period] | None = None) -> str:
    """The text with dates, periods and durations blanked, its length kept.

    Args:
        text: A row of a résumé.
        periods: Those in it, where they are known.
    """
    for period in find_periods(text) if periods is None else periods:
        text = text[: period.start] + " " * (period.end - period.start) + text[period.end :]
    return _DURATION.sub(lambda match: " " * len(match.group()), text)


def is_duration(text: str) -> bool:
    """Whether it tells a length of time and nothing else, as "2 years 3 months"."""
    return _DURATION.fullmatch(text.strip()) is not None


def _period(match: re.Match[str]) -> Period | None:
    begin, finish = _ends(match)
    if begin is None and (finish is None or finish.value is None):
        return None
    return Period(match.start(), match.end(), begin, finish)


def _ends(match: re.Match[str]) -> tuple[Date | None, Date | None]:
    if match["month"] is not None:  # "May - August 2020": one year for both
        year = re.search(_YEAR, match["ending"])
        value = parse_date(f"{match['month']} {year.group()}") if year else None
        return Date(match.start("month"), match.end("month"), value), _date(match, "ending")
    if match["years"] is not None:  # "2018/19"
        value = match["years"][:2] + match["short"]
        return _date(match, "years"), Date(match.start("short"), match.end("short"), value)
    if match["since"] is not None:
        return _date(match, "open"), None
    return _date(match, "first"), _date(match, "last") or _date(match, "alone")


def _date(match: re.Match[str], name: str) -> Date | None:
    if match[name] is None:
        return None
    words = match[name]
    value = parse_date(words) if _DIGITS.search(words) else None  # else it says that it goes on
    return Date(match.start(name), match.end(name), value)


@cache
def _pattern() -> re.Pattern[str]:
    months = _alternatives(
        name.rstrip(".") for names in (*MONTHS.values(), *SHORT_MONTHS.values()) for name in names
    )
    cut = "Sept|Juni|Juli|June|July|Juil|Avr|Fév|Févr|Mrz|Mär|Set|Dic|Dez|Déc|Abr|Ago|Ene|Fev|Okt|Mai|Maj|Gen"
    word = rf"(?:{months}|{cut}|{_SEASONS})\.?"
    of = r"(?:\s*,\s*|\s+(?:de|del|di|of)\s+|\s*['’]|\s+)"
    year = rf"{_YEAR}(?!\d)"
    date = (
        rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|e|º|\.)?(?:\s+de)?\s+)?\b{word}{of}{year}"
        rf"|\b{word}\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,?\s+{year}"
        rf"|\b{word}\s*['’]\s?\d\d(?!\d)"
        rf"|(?<![\d/.-])(?:[0-3]?\d\s?[./-]\s?)?(?:0?[1-9]|[1-3]\d)\s?[./-]\s?{year}"
        rf"|(?<!\d){_YEAR}[./-](?:0[1-9]|1[0-2])(?:[./-][0-3]\d)?(?![\d])"
        rf"|(?<![\d.,$€£#+]){year}(?![%+]|[.,]\d)"
    )
    present = rf"\b(?:{_alternatives([*_MORE_PRESENT, *(w for words in PRESENT.values() for w in words)])})\b"
    gap = r"[ \t]*\n?[ \t]*"
    to = rf"(?:{gap}[-–—−‒→~]+{gap}|{gap}\b(?:to|until|till|through|thru|bis|à|au|a|al|hasta|tot|até|do|t/m|til|bis zum|bis)\b{gap}|\s+/\s+)"  # noqa: E501, RUF001
    since = (
        r"\b(?-i:[Ss]ince|[Ff]rom|[Ss]eit|ab|[Dd]epuis(?: le)?|[Dd]esde|[Dd]al|da|[Ss]inds|[Vv]anaf|[Ss]edan"
        r"|[Ss]iden|[Ff]ra|[Ff]rån)\b"
    )
    pattern = (
        rf"(?:{since}\s+)?(?P<first>{date}){to}(?P<last>{date}|{present})"
        rf"|\b(?P<month>{word}){to}(?P<ending>{date})"
        rf"|(?<![\d./-])(?P<years>{_YEAR})(?:\s?[–/]\s?|-(?!0\d|1[012]))(?P<short>\d\d)(?![\d/.-])"
        rf"|(?P<since>{since})\s+(?P<open>{date})"
        rf"|(?P<alone>{date})"
    )
    return re.compile(pattern, re.IGNORECASE)


def _alternatives(words: Iterator[str] | list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))
