"""Something is left, and it is shorter."""

from __future__ import annotations

from collections.abc import Callable

from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.words import words

Count = Callable[[str], int]
"""How many tokens a text has."""


def count_words(text: str) -> int:
    """Tokens of no model: words, numbers and characters of punctuation."""
    return len(words(text))


def length(source: str, output: str, count: Count = count_words) -> list[Failure]:
    """An output must hold a word, and fewer tokens than its source by `count`."""
    if not any(character.isalnum() for character in output):
        return [Failure("length", "empty", "source", 0, len(source))]
    if count(output) >= count(source):
        return [Failure("length", "not shorter", "output", 0, len(output))]
    return []
