"""The form that an answer should have, by its category: numbered steps, headings, choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

FEWEST_STEPS = 3

# What docs/instruct.md and data/corpora/protocols.md promise of an incident report, in this order.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("date/time", "location", "facts", "consequences", "immediate action", "prevention"),
    "fr": ("date/heure", "lieu", "faits", "conséquences", "mesures immédiates", "actions de prévention"),
}

_STEP = re.compile(r"^[\s*_#]*(\d+)[.)]", re.MULTILINE)
_CHOICE = re.compile(r"^[\s*_-]*\(?([a-z])\s*[.):]", re.MULTILINE | re.IGNORECASE)


def adherence(category: str, language: str | None, text: str) -> float | None:
    """How far a text has the form of its category, 0 to 1; None where the category asks for none.

    `protocol`: the share of its numbered lines that count on from 1, and 0 below three. `incident`: the share
    of the six headings that begin a line, in their order, in the language; Markdown around them is passed
    over, and a plural. `mcq`: the share of its lines that begin with the letter of a choice.

    Args:
        category: What was asked for.
        language: ISO 639 code.
        text: The answer.
    """
    judge = _FORMS.get(category)
    return None if judge is None else judge(text, language)


def choices(text: str) -> frozenset[str]:
    """The letters of the choices that lines of a text begin with."""
    return frozenset(letter.lower() for letter in _CHOICE.findall(text))


def agreement(text: str, correct: frozenset[str]) -> float:
    """FrenchMedMCQA's Hamming score, 0 to 1: choices in common over those in either (Labrak et al. 2022)."""
    found = choices(text)
    return len(found & correct) / len(found | correct)


def _numbered(text: str, language: str | None) -> float:  # noqa: ARG001 - one signature for all forms
    numbers = [int(number) for number in _STEP.findall(text)]
    expected, right = 1, 0
    for number in numbers:
        if number == expected:
            expected, right = expected + 1, right + 1
    return right / len(numbers) if right >= FEWEST_STEPS else 0.0


def _headed(text: str, language: str | None) -> float | None:
    headings = HEADINGS.get(language or "")
    if headings is None:
        return None
    lines = [_plain(line).lstrip(" *_#-") for line in text.splitlines()]
    found = 0
    for heading in map(_plain, headings):
        place = next((number for number, line in enumerate(lines) if line.startswith(heading)), None)
        if place is not None:
            found, lines = found + 1, lines[place + 1 :]
    return found / len(headings)


def _lettered(text: str, language: str | None) -> float:  # noqa: ARG001 - one signature for all forms
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(bool(_CHOICE.match(line)) for line in lines) / len(lines) if lines else 0.0


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(mark for mark in folded if not unicodedata.combining(mark))


_FORMS: Mapping[str, Callable[[str, str | None], float | None]] = {
    "incident": _headed,
    "mcq": _lettered,
    "protocol": _numbered,
}
