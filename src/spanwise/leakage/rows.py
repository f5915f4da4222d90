"""The rows of a doubled corpus, and two ways to divide them: without regard to documents, and by document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import numpy as np

from spanwise.errors import UserError
from spanwise.schema import SPLITS, Example, Span, SplitName

COPIES = ("2018", "2020")
"""What the ids of the two rows of a document end in: the releases that the popular mixture joins."""

Sides = dict[SplitName, list[Example]]


def double(examples: Iterable[Example], *, thin: bool, seed: int) -> list[Example]:
    """Each document as two rows of one group, by id.

    Args:
        examples: The documents.
        thin: Whether each row keeps a random half of its document's spans, as those of the mixture do; of an
            odd number the larger half.
        seed: Of the spans that are kept.

    Raises:
        UserError: If two documents have one id.
    """
    documents = sorted(examples, key=lambda example: example.id)
    for left, right in pairwise(documents):
        if left.id == right.id:
            raise UserError(f"two documents have the id {left.id}")
    random = np.random.default_rng(seed)
    return [
        example.model_copy(
            update={
                "id": f"{example.id}/{copy}",
                "target": _half(example.spans, random) if thin else example.target,
            }
        )
        for example in documents
        for copy in COPIES
    ]


def _half(spans: Sequence[Span], random: np.random.Generator) -> tuple[Span, ...]:
    kept = random.permutation(len(spans))[: (len(spans) + 1) // 2]
    return tuple(spans[index] for index in sorted(kept))


def shuffled(sides: Sides, seed: int) -> Sides:
    """The rows of all sides, dealt out anew to sides of the same sizes, as by `train_test_split`.

    Args:
        sides: What the pipeline's own division came to (`spanwise.splits.division.divide`).
        seed: Of the order.
    """
    rows = sorted((row for side in SPLITS for row in sides[side]), key=lambda row: row.id)
    dealt = iter(np.random.default_rng(seed).permutation(len(rows)))
    return {side: [rows[next(dealt)] for _ in sides[side]] for side in SPLITS}


def share_with_twin(rows: Sequence[Example], train: Collection[Example]) -> float:
    """The share of `rows` whose text is that of a row in `train`; 0 of no rows."""
    texts = {row.text for row in train}
    return sum(row.text in texts for row in rows) / max(len(rows), 1)
