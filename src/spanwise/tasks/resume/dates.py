"""Dates as résumés write them, in nine languages, to ISO 8601 at the stated precision and back.

What is not said is not made up: "March 2019" is `2019-03`, "summer 2019" is `2019`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, get_args

Style = Literal["long", "short", "slash", "dot", "dash", "iso", "year"]
"""March 2019, Mar 2019, 03/2019, 03.2019, 03-2019, 2019-03, 2019."""
STYLES: tuple[Style, ...] = get_args(Style)

_FULL = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
}
_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.",
    "es": "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
    "pt": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "sv": "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.",
    "da": "jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.",
}
MONTHS: Mapping[str, tuple[str, ...]] = {language: tuple(names.split()) for language, names in _FULL.items()}
"""The names of the months by language, January first."""
SHORT_MONTHS: Mapping[str, tuple[str, ...]] = {
    language: tuple(names.split()) for language, names in _SHORT.items()
}
"""The same, as people shorten them."""

PRESENT: Mapping[str, tuple[str, ...]] = {
    "en": ("Present", "present", "Current", "Now", "to date", "ongoing"),
    "fr": ("aujourd'hui", "présent", "à ce jour", "en cours", "actuellement"),
    "de": ("heute", "jetzt", "aktuell", "laufend"),
    "es": ("actualidad", "presente", "hoy", "actualmente"),
    "it": ("oggi", "presente", "attuale", "in corso"),
    "nl": ("heden", "nu", "huidig", "tot op heden"),
    "pt": ("atual", "presente", "atualmente", "o momento", "hoje"),
    "sv": ("nu", "nuvarande", "pågående", "nutid"),
    "da": ("nu", "nuværende", "i dag", "d.d."),
}
"""What stands for the end of something that goes on, by language; the first is the usual one."""

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_SEP = r"\s?[/.\-–]\s?"
_ORDINAL = r"(?:st|nd|rd|th|er|e|º|ª|\.)?"
_OF = r"(?:\s|,|de\b|del\b|di\b|of\b|do\b|')*"
_WORD = r"(?P<word>[^\W\d_]{3,})\.?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}{_SEP}{_MONTH}{_SEP}{_DAY}",
        rf"{_YEAR}{_SEP}{_MONTH}",
        rf"{_MONTH}{_SEP}{_YEAR}",
        rf"{_DAY}{_ORDINAL}{_OF}{_WORD}{_OF}{_YEAR}",
        rf"{_WORD}\s?{_DAY}{_ORDINAL}{_OF}{_YEAR}",
        rf"{_WORD}{_OF}{_YEAR}",
        rf"{_YEAR}{_OF}{_WORD}",
        _YEAR,
    )
)
_DAY_FIRST = re.compile(rf"{_DAY}{_SEP}{_MONTH}{_SEP}{_YEAR}")
_MONTH_FIRST = re.compile(rf"{_MONTH}{_SEP}{_DAY}{_SEP}{_YEAR}")
_SHORT_YEAR = re.compile(rf"(?:{_MONTH}/|{_WORD}\s?['’]?)(?P<short>\d{{2}})")
_LONE_YEAR = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def is_iso_date(text: str) -> bool:
    """Whether it is `YYYY`, `YYYY-MM` or `YYYY-MM-DD` and exists in the calendar."""
    match = _ISO.fullmatch(text)
    if not match or not text.isascii():
        return False
    return _exists(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def is_present(text: str, language: str | None = None) -> bool:
    """Whether the text stands for today, in any language or in one."""
    words = PRESENT.values() if language is None else [PRESENT[language]]
    return _folded(text) in {_folded(word) for each in words for word in each}


def parse_date(text: str, *, month_first: bool = False) -> str | None:
    """The date that a text tells, at its precision; `None` where it tells none, or more than one.

    Args:
        text: One date, as in "03/2019", "Sept. 2019", "14. März 2019" or "Mar '19".
        month_first: Read 03/04/2019 as in the United States; it is in April otherwise. Where only one
            reading is a date, that one is taken.
    """
    plain = _folded(text)
    for form in (*((_MONTH_FIRST, _DAY_FIRST) if month_first else (_DAY_FIRST, _MONTH_FIRST)), *_FORMS):
        if (match := form.fullmatch(plain)) and (found := _iso(match)):
            return found
    if (match := _SHORT_YEAR.fullmatch(plain)) and (found := _iso(match)):
        return found
    years = {found["year"] for found in _LONE_YEAR.finditer(plain)}
    return years.pop() if len(years) == 1 else None


def format_date(date: str, style: Style, language: str) -> str:
    """The month and year of an ISO date as a résumé in that language writes them; a bare year stays one."""
    year, _, rest = date.partition("-")
    if not rest or style == "year":
        return year
    month = rest[:2]
    index = int(month) - 1
    between = " de " if language in ("es", "pt") and style == "long" else " "
    forms: Mapping[Style, str] = {
        "long": f"{MONTHS[language][index]}{between}{year}",
        "short": f"{SHORT_MONTHS[language][index]} {year}",
        "slash": f"{month}/{year}",
        "dot": f"{month}.{year}",
        "dash": f"{month}-{year}",
        "iso": f"{year}-{month}",
    }
    return forms[style]


def _iso(match: re.Match[str]) -> str | None:
    """The date of a match; `None` if there is no such day or month."""
    parts = match.groupdict()
    year = parts.get("year") or _century(parts["short"])
    month = parts.get("month") or _MONTH_OF.get(parts.get("word") or "")
    if month is None:
        return None if parts.get("word") else year
    day = parts.get("day")
    if not _exists(int(year), int(month), int(day or 1)):
        return None
    return f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")


def _century(short: str) -> str:
    """A year of two digits: those up to 49 are of this century."""
    return f"{'20' if int(short) < 50 else '19'}{short}"


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _folded(text: str) -> str:
    """Lower case, without accents, with single spaces."""
    plain = unicodedata.normalize("NFKD", text).replace("’", "'")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def _months() -> Mapping[str, str]:
    """The number of each month by its folded names and abbreviations of at least three letters."""
    found: dict[str, str] = {"sept": "9", "agos": "8"}
    for names in (*MONTHS.values(), *SHORT_MONTHS.values()):
        for number, name in enumerate(names, start=1):
            folded = _folded(name).rstrip(".")
            found[folded] = str(number)
            if len(names[0]) > 4:  # full names: people cut them after three letters or four
                found.setdefault(folded[:3], str(number))
                found.setdefault(folded[:4], str(number))
    return found


_MONTH_OF = _months()
