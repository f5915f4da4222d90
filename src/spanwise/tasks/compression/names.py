"""Proper names of a text, as far as capitals tell, and what its numbers count: kept before other words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.equivalence.words import Word
from spanwise.tasks.compression.protection import Interval

_CAPITALISED = re.compile(r"(?<![\w'\u2019])[^\W\d_a-z][\w'\u2019-]*")
_OPENING = re.compile(r"(?:^|[.!?:;\n\"\u201c\u00ab(*-])\s*$")
_NEVER = frozenset({"I", "I'm", "I'll", "I've", "I'd"})
_NEXT = re.compile(r"[\s-]([^\W\d_][\w\u2019'-]*)")


def counted(text: str) -> Iterator[Interval]:
    """Where stands what a number without a unit counts: the word behind it, `tablets` in `2 tablets`."""
    for quantity in quantities(text):
        found = _NEXT.match(text, quantity.end)
        if quantity.unit is None and found and Word(found[1], *found.span(1)).is_content:
            yield found.span(1)


def names(text: str) -> Iterator[Interval]:
    """Where names stand: capitalised words inside of sentences, and the same words elsewhere."""
    found = [match for match in _CAPITALISED.finditer(text) if _is_capitalised(match.group())]
    known = {match.group() for match in found if not _opens(text, match.start())}
    return (match.span() for match in found if match.group() in known)


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and word.replace("\u2019", "'") not in _NEVER


def _opens(text: str, start: int) -> bool:
    """Whether a word at this place has its capital from its sentence."""
    return _OPENING.search(text[max(start - 8, 0) : start]) is not None
