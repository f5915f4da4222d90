"""Nothing new: no digits, no names, and for extractive outputs no token at all."""

from __future__ import annotations

import re

from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.equivalence.words import first_foreign, words

_OPENING = re.compile(r"(?:^|[.!?:;\n\"\u201c(*-])\s*$")


def novelty(source: str, output: str) -> list[Failure]:
    """Names and numbers of the output must stand in the source.

    A name is a capitalised word that opens no sentence, or any word with a capital behind its first letter.
    """
    known = {word.text for word in words(source)}
    folded = {word.casefold() for word in known}
    values = {quantity.value for quantity in quantities(source)} | known
    failures = []
    for word in words(output):
        if word.text[0].isdigit():
            if word.text not in values:
                failures.append(Failure("novelty", "new digits", "output", word.start, word.end))
        elif _is_name(word.text, output[: word.start]) and word.text.casefold() not in folded:
            failures.append(Failure("novelty", "new name", "output", word.start, word.end))
    return failures


def subsequence(source: str, output: str) -> list[Failure]:
    """An extractive output is made of tokens of its source, in order, letter for letter.

    White space and the places of words within it aside, nothing can be invented, swapped or changed.
    """
    foreign = first_foreign(source, output)
    if foreign is None:
        return []
    return [Failure("subsequence", "not of the source", "output", foreign.start, foreign.end)]


def _is_name(text: str, before: str) -> bool:
    if any(character.isupper() for character in text[1:]):
        return True
    return text[0].isupper() and len(text) > 1 and not _OPENING.search(before[-8:])
