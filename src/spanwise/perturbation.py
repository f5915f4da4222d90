"""Documents as they might also have come: misspelt, in another case, spaced or encoded otherwise.

What a reader takes from a document is the same in each variant; whether a model does shows how robust it is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

import numpy as np

from spanwise.encoding import WORD
from spanwise.schema import Example, Span

Variant = Literal["typos", "lower", "upper", "whitespace", "unicode"]

SHORTEST = 4  # letters of a word that gets a typo: of a shorter one too little would be left to read
SPACES = (" ", "  ", "\n", "\t", "\N{NO-BREAK SPACE}")

EQUIVALENT = re.compile(r"ff[il]?|f[il]|[\"'-]|[^\x00-\x7f]")  # what has another form
LIGATURES = {"ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "ffi": "ﬃ", "ffl": "ﬄ"}
QUOTES = {
    "'": ("\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"),
    '"': ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"),
}

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """The letters around each letter of a QWERTY keyboard, whose rows stand half a key apart."""
    places = {(row, key): letter for row, letters in enumerate(ROWS) for key, letter in enumerate(letters)}
    around = ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0))
    return {
        letter: "".join(places.get((row + down, key + right), "") for down, right in around)
        for (row, key), letter in places.items()
    }


NEIGHBOURS = _neighbours()


class Edit(NamedTuple):
    """`text` takes the place of the characters from `start` to `end`; neither is empty."""

    start: int
    end: int
    text: str


class Perturbed(NamedTuple):
    """A variant of a document.

    Attributes:
        example: The document with its new text, and each of its spans where its mention now stands.
        edits: What was changed, in the order of the original text; they are apart from each other.
        changed_words: How many words (`spanwise.encoding.WORD`) of the original text they touch.
        left_out: How many edits were not made, as they would have cut a span.
    """

    example: Example
    edits: tuple[Edit, ...]
    changed_words: int
    left_out: int = 0


def perturb(example: Example, variant: Variant, *, rate: float, seed: int) -> Perturbed:
    """Another form of a document that says the same.

    - `typos`: one typo in some of the words of four or more letters. It swaps two neighbouring letters,
      leaves one out, or adds a letter's neighbour on a QWERTY keyboard or puts it in the place of the letter:
      the swaps and keyboard errors of Belinkov & Bisk 2018 (arXiv 1711.02173) with the drops and additions
      of Pruthi et al. 2019 (arXiv 1905.11268). First letters stay, and so does whatever holds a digit, or a
      number would mean another thing.
    - `lower`, `upper`: each character by itself, so that a Greek final sigma becomes a plain one.
    - `whitespace`: each space and line break becomes another one of a space, two spaces, a line break, a
      tab and a no-break space. None appears or vanishes: that would make other words, as of `5 .2`.
    - `unicode`: the forms in which PDF files and word processors give the same characters: letters apart from
      their accents (NFD), typographic quotation marks, ligatures (fi, fl, ff), and for a hyphen the no-break
      hyphen within a word, the en dash between digits, the em dash between spaces.

    An edit that only part of a span would take part in is left out, as what is left of the mention, and where
    it ends, would be anyone's guess. The draws for a document follow from the seed and its id alone.

    Args:
        example: The document.
        variant: Which form.
        rate: For `typos`, the probability that such a word gets one, 0 to 1.
        seed: Of what is drawn; not negative.

    Returns:
        The variant; `example` itself in it if nothing was changed.
    """
    text = example.text
    edges = sorted({edge for span in example.spans for edge in (span.start, span.end)})
    drawn = _edits(text, variant, rate, _random(seed, example.id))
    changes = [edit for edit in drawn if edit.text != text[edit.start : edit.end]]
    edits = tuple(edit for edit in changes if not _cut(edit, edges))
    edited = _edited(example, edits) if edits else example
    return Perturbed(edited, edits, _touched(text, edits), len(changes) - len(edits))


def _random(seed: int, document: str) -> np.random.Generator:
    digest = hashlib.sha256(document.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _edits(text: str, variant: Variant, rate: float, random: np.random.Generator) -> Iterator[Edit]:
    match variant:
        case "typos":
            return _misspelt(text, rate, random)
        case "lower":
            return _mapped(text, str.lower)
        case "upper":
            return _mapped(text, str.upper)
        case "whitespace":
            return _spaced(text, random)
        case "unicode":
            return _encoded(text)


def _misspelt(text: str, rate: float, random: np.random.Generator) -> Iterator[Edit]:
    for word in WORD.finditer(text):
        if len(word[0]) >= SHORTEST and word[0].isalpha() and random.random() < rate:
            edit = _typo(word[0], random)
            yield Edit(word.start() + edit.start, word.start() + edit.end, edit.text)


def _typo(word: str, random: np.random.Generator) -> Edit:
    """One typo: each possible kind is equally likely, and so is each possible one of a kind."""
    inner = range(1, len(word))
    near = [(place, letter) for place in inner for letter in _near(word[place])]
    kinds = [
        [Edit(i, i + 2, word[i + 1] + word[i]) for i in inner[:-1] if word[i] != word[i + 1]],
        # With the letter before it, so that a span of nothing but this letter is not lost.
        [Edit(i - 1, i + 1, word[i - 1]) for i in inner],
        [Edit(i, i + 1, word[i] + letter) for i, letter in near],
        [Edit(i, i + 1, letter) for i, letter in near],
    ]
    possible = [kind for kind in kinds if kind]  # other alphabets have no neighbours on this keyboard
    kind = possible[int(random.integers(len(possible)))]
    return kind[int(random.integers(len(kind)))]


def _near(letter: str) -> str:
    near = NEIGHBOURS.get(letter.lower(), "")
    return near.upper() if letter.isupper() else near


def _mapped(text: str, form: Callable[[str], str]) -> Iterator[Edit]:
    return (Edit(place, place + 1, form(character)) for place, character in enumerate(text))


def _spaced(text: str, random: np.random.Generator) -> Iterator[Edit]:
    for space in re.finditer(r"[ \n]", text):
        others = [form for form in SPACES if form != space[0]]
        yield Edit(space.start(), space.end(), others[int(random.integers(len(others)))])


def _encoded(text: str) -> Iterator[Edit]:
    return (Edit(*found.span(), _other_form(found)) for found in EQUIVALENT.finditer(text))


def _other_form(found: re.Match[str]) -> str:
    old, text = found[0], found.string
    before, behind = text[max(found.start() - 1, 0) : found.start()], text[found.end() : found.end() + 1]
    if old in LIGATURES:
        return LIGATURES[old]
    if old in QUOTES:
        opening, closing = QUOTES[old]
        return opening if not before or before.isspace() or before in "([{" else closing
    if old == "-":
        return _dash(before, behind)
    return unicodedata.normalize("NFD", old)


def _dash(before: str, behind: str) -> str:
    if before.isdigit() and behind.isdigit():
        return "\N{EN DASH}"
    if before.isalnum() and behind.isalnum():
        return "\N{NON-BREAKING HYPHEN}"
    if before.isspace() and behind.isspace():
        return "\N{EM DASH}"
    return "-"  # a minus, a bullet, a word broken off


def _cut(edit: Edit, edges: Sequence[int]) -> bool:
    """Whether the edge of a span, of which `edges` are sorted, lies between the characters replaced."""
    return bisect_right(edges, edit.start) < bisect_left(edges, edit.end)


def _touched(text: str, edits: Sequence[Edit]) -> int:
    starts, ends = [edit.start for edit in edits], [edit.end for edit in edits]
    return sum(
        bisect_left(starts, word.end()) > bisect_right(ends, word.start()) for word in WORD.finditer(text)
    )


def _edited(example: Example, edits: Sequence[Edit]) -> Example:
    """The document after edits that are apart, in the order of the text, and cut by no edge of a span."""
    pieces, done = [], 0
    for edit in edits:
        pieces += [example.text[done : edit.start], edit.text]
        done = edit.end
    text = "".join([*pieces, example.text[done:]])
    ends = [edit.end for edit in edits]
    shifts = [0, *accumulate(len(edit.text) - (edit.end - edit.start) for edit in edits)]

    def moved(place: int) -> int:
        return place + shifts[bisect_right(ends, place)]

    spans = (Span(start=moved(s.start), end=moved(s.end), label=s.label) for s in example.spans)
    target = example.target if isinstance(example.target, str) else tuple(spans)
    return Example(id=example.id, text=text, target=target, group=example.group, split=example.split)
