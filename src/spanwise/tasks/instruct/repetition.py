"""How much a text repeats itself."""

from __future__ import annotations

import re

LENGTH = 4  # words, or other signs, of what is looked for again
LOOP = 0.4  # of a text's 4-grams; of the references in docs/instruct.md none has more than 0.30

_SIGN = re.compile(r"\w+|[^\w\s]")


def repeated(text: str, n: int = LENGTH) -> float:
    """The share of a text's n-grams that came before in it, 0 to 1 (seq-rep-n of Welleck et al. 2020).

    Args:
        text: Any; marks count as words do, so that a row of them is a loop too.
        n: Words of an n-gram.
    """
    grams = _ngrams(text, n)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def distinct(text: str, n: int = 2) -> float | None:
    """Distinct-n: different n-grams over all of them, 0 to 1 (Li et al. 2016); None where there is none."""
    grams = _ngrams(text, n)
    return len(set(grams)) / len(grams) if grams else None


def _ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    signs = _SIGN.findall(text.casefold())
    return [tuple(signs[start : start + n]) for start in range(len(signs) - n + 1)]
