"""Which region and country a city is in, and the names of countries, for finding and for generalising."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from spanwise.tasks.pii.folding import bare


@dataclass(frozen=True)
class Place:
    """A city with what it is in."""

    region: str
    country: str


@cache
def cities() -> Mapping[str, Place]:
    """Cities of some size, by their bare names."""
    return {bare(row["city"]): Place(row["region"], row["country"]) for row in _rows()}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    file = resources.files("spanwise.tasks.pii") / "data" / "cities.csv"
    return tuple(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


MOST_WORDS = 5
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*[\w.])?")
_AMBIGUOUS = frozenset(
    {"georgia", "jordan", "chad", "guinea", "oman", "mali", "togo", "jersey", "niger", "cuba"}
)
"""Countries that are more often names of persons, states or things in a résumé."""
_USUAL = (
    "UK|USA|U.S.A.|England|Scotland|Wales|Northern Ireland|Great Britain|The Netherlands|Brasil|Polska"
    "|Sverige|Danmark"
    "|Norge|Suomi|Czech Republic|Česko"
)


@cache
def countries() -> frozenset[str]:
    """Names of countries in the languages that `phonenumbers` knows them in, and some usual ones."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    listed = {name for names in LOCALE_DATA.values() for name in names.values() if not name.startswith("*")}
    known = {name for name in listed if len(name) > 3 and bare(name) not in _AMBIGUOUS}
    return frozenset(known | set(_USUAL.split("|")))


def find_countries(text: str) -> Iterator[tuple[int, int]]:
    """Half-open offsets of countries, capitalised."""
    yield from _find(text, _spelt(countries()))


def find_cities(text: str) -> Iterator[tuple[int, int]]:
    """Half-open offsets of the cities of the list, capitalised."""
    yield from _find(text, _spelt(frozenset(row["city"] for row in _rows())))


def is_country(name: str) -> bool:
    """Whether a place is a country."""
    return bare(name.strip()) in _bare_countries()


@cache
def _bare_countries() -> frozenset[str]:
    return frozenset(map(bare, countries()))


@cache
def _spelt(names: frozenset[str]) -> frozenset[str]:
    """As they are and in capitals."""
    return names | {name.upper() for name in names}


def _find(text: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Runs of at most five words that are a name, the longest at each place."""
    words = [match.span() for match in _WORD.finditer(text)]
    reach = 0
    for index, (start, _) in enumerate(words):
        if start < reach or not text[start].isupper():
            continue
        ends = (words[last][1] for last in reversed(range(index, min(index + MOST_WORDS, len(words)))))
        for end in (place for each in ends for place in (each, each - text[start:each].endswith("."))):
            if text[start:end] in names:
                yield start, end
                reach = end
                break
