"""Characters as people type them: what typesetting did to them is undone."""

from __future__ import annotations

import re
import unicodedata

BULLET = "•"
MARKS = "•◦▪▫■□●○‣\u2043∙·➢➤►▶▸✓✔❖◆◇★☆⬧\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf06c"
"""What stands before the items of a list; those of the private use area are in Symbol and Wingdings."""

_MARK = re.compile(f"[{MARKS}]+")
_LISTED = re.compile(rf"^\s*(?:[{MARKS}]+[ \t]*|[-–—*+o](?:[ \t]+))(?=\S)")
_SPACES = re.compile(r"[^\S\n\f]+")
# Soft hyphens, joiners and marks of direction that no font shows; ZWJ and ZWNJ matter in Indic and Persian.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f]"
)
_ICON = re.compile(
    "[\ue000-\uf8ff]"
)  # private use: pictures of an icon font, once marks of lists are told apart
_LIGATURE = re.compile("[\ufb00-\ufb06\ufb13-\ufb17]")
_BROKEN = re.compile(r"[^\W\d_]{2,}-$")
_ADDRESS = re.compile(r"[@/\\]|\w\.\w|www|https?:", re.IGNORECASE)
LINE_HYPHENS = ("-", "\u2010", "\ufffe", "\x02", "\u00ad")
"""What a word may end in at the end of a line; pdfium writes U+FFFE or U+0002."""


def normalise_word(text: str) -> str:
    """A word without ligatures, icons and invisible characters, composed (UAX 15, NFC).

    The mark of a list is `BULLET`.
    """
    text = text.replace("\ufffe", "-").replace("\x02", "-")
    text = _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), _INVISIBLE.sub("", text))
    if _MARK.fullmatch(text):
        return BULLET
    return unicodedata.normalize("NFC", _ICON.sub("", text))


def normalise_line(text: str) -> str:
    """A line with single spaces, its words normalised; tabs stay, and an item of a list begins with `• `."""
    cells = [" ".join(filter(None, map(normalise_word, cell.split()))) for cell in text.split("\t")]
    line = "\t".join(cell for cell in cells if cell)
    return _LISTED.sub(f"{BULLET} ", line) if len(line) > 1 else line


def join_broken(word: str, following: str) -> str | None:
    """What a word at the end of a line and the first one of the next are together, None for two words.

    A hyphen that divides syllables goes, one of a compound (`state-of-the-`, `A-`) or an address stays. What
    divides is guessed: letters alone before it, a small letter behind it, and no other hyphen.
    """
    if not word.endswith("-") or len(word) < 2 or not following:
        return None
    if _ADDRESS.search(word) or _ADDRESS.search(following.split("-", maxsplit=1)[0]):
        return word + following
    if not following[0].isalpha() or not word[-2].isalnum():
        return None
    divided = _BROKEN.fullmatch(word) and following[0].islower() and "-" not in following
    return word[:-1] + following if divided else word + following
