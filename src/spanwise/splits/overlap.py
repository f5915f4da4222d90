"""Pairs of texts that share many word n-grams, found through an inverted index.

The measure is the overlap coefficient of two sets of n-grams, `|A and B| / min(|A|, |B|)`: the containment of
Broder (1997, "On the resemblance and containment of documents") taken from the smaller side, so that an
excerpt is a full match of the whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """A text in one case and one form of Unicode (UAX 15, NFKC): a combining accent would split a word."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The folded words of a text; punctuation and spacing, which tokenisers change, do not count."""
    return _WORD.findall(folded(text))


def overlapping(texts: Sequence[str], *, ngram: int, overlap: float) -> Iterator[tuple[int, int]]:
    """The pairs `(i, j)`, `i < j`, of texts that share more than `overlap` of the smaller one's n-grams.

    They must also share at least `ngram` n-grams, as a common run of `2 * ngram - 1` words does: one 5-gram
    is half of a sentence of six words, but a phrase in common makes no copy. Shorter texts match nothing.

    Args:
        texts: The texts; equal ones are best passed once, as the work grows with the square of the number of
            texts that an n-gram is found in.
        ngram: Words in an n-gram.
        overlap: Share of the smaller set of n-grams, 0 to 1.
    """
    text, gram = _ngrams(texts, ngram)
    sizes = np.bincount(text, minlength=len(texts))
    common = np.bincount(gram)[gram] > 1
    text, gram = text[common], gram[common]
    by_gram = np.argsort(gram, kind="stable")
    holders = text[by_gram]
    first = np.searchsorted(gram[by_gram], np.arange(gram.max(initial=-1) + 2))
    own = np.searchsorted(text, np.arange(len(texts) + 1))
    for i in range(len(texts)):
        shared = gram[own[i] : own[i + 1]]
        if len(shared) < ngram:
            continue
        hits = np.concatenate([holders[first[g] : first[g + 1]] for g in shared])
        others, counts = np.unique(hits[hits > i], return_counts=True)
        twins = (counts >= ngram) & (counts / np.minimum(sizes[i], sizes[others]) > overlap)
        yield from ((i, int(j)) for j in others[twins])


def _ngrams(texts: Sequence[str], n: int) -> tuple[Ints, Ints]:
    """The distinct (text, n-gram) pairs as two arrays, by rising text.

    N-grams are numbered, not hashed, so nothing collides: a (k+1)-gram is its k-gram and one more word.
    """
    vocabulary: dict[str, int] = {}
    documents = [[vocabulary.setdefault(word, len(vocabulary)) for word in words(text)] for text in texts]
    word = np.fromiter(chain.from_iterable(documents), dtype=np.int64)
    text = np.repeat(np.arange(len(texts)), [len(document) for document in documents])
    starts = len(word) - n + 1
    if starts <= 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    gram = word[:starts]
    for offset in range(1, n):
        extended = gram * len(vocabulary) + word[offset : offset + starts]
        gram = np.unique(extended, return_inverse=True)[1].astype(np.int64)
    inside = text[:starts] == text[n - 1 :]
    width = int(gram.max()) + 1
    pairs = np.unique(text[:starts][inside] * width + gram[inside])
    return pairs // width, pairs % width
