"""The headings of a résumé's sections, in the words of a dozen languages."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from spanwise.tasks.resume.rules.lexicon import load_lists

_AND = "and|et|und|y|e|en|och|og|i|ja|ve|a"
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d", "œ": "oe", "ı": "i", "þ": "th"})  # noqa: RUF001
_SPACED = re.compile(r"(?:\w ){3,}\w(?!\w)")
_NOT_WORD = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """A text without case, accents, punctuation and letter-spacing: what headings are compared by."""
    lowered = unicodedata.normalize("NFKD", text.strip().casefold()).translate(_LETTERS)
    plain = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    words = _NOT_WORD.sub(" ", plain).strip()
    if _SPACED.fullmatch(words):
        return words.replace(" ", "")
    return words


@cache
def _lexicon() -> dict[str, str]:
    """Folded heading -> section; the first section that claims a heading has it."""
    found: dict[str, str] = {}
    for section, headings in load_lists("headings")["sections"].items():
        for heading in headings:
            found.setdefault(heading, section)
            found.setdefault(heading.replace(" ", ""), section)
    return found


def section_of(heading: str) -> str | None:
    """The section that a heading opens, or None if it is none that is known.

    Conjunctions count nothing, and a heading of two known ones (`Skills & Tools`) opens the first of them.
    """
    words = folded(heading)
    lexicon = _lexicon()
    if words in lexicon:
        return lexicon[words]
    parts = [part for part in re.split(r"\s*[&/+|,]\s*| [-–—] ", heading) if part.strip()]
    if len(parts) < 2:
        parts = re.split(rf"\s(?:{_AND})\s", words)
    sections = [lexicon.get(folded(part)) for part in parts]
    if len(parts) < 2 or len(words.split()) > 6 or None in sections[:2]:
        return None
    return sections[0]


def guess_section(heading: str) -> str | None:
    """The section of a heading in words that no list has, by their beginnings; every word must speak for it.

    That is little to go by: ask it only of rows that are set as headings are.
    """
    words = folded(heading).split()
    if len(words) > 6:
        return None
    neutral = load_lists("headings")["neutral"]["all"]
    votes = [vote for word in words if word not in neutral for vote in [_vote(word)]]
    return votes[0] if votes and None not in votes else None


def _vote(word: str) -> str | None:
    stems = load_lists("headings")["stems"]
    return next((section for section, beginnings in stems.items() if word.startswith(beginnings)), None)


def is_title(text: str) -> bool:
    """Whether a line only says that this is a résumé."""
    return folded(text) in load_lists("headings")["titles"]["all"]
