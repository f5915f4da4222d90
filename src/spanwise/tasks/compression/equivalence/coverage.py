"""How much of each clause of a source a shorter text still says, and how much of its rare words it lost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spanwise.tasks.compression.equivalence.clauses import clauses
from spanwise.tasks.compression.equivalence.words import Word, kept, words

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts -> vectors of length 1, [texts, dimensions]."""

DIMENSIONS = 2**14


@dataclass(frozen=True)
class Rarity:
    """How rare words are in a collection: inverse document frequency (Spärck Jones 1972), smoothed.

    Attributes:
        documents: How many the collection has.
        frequencies: In how many of them each stem occurs, where that is two or more.
    """

    documents: int = 1
    frequencies: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Rarity:
        """That of the words of these texts."""
        counted: Counter[str] = Counter()
        documents = 0
        for text in texts:
            documents += 1
            counted.update({word.stem for word in words(text) if word.text[0].isalnum()})
        return cls(
            max(documents, 1), {stem: number for stem, number in sorted(counted.items()) if number > 1}
        )

    def weight(self, word: Word) -> float:
        """Of one word, above 0; punctuation weighs nothing."""
        if not word.text[0].isalnum():
            return 0.0
        return 1 + math.log((1 + self.documents) / (1 + self.frequencies.get(word.stem, 1)))


@dataclass(frozen=True)
class ClauseCoverage:
    """What became of one clause of the source.

    Attributes:
        start: First character.
        end: Behind the last one.
        similarity: Cosine with the nearest clause of the output, 0 to 1.
        lost: Share of the clause's rarity that no word of the output keeps, 0 to 1.
    """

    start: int
    end: int
    similarity: float
    lost: float

    @property
    def covered(self) -> float:
        """`1 - lost * (1 - similarity)`: a clause is covered by its words, or by others that mean as much."""
        return 1 - self.lost * (1 - self.similarity)


def coverage(source: str, output: str, *, rarity: Rarity, embed: Embed) -> list[ClauseCoverage]:
    """What became of each clause of the source, in order; its minimum is the figure.

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    parts, others = clauses(source), clauses(output)
    if not parts:
        return []
    similarity = np.zeros(len(parts))
    if others:
        found = embed([part.text for part in (*parts, *others)])
        cosine = found[: len(parts)] @ found[len(parts) :].T
        similarity = np.clip(cosine.max(axis=1), 0, 1)
    tokens = words(source)
    flags = kept(tokens, words(output))
    return [
        ClauseCoverage(
            part.start, part.end, float(near), lost_share(tokens, flags, part.start, part.end, rarity)
        )
        for part, near in zip(parts, similarity, strict=True)
    ]


def lost_share(tokens: Sequence[Word], flags: Sequence[bool], start: int, end: int, rarity: Rarity) -> float:
    """The share of the rarity of the tokens between two characters that is not kept, 0 to 1."""
    inside = [
        (rarity.weight(token), flag)
        for token, flag in zip(tokens, flags, strict=True)
        if start <= token.start < end
    ]
    total = sum(weight for weight, _ in inside)
    return sum(weight for weight, flag in inside if not flag) / total if total else 0.0


def lexical(texts: Sequence[str]) -> Vectors:
    """Vectors of character trigrams, for where no model is: like spelling is alike, like meaning is not.

    Hashed (Weinberger et al. 2009) by CRC-32, so that the vectors are the same everywhere.
    """
    import zlib

    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in words(text.casefold()):
            padded = f"#{word.text}#"
            for start in range(max(len(padded) - 2, 1)):
                vectors[row, zlib.crc32(padded[start : start + 3].encode()) % DIMENSIONS] += 1
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, 1e-9)
    return unit
