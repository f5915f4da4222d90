"""Words that tell a job title from an employer, a degree from a school, and a place from both.

They are in `words/vocabulary.yaml`, folded as `headings.folded` does, with a star before those that also
count inside of a word, as German and Scandinavian words are put together.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from spanwise.tasks.resume.rules.headings import folded
from spanwise.tasks.resume.rules.lexicon import load_lists

Speaking = Literal["titles", "organisations", "schools", "degrees"]

CONNECTORS = "at|@|chez|bei|presso|bij|hos|na empresa|en la empresa|per conto di"

REMOTE = re.compile(
    r"(?:remote|hybrid|télétravail|teletrabajo|remoto|homeoffice|home office|thuiswerk|distans)",
    re.IGNORECASE,
)


def evidence(text: str, *lists: Speaking) -> float:
    """How much of a text speaks for some of the lists: 1 for a word of them, a little more for several."""
    found = _pattern(lists).findall(folded(text))
    return min(1.0 + 0.2 * (len(found) - 1), 1.6) if found else 0.0


@cache
def _pattern(lists: tuple[Speaking, ...]) -> re.Pattern[str]:
    stems = sorted({stem for name in lists for stem in load_lists("vocabulary")["stems"][name]})
    inner = [rf"\w*{re.escape(folded(stem))}" for stem in stems if stem.startswith("*")]
    # Not inside of a word, but for the ends of plurals and of German's feminine forms.
    whole = [rf"\b{re.escape(folded(stem))}(?=s?\b|in\b|innen\b)" for stem in stems if stem[0] != "*"]
    return re.compile("|".join([*inner, *whole]))


def is_language(text: str) -> bool:
    """Whether the first word of a text names a language that people speak."""
    words = folded(text).split()
    return bool(words) and any(word in _languages() for word in words[:2])


@cache
def _languages() -> frozenset[str]:
    return frozenset(load_lists("vocabulary")["languages"]["all"])


def country_code(text: str) -> str | None:
    """The ISO 3166-1 code of a country by its name, or None if it is none that is known."""
    return _countries().get(folded(text))


def is_country(text: str) -> bool:
    """Whether a text is the name of a country."""
    return country_code(text) is not None


@cache
def _countries() -> dict[str, str]:
    countries = load_lists("vocabulary")["countries"]
    return {name: code for code, names in countries.items() for name in names}


def country_names(code: str) -> tuple[str, ...]:
    """The names of a country by its code, folded; none of one that is not known."""
    return load_lists("vocabulary")["countries"].get(code, ())


def language_words(text: str) -> int:
    """How many words at the beginning of a text name a language; 0 if none does."""
    words = [folded(word) for word in text.split()]
    last = max((index for index, word in enumerate(words[:3]) if word in _languages()), default=-1)
    return last + 1 if any(word in _languages() for word in words[:2]) else 0
