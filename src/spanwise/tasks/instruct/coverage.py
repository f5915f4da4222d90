"""Which of the terms that an answer may not lack are in it."""

from __future__ import annotations

from collections.abc import Sequence

from spanwise.tasks.instruct.words import keys


def missing(terms: Sequence[str], text: str, language: str | None) -> list[str]:
    """The terms that a text lacks, in their order.

    A term is there where its words follow each other, compared as in `words.keys`: without regard to case,
    accents and inflection. That tells that something is mentioned, not that what is said of it is right: a
    text with `do not stop` mentions `stop`.

    Args:
        terms: Words or phrases.
        text: An answer.
        language: That of both, ISO 639.

    Raises:
        UserError: If NLTK is not installed.
    """
    found = keys(text, language)
    return [term for term in terms if not _holds(found, keys(term, language))]


def coverage(terms: Sequence[str], text: str, language: str | None) -> float | None:
    """The share of the terms that a text does not lack, 0 to 1; None where there are no terms.

    Raises:
        UserError: If NLTK is not installed.
    """
    return 1 - len(missing(terms, text, language)) / len(terms) if terms else None


def _holds(text: Sequence[frozenset[str]], term: Sequence[frozenset[str]]) -> bool:
    return any(
        all(own & other for own, other in zip(text[start:], term, strict=False))
        for start in range(len(text) - len(term) + 1)
    )
