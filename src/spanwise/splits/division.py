"""A corpus to training, validation and test sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spanwise.errors import UserError
from spanwise.schema import SPLITS, Example, SplitName
from spanwise.splits.stratified import stratify
from spanwise.splits.tiers import count_strata
from spanwise.splits.twins import Tie, find_components, find_ties

TOLERANCE = 0.1  # of the documents, by which a side may miss its size without a warning


@dataclass(frozen=True)
class Division:
    """A divided corpus."""

    sides: dict[SplitName, list[Example]]
    """The documents of each side, by id."""
    left_out: list[Example]
    """Documents left out of a published side because they are twins of documents on a later one."""
    groups: int
    """Components of more than one document in the corpus, that had to stay together."""
    largest_group: int
    """Documents in the largest component."""
    warnings: list[str]
    """Sides that are far from the size asked for."""


def divide(
    examples: Iterable[Example],
    *,
    sizes: Mapping[SplitName, int],
    folds: int | None,
    fold: int,
    published: bool,
    ngram: int,
    overlap: float,
    seed: int,
) -> Division:
    """Divide a corpus so that no group, copy or near-copy is on two sides, and labels are on all.

    The same documents, settings and seed give the same sides, in whatever order the documents come. With
    `folds`, the test sides of all folds partition the corpus.

    Args:
        examples: The corpus.
        sizes: The sizes of the sides, in proportion.
        folds: Number of grouped folds, or None for one division by `sizes`.
        fold: Which fold is the test side, from 0; validation and train are taken from the others.
        published: Take the sides that the corpus publishes. The test side stays whole; twins of its documents
            are left out of the others. A validation side that it does not publish is taken from train.
        ngram: Words in an n-gram, for near-copies (`spanwise.splits.overlap`).
        overlap: Documents are near-copies above this share of common n-grams, 0 to 1.
        seed: Decides between documents that serve equally well.

    Raises:
        UserError: If there are fewer groups than sides, or no published train and test sides.
    """
    corpus = _Corpus(examples, ngram=ngram, overlap=overlap, seed=seed)
    if published:
        sides = _take_published(corpus, sizes)
    elif folds is not None:
        sides = _take_fold(corpus, sizes, folds, fold)
    else:
        # Test stands before validation: a label found in two documents goes to train and test.
        order: tuple[SplitName, ...] = ("train", "test", "validation")
        sides = dict(zip(order, corpus.part(corpus.all, [sizes[side] for side in order]), strict=True))
    placed = {document for side in sides.values() for document in side}
    components = Counter(find_components(corpus.ties)).values()
    largest = max(components, default=0)
    wanted = {} if published else _wanted_shares(sizes, folds)
    return Division(
        sides={side: [corpus.examples[document] for document in sides[side]] for side in SPLITS},
        left_out=[corpus.examples[document] for document in corpus.all if document not in placed],
        groups=sum(size > 1 for size in components),
        largest_group=largest,
        warnings=_size_warnings({side: len(sides[side]) for side in SPLITS}, wanted, largest),
    )


def _wanted_shares(sizes: Mapping[SplitName, int], folds: int | None) -> dict[SplitName, float]:
    """The share of the documents that each side should have."""
    total = sum(sizes.values())
    if folds is None:
        return {side: sizes[side] / total for side in SPLITS}
    rest = (1 - 1 / folds) / (sizes["train"] + sizes["validation"])
    return {"train": sizes["train"] * rest, "validation": sizes["validation"] * rest, "test": 1 / folds}


def _size_warnings(
    found: Mapping[SplitName, int], wanted: Mapping[SplitName, float], largest: int
) -> list[str]:
    """A sentence on each side whose size is off by more than a tenth of all documents."""
    total = sum(found.values())
    return [
        f"{side} has {found[side]} of {total} documents where {share * total:.0f} were asked for; the "
        f"largest group that has to stay together has {largest} (see split.twins.overlap)"
        for side, share in wanted.items()
        if abs(found[side] - share * total) > TOLERANCE * total
    ]


class _Corpus:
    """Documents in a fixed order, spoken of by their number in it, and what ties them together."""

    def __init__(self, examples: Iterable[Example], *, ngram: int, overlap: float, seed: int) -> None:
        self.examples = sorted(examples, key=lambda example: (example.id, example.model_dump_json()))
        self.ties: Sequence[frozenset[Tie]] = find_ties(self.examples, ngram=ngram, overlap=overlap)
        self.all = list(range(len(self.examples)))
        self.seed = seed

    def part(self, documents: Sequence[int], weights: Sequence[int]) -> list[list[int]]:
        """`documents` in stratified parts that share no tie."""
        component = find_components([self.ties[document] for document in documents])
        groups: list[list[int]] = [[] for _ in range(max(component, default=-1) + 1)]
        for document, group in zip(documents, component, strict=True):
            groups[group].append(document)
        counts = [count_strata(self.examples[document] for document in group) for group in groups]
        labels = sorted(set().union(*counts))
        spans = np.array([[count[label] for label in labels] for count in counts], dtype=np.int64)
        side = stratify(
            np.array([len(group) for group in groups]),
            spans.reshape(len(groups), len(labels)),
            weights,
            rng=np.random.default_rng(self.seed),
        )
        return [
            sorted(
                document for group, own in zip(groups, side, strict=True) if own == part for document in group
            )
            for part in range(len(weights))
        ]

    def untied(self, documents: Iterable[int], others: Iterable[int]) -> list[int]:
        """Those of `documents` that have no twin among `others`."""
        taken = frozenset[Tie]().union(*(self.ties[other] for other in others))
        return [document for document in documents if taken.isdisjoint(self.ties[document])]


def _take_fold(
    corpus: _Corpus, sizes: Mapping[SplitName, int], folds: int, fold: int
) -> dict[SplitName, list[int]]:
    try:
        test = corpus.part(corpus.all, [1] * folds)[fold]
    except UserError as error:
        raise UserError(error.reason, hint=f"{error.hint} Or lower split.folds.") from None
    rest = sorted(set(corpus.all).difference(test))
    train, validation = corpus.part(rest, [sizes["train"], sizes["validation"]])
    return {"train": train, "validation": validation, "test": test}


def publishes_split(examples: Iterable[Example]) -> bool:
    """Whether a corpus publishes a side for each document, train and test among them."""
    sides = {example.split for example in examples}
    return None not in sides and {"train", "test"} <= sides


def _take_published(corpus: _Corpus, sizes: Mapping[SplitName, int]) -> dict[SplitName, list[int]]:
    sides: dict[SplitName, list[int]] = {
        side: [document for document in corpus.all if corpus.examples[document].split == side]
        for side in SPLITS
    }
    if not publishes_split(corpus.examples):
        homeless = len(corpus.all) - sum(map(len, sides.values()))
        found = ", ".join(f"{side} {len(sides[side])}" for side in SPLITS)
        raise UserError(
            f"the corpus publishes no complete split: {found} documents, without a side {homeless}",
            hint="Set split.published to false to have it divided by split.sizes or split.folds.",
        )
    validation = corpus.untied(sides["validation"], sides["test"])
    train = corpus.untied(sides["train"], [*validation, *sides["test"]])
    if not sides["validation"]:
        train, validation = corpus.part(train, [sizes["train"], sizes["validation"]])
    if not train or not validation:
        raise UserError("every published document of train or validation is a twin of one on a later side")
    return {"train": train, "validation": validation, "test": sides["test"]}
