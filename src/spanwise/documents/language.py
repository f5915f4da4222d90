"""Which language a text is written in."""

from __future__ import annotations

import re

LEAST = 40  # letters: fewer tell no language
READ = 5_000  # characters: more tell nothing new
_FOREIGN = re.compile(r"\S*[@/\\]\S*|[\d\W_]+")  # addresses and figures are of no language


def tell_language(text: str) -> str | None:
    """The language by ISO 639-1, None where there are too few letters to tell."""
    words = _FOREIGN.sub(" ", text[: 2 * READ])[:READ]
    if sum(map(str.isalpha, words)) < LEAST:
        return None
    import py3langid

    language: str = py3langid.classify(words)[0]
    return language
