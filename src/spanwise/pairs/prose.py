"""Which paragraphs are prose that is worth shortening."""

from __future__ import annotations

import re

SHORTEST, LONGEST = 20, 400  # words: a phrase holds nothing that can go, more is no paragraph
PROSE = 0.8  # of the characters that are letters or spaces, links apart

_LINK = re.compile(r"\]\([^)\s]*\)|<?https?://\S+")


def fault(paragraph: str, seen: set[str]) -> str | None:
    """Why a paragraph is left out: `short`, `long`, `not_prose`, a `copy`; None if it is not.

    Args:
        paragraph: The text.
        seen: The paragraphs before it; it is added.
    """
    words = len(paragraph.split())
    if words < SHORTEST:
        return "short"
    if words > LONGEST:
        return "long"
    bare = _LINK.sub("", paragraph)
    if sum(char.isalpha() or char.isspace() for char in bare) < PROSE * len(bare):
        return "not_prose"
    if paragraph in seen:
        return "copy"
    seen.add(paragraph)
    return None
