"""Words of prompts with their places, their stems, and which of them a shorter text keeps."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from spanwise.errors import UserError

TOKEN = re.compile(
    r"\d+(?:[.,:]\d+)*"
    r"|(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['\u2019](?=[^\W\d_])"
    r"|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\w|[^\w\s]"
)
"""Numbers with their separators, words with their apostrophes, every other character by itself; what French
elides, as `l'` and `qu'`, is a word of its own."""
_ENDINGS = re.compile(r"(?:['\u2019]s|ing|ies|ied|ed|es|e|s|y)$")
SHORTEST_STEM = 3
RECENT = 4
"""Texts whose analysis is held: each gate asks for that of the same two."""

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those it its he she they them his her their we us our you your i me my who whom
    whose which what where when while as at by for from in into of on onto to with and or but so than then
    there here is are was were be been being am do does did done has have had having will would shall can
    could may might must should ought need any some all each every either both such very also too just still
    yet already again ever even about if whether because since before after during until per via up out over
    under one ones own more most much many other another
    un une le la les l des du de d et ou mais donc car que qui quoi dont où ce cet cette ces il elle ils elles
    on nous vous je tu se s y en à au aux par pour dans sur avec est sont était étaient être été a ont avait
    avoir fait plus très aussi tout tous toute toutes leur leurs son sa ses si comme lors
    ne pas même cela ça celui celle ceux celles lui eux sous entre vers chez sera seront serait soit soient
    étant avait avaient cette ces
    """.split()  # noqa: SIM905 - a list of a hundred quoted words is no easier to read
)


@dataclass(frozen=True)
class Word:
    """One token of a text, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def stem(self) -> str:
        """What it is compared by."""
        return stem(self.text)

    @property
    def is_content(self) -> bool:
        """Whether it is a number, or a word that is neither elided nor a function word."""
        folded = self.text.casefold()
        return folded[0].isalnum() and folded[-1].isalnum() and folded not in FUNCTION_WORDS


def words(text: str) -> list[Word]:
    """The tokens of a text in order, punctuation with them."""
    return list(_words(text))


@functools.lru_cache(maxsize=RECENT)
def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(found.group(), found.start(), found.end()) for found in TOKEN.finditer(text))


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A word without case and without the commonest endings: enough to tell `starts` from `stopped`."""
    folded = word.casefold().replace("\u2019", "'")
    short = _ENDINGS.sub("", folded)
    return short if len(short) >= SHORTEST_STEM else folded


def kept(source: Sequence[Word], output: Sequence[Word]) -> list[bool]:
    """Which words of the source stand in the output, by a longest common subsequence of stems, [source].

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    try:
        from rapidfuzz.distance import LCSseq
    except ImportError:
        raise UserError("aligning texts takes rapidfuzz", hint="pip install rapidfuzz") from None
    flags = [False] * len(source)
    first, second = [word.stem for word in source], [word.stem for word in output]
    for operation in LCSseq.opcodes(first, second):
        if operation.tag == "equal":
            flags[operation.src_start : operation.src_end] = [True] * (
                operation.src_end - operation.src_start
            )
    return flags


def is_subsequence(source: str, output: str) -> bool:
    """Whether the output is nothing but tokens of the source in their order, letter for letter."""
    return first_foreign(source, output) is None


def first_foreign(source: str, output: str) -> Word | None:
    """The first token of the output that no token left of the source can be; None if there is none."""
    rest = iter([word.text for word in words(source)])
    # A membership test uses an iterator up to the first that is equal.
    return next((word for word in words(output) if word.text not in rest), None)
