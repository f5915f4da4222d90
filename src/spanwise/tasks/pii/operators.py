"""What is written in the place of what is masked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from spanwise.tasks.pii.entities import Mention
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.levels import OPERATORS, Level
from spanwise.tasks.pii.places import cities, is_country
from spanwise.tasks.pii.surrogates import Surrogates, need_secret
from spanwise.tasks.resume.dates import parse_date

REDACTED = "[redacted]"
BAND = 5  # years of age
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN = re.compile(r"\s*(?:[-–—/]|to|until|bis|à|au|al|a|hasta|até|tot|do|till|til)\s*", re.IGNORECASE)
MARKER = re.compile(
    r"\[(?:[A-Z][A-Z_]*_\d+|redacted|executive|bank|hospital|university|school|insurer|public body"
    r"|association|company"
    r"|less than a year|\d+ years?(?: \d+ months?)?|\d+ months?)\]"
)
"""What replacements look like, stand-ins apart: never masked again."""
_CLASSES = (
    (r"bank|sparkasse|banque|banco|banca|caisse", "bank"),
    (r"hospital|klinik\w*|clinic|krankenhaus|hôpital|hopital|ospedale|ziekenhuis|nhs", "hospital"),
    (
        r"universit\w*|\w*hochschule|polytech\w*|politec\w*|institut\w*|college|academy|akademi\w*|faculté",
        "university",
    ),
    (r"school|\w*schule|lycée|lycee|collège|gymnasium|liceo|colegio|escola|escuela|scuola|lyceum", "school"),
    (r"insurance|versicherung\w*|assurance\w*|seguros|assicurazioni", "insurer"),
    (r"ministry|ministerium|ministère|government|council|city of|stadt|mairie|comune|agency", "public body"),
    (r"foundation|stiftung|fondation|association|e\.v\.?|verein|ngo|charity", "association"),
)
"""What the name of an organisation tells of its kind."""


@dataclass(frozen=True)
class Replacement:
    """One mention, and what stands in its place.

    Attributes:
        start: Half-open offsets in the original text.
        end: Behind its last character.
        label: What it was.
        key: The entity it names; personal data.
        text: What stands there instead.
    """

    start: int
    end: int
    label: str
    key: str
    text: str


class Writer:
    """Writes the replacements of one document at one level.

    Args:
        level: Which.
        text: The original.
        surrogates: Where the level needs them.
    """

    def __init__(self, level: Level, text: str, surrogates: Surrogates | None) -> None:
        self._level = level
        self._text = text
        self._surrogates = surrogates
        self._aliases: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}

    def replace(self, mentions: Sequence[Mention]) -> list[Replacement]:
        """What stands in the place of each mention, in the order of the text.

        Raises:
            UserError: If the level needs stand-ins and there is no key.
        """
        avoid = _words(self._text, mentions)
        periods = (
            _periods(self._text, mentions) if self._level == "thorough" else [[each] for each in mentions]
        )
        return [self._replacement(period, avoid) for period in periods]

    def _replacement(self, period: Sequence[Mention], avoid: Collection[str]) -> Replacement:
        first, last = period[0], period[-1]
        text = (
            self._write(first, avoid)
            if len(period) == 1
            else duration(self._surface(first), self._surface(last))
        )
        return Replacement(first.start, last.end, first.label, first.key, text)

    def _write(self, mention: Mention, avoid: Collection[str]) -> str:
        surface = self._surface(mention)
        match OPERATORS[self._level][mention.label]:
            case "alias":
                return self._alias(mention)
            case "surrogate":
                if self._surrogates is None:
                    need_secret(None)
                assert self._surrogates is not None
                return self._surrogates.of(mention.label, mention.key, surface, avoid)
            case "generalise":
                return generalise(mention.label, surface, self._level) or self._alias(mention)
        return REDACTED

    def _alias(self, mention: Mention) -> str:
        """`[PERSON_1]`: numbered as entities appear, past what the text itself has of the kind."""
        entity = mention.label, mention.key
        while entity not in self._aliases:
            number = self._numbers[mention.label] = self._numbers.get(mention.label, 0) + 1
            alias = f"[{mention.label}_{number}]"
            if alias not in self._text:
                self._aliases[entity] = alias
        return self._aliases[entity]

    def _surface(self, mention: Mention) -> str:
        return self._text[mention.start : mention.end]


def generalise(label: str, surface: str, level: Level) -> str | None:
    """Something coarser that is true of it; None where nothing is known.

    Moderate: the year of a date, the band of five years of an age, the region or country of a city.
    Thorough: the kind of an organisation; a date by itself goes.
    """
    match label:
        case "AGE":
            years = int(re.sub(r"\D", "", surface)[:3] or 0) // BAND * BAND
            return f"{years}–{years + BAND - 1}"
        case "LOCATION":
            return _region(surface)
        case "DATE_TIME":
            date = parse_date(surface) if level == "moderate" else None
            return date[:4] if date else REDACTED
        case "ORGANIZATION" | "SCHOOL":
            default = "company" if label == "ORGANIZATION" else "school"
            kinds = (kind for words, kind in _CLASSES if re.search(rf"(?i)\b(?:{words})\b", surface))
            return f"[{next(kinds, default)}]"
    return "[executive]"


def is_coarse(label: str, surface: str) -> bool:
    """Whether it is already as coarse as moderate makes it: a year, a country."""
    if label == "DATE_TIME":
        return bool(_YEAR.fullmatch(surface.strip()))
    return label == "LOCATION" and is_country(surface)


def duration(start: str, end: str) -> str:
    """How long a period lasted: `[2 years 3 months]`, in years alone where the months are not told."""
    first, last = parse_date(start), parse_date(end)
    if first is None or last is None:
        return REDACTED
    years = int(last[:4]) - int(first[:4])
    months = 12 * years + (int(last[5:7]) - int(first[5:7]) if len(first) > 4 and len(last) > 4 else 0)
    if months < 0:
        return REDACTED
    parts = [_counted(months // 12, "year"), _counted(months % 12, "month")]
    return f"[{' '.join(part for part in parts if part) or 'less than a year'}]"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


def _region(surface: str) -> str | None:
    place = cities().get(bare(surface.strip()))
    if place is None:
        return None
    return place.country if bare(place.region) == bare(surface.strip()) else place.region


def _periods(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Two dates with nothing between them but `to` belong together."""
    found: list[list[Mention]] = []
    for mention in mentions:
        before = found[-1][-1] if found and len(found[-1]) == 1 else None
        dates = before is not None and before.label == mention.label == "DATE_TIME"
        if before is not None and dates and _BETWEEN.fullmatch(text[before.end : mention.start]):
            found[-1].append(mention)
        else:
            found.append([mention])
    return found


def _words(text: str, mentions: Sequence[Mention]) -> frozenset[str]:
    """The bare words of what is masked, of three letters or more."""
    surfaces = (bare(text[mention.start : mention.end]) for mention in mentions)
    return frozenset(word for surface in surfaces for word in re.findall(r"[^\W\d_]{3,}", surface)) - _USUAL


_USUAL = frozenset(
    [
        "ltd",
        "gmbh",
        "inc",
        "llc",
        "and",
        "und",
        "the",
        "university",
        "street",
        "road",
        "group",
        "company",
        "com",
        "org",
        "net",
        "https",
        "www",
        "example",
    ]
)
"""Words that stand-ins may share with what they stand for."""
