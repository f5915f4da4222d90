"""Pairs to training, validation and test sides: 80, 10 and 10 %, the pairs of a file together."""

from __future__ import annotations

from collections.abc import Iterable

from spanwise.pairs.records import Pair
from spanwise.schema import Example
from spanwise.splits.division import divide

SEED = 42
NGRAM, OVERLAP = 8, 0.5  # words, and the share of n-grams in common from which on two texts are twins


def divide_pairs(pairs: Iterable[Pair], *, seed: int = SEED) -> tuple[list[Pair], list[str]]:
    """Pairs with the side that each is on, by id, and warnings on sides that are far from their size.

    Pairs of one group, copies and near-copies are on one side; domain and teacher are spread over all.

    Args:
        pairs: The pairs; one without a group is a group of its own.
        seed: Decides between groups that serve equally well.

    Raises:
        UserError: If there are fewer groups than sides.
    """
    found = {pair.id: pair for pair in pairs}
    division = divide(
        [_example(pair) for pair in found.values()],
        sizes={"train": 80, "validation": 10, "test": 10},
        folds=None,
        fold=0,
        published=False,
        ngram=NGRAM,
        overlap=OVERLAP,
        seed=seed,
    )
    sides = {example.id: side for side, examples in division.sides.items() for example in examples}
    divided = [found[name].model_copy(update={"split": sides[name]}) for name in sorted(found)]
    return divided, division.warnings


def _example(pair: Pair) -> Example:
    stratum = f"{pair.domain} {pair.teacher or 'unknown'}"
    return Example(
        id=pair.id, text=pair.original, target=pair.compressed, group=pair.group or pair.id, stratum=stratum
    )
