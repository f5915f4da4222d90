"""Words of answers: with and without regard to accents, case and inflection."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

from spanwise.errors import UserError

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_RANGE = re.compile(r"(?<=\d)[^\S\n]*(?:[-\u2013]|\bto\b|à|\ba\b)[^\S\n]*(?=\d)")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_STEMMERS = {"de": "german", "en": "english", "es": "spanish", "fr": "french", "it": "italian", "nl": "dutch"}

Stem = Callable[[str], str]
Place = tuple[int, int]


def words(text: str) -> list[str]:
    """The words and numbers of a text in small letters, accents kept; other characters are left out."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES))


def keys(text: str, language: str | None) -> list[frozenset[str]]:
    """For each word of a text what it is compared by: two words are the same if they share a key.

    Keys are stems by Snowball (Porter 2001) without accents, taken both before and after these are removed:
    French endings are told by them, and a model may leave them out. A decimal comma is a point, and what
    stands between the two numbers of a range is left out: `94 to 98`, `94-98` and `94 à 98` are the same.

    Args:
        text: Any.
        language: ISO 639 code; words of one that Snowball does not know are compared without stemming.

    Raises:
        UserError: If NLTK is not installed.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    stem = _stemmer(language)
    return [_keys(word, stem) for word in words(_RANGE.sub(" ", plain))]


def locate(term: str, text: str, language: str | None) -> Place | None:
    """Where a term first stands in a text, half-open, in characters, compared as in `keys`.

    None where it does not, or where the words of the text as it is written are others than those of `keys`
    (a ligature that stands for two of them).

    Args:
        term: One word or several, which follow each other.
        text: Any.
        language: See `keys`.

    Raises:
        UserError: If NLTK is not installed.
    """
    ranges = [match.span() for match in _RANGE.finditer(text)]
    words_of = [match for match in _WORD.finditer(text) if not any(a <= match.start() < b for a, b in ranges)]
    own = [frozenset().union(*keys(match.group(), language)) for match in words_of]
    wanted = keys(term, language)
    for start in range(len(own) - len(wanted) + 1 if wanted else 0):
        if all(one & other for one, other in zip(own[start:], wanted, strict=False)):
            return words_of[start].start(), words_of[start + len(wanted) - 1].end()
    return None


def _keys(word: str, stem: Stem) -> frozenset[str]:
    if word[0].isdigit():
        return frozenset({word.replace(",", ".")})
    return frozenset({_without_accents(stem(word)), stem(_without_accents(word))})


def _without_accents(word: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark))


@functools.cache
def _stemmer(language: str | None) -> Stem:
    if language not in _STEMMERS:
        return str
    try:
        from nltk.stem.snowball import SnowballStemmer
    except ImportError:
        raise UserError("comparing stems takes NLTK", hint="pip install 'spanwise[instruct]'") from None
    stemmer = SnowballStemmer(_STEMMERS[language])
    return functools.lru_cache(maxsize=100_000)(lambda word: str(stemmer.stem(word)))
