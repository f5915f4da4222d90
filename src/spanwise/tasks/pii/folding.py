"""A text as detectors read it: without look-alike letters and invisible characters, with offsets back."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

INVISIBLE = frozenset("\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")
# Letters that look like Latin ones: Cyrillic, then Greek (Unicode TR 39, confusables.txt: the usual ones).
_CYRILLIC = (
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u0501\u04bb\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
)
_GREEK = (
    "\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7\u0391\u0392\u0395"
    "\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
)
_LOOKALIKES = str.maketrans(_CYRILLIC + _GREEK, "aceopxyijsdhqwABEKMHOPCTYXIJS" + "aopviktuxABEZHIKMNOPTYX")
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\xa0\u2002\u2003\u2007\u2009\u202f", " ")
)
_TOKEN = re.compile(r"\S+")
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True)
class Folded:
    """A folded text and where its characters come from.

    Attributes:
        text: What detectors search.
        offsets: The place of each of its characters in the original.
    """

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Half-open offsets in the folded text -> those in the original, invisible characters inside."""
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(text: str) -> Folded:
    """Drop invisible characters, and write look-alikes of Latin letters as these.

    A look-alike is only taken for one in a word that has Latin letters, too: a Greek name stays Greek.
    """
    kept = [(character, place) for place, character in enumerate(text) if character not in INVISIBLE]
    plain = "".join(_compatible(character) for character, _ in kept).translate(_PUNCTUATION)
    return Folded(_TOKEN.sub(_unmixed, plain), tuple(place for _, place in kept))


def bare(text: str) -> str:
    """Lower case without accents, for comparing names; as long as the text."""
    return "".join(_bare_letter(character) for character in text)


def _compatible(character: str) -> str:
    """The compatible form (full-width, mathematical letters) where it is one character."""
    if character.isascii():
        return character
    form = unicodedata.normalize("NFKC", character)
    return form if len(form) == 1 else character


def _unmixed(token: re.Match[str]) -> str:
    word = token.group()
    if word.isascii() or not _LATIN.search(word):
        return word
    return word.translate(_LOOKALIKES)


def _bare_letter(character: str) -> str:
    if character.isascii():
        return character.lower()
    base = unicodedata.normalize("NFKD", character)[0].lower()
    return base if len(base) == 1 else character
