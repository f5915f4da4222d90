"""One word of many documents at a time.

A document has the very numbers that it would have alone: each sum is taken within one row, and a product with
a matrix is one of a vector, since how BLAS rounds the rows of a matrix depends on how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spanwise.chains.chain import Floats
from spanwise.encoding import Ints


@dataclass(frozen=True)
class Lockstep:
    """Documents side by side: their first words, then their second words, the longest document ahead.

    The words of one step are a slice, and nothing is padded: the layout of PyTorch's `PackedSequence`.

    Attributes:
        rows: For each document where its words stand, `[words]`.
        steps: For each word but the first, longest document's: the rows of the documents that have it, one
            word before and there.
    """

    rows: tuple[Ints, ...]
    steps: tuple[tuple[slice, slice], ...]

    @classmethod
    def of(cls, documents: Sequence[Floats]) -> Lockstep:
        """The layout of documents of any length, `[words, tags]` each."""
        lengths = np.array([len(document) for document in documents])
        places = np.empty_like(lengths)
        places[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
        longest = int(lengths.max())
        sizes = len(lengths) - np.searchsorted(np.sort(lengths), np.arange(longest), side="right")
        bounds = [0, *np.cumsum(sizes).tolist()]
        starts = np.array(bounds)
        return cls(
            rows=tuple(starts[:length] + place for length, place in zip(lengths, places, strict=True)),
            steps=tuple(
                (slice(before, before + behind - start), slice(start, behind))
                for before, start, behind in zip(bounds, bounds[1:], bounds[2:], strict=False)
            ),
        )

    def pack(self, documents: Sequence[Floats]) -> Floats:
        """The words of all documents, `[rows, tags]`."""
        packed = np.empty((sum(map(len, self.rows)), documents[0].shape[1]))
        for rows, document in zip(self.rows, documents, strict=True):
            packed[rows] = document
        return packed

    @property
    def firsts(self) -> Ints:
        """The row of each document's first word; documents without words have none."""
        return np.array([rows[0] for rows in self.rows if len(rows)], dtype=np.int64)

    @property
    def lasts(self) -> Ints:
        """The row of each document's last word; documents without words have none."""
        return np.array([rows[-1] for rows in self.rows if len(rows)], dtype=np.int64)


def times(vectors: Floats, matrix: Floats) -> Floats:
    """The product of each of `[documents, tags]` with a matrix, whatever stands beside it."""
    product: Floats = (vectors[:, None, :] @ matrix)[:, 0]
    return product
