"""Further corpora beside the main one: divided so that none trains on what another is evaluated on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from spanwise.errors import UserError
from spanwise.schema import SPLITS, Example, Labels, SplitName
from spanwise.splits.division import divide, publishes_split
from spanwise.splits.inventory import take_inventory
from spanwise.splits.tiers import count_strata, drop_rare, require_spans
from spanwise.splits.twins import Tie, find_ties

Sides = Mapping[SplitName, Sequence[Example]]

INSTEAD = "Or take it out of corpus.auxiliaries: listed under corpus.unlabelled, its texts alone are used."


@dataclass(frozen=True)
class Auxiliary:
    """A divided further corpus."""

    sides: dict[SplitName, list[Example]]
    """The documents of each side, by id."""
    published: bool
    """Whether these are the sides that the corpus itself publishes."""
    warnings: list[str]
    """Sides that are far from the size asked for."""
    left_out: dict[str, int]
    """Spans of labels below `min_count`; documents with a twin on a later published side (`twin_across`), or
    on another side of another corpus (`twin_of_evaluation`, `twin_of_training`: on which)."""

    @property
    def examples(self) -> list[Example]:
        """The documents of all sides."""
        return [example for side in SPLITS for example in self.sides[side]]

    def figures(self, labels: Labels) -> dict[str, Any]:
        """What is on its sides, and what is not.

        Args:
            labels: Those of all corpora. What it annotates of them is `shared` with the main corpus, or
                `foreign` to it.
        """
        own = {label: labels.tiers[label] for label in sorted(count_strata(self.examples))}
        return {
            **take_inventory(self.sides, own),
            "shared": [label for label in own if label not in labels.foreign],
            "foreign": [label for label in own if label in labels.foreign],
            "published": self.published,
            "warnings": self.warnings,
            "left_out": self.left_out,
        }


class _Place(NamedTuple):
    """A side of a corpus; the main one has no name here."""

    corpus: str | None
    side: SplitName


def divide_auxiliaries(
    corpora: Mapping[str, Sequence[Example]],
    main: Sides,
    *,
    sizes: Mapping[SplitName, int],
    min_count: int,
    ngram: int,
    overlap: float,
    seed: int,
) -> dict[str, Auxiliary]:
    """Divide further corpora beside the main one.

    Each takes the sides that it publishes, if it has them for all its documents, and is divided by `sizes` if
    not, never into folds. The main corpus stays as it is: a document that has a twin in it on another side is
    left out. Of twins in two further corpora, the one on the earlier side is: train before validation before
    test.

    Args:
        corpora: The documents of each corpus by its name; ids and groups differ between corpora.
        main: The sides of the main corpus.
        sizes: The sizes of the sides, in proportion.
        min_count: Labels with fewer spans in a corpus count as not annotated in it; 0 keeps all.
        ngram: Words in an n-gram, for near-copies.
        overlap: Documents are near-copies above this share of common n-grams, 0 to 1.
        seed: Decides between documents that serve equally well.

    Raises:
        UserError: If a corpus has no spans, cannot be divided, or has nothing left for a side.
    """
    divided = {}
    for name in sorted(corpora):
        try:
            divided[name] = _divide(
                corpora[name], sizes=sizes, min_count=min_count, ngram=ngram, overlap=overlap, seed=seed
            )
        except UserError as error:
            hint = " ".join(filter(None, [error.hint, INSTEAD]))
            raise UserError(f"the auxiliary corpus {name}: {error.reason}", hint=hint) from None
    return _without_twins(divided, main, ngram=ngram, overlap=overlap)


def _divide(
    examples: Sequence[Example],
    *,
    sizes: Mapping[SplitName, int],
    min_count: int,
    ngram: int,
    overlap: float,
    seed: int,
) -> Auxiliary:
    kept, dropped = drop_rare(examples, min_count)
    require_spans(kept, dropped)
    published = publishes_split(kept)
    division = divide(
        kept,
        sizes=sizes,
        folds=None,
        fold=0,
        published=published,
        ngram=ngram,
        overlap=overlap,
        seed=seed,
    )
    left_out = {"below_min_count": dropped.total(), "twin_across": len(division.left_out)}
    return Auxiliary(division.sides, published, division.warnings, left_out)


def _without_twins(
    divided: Mapping[str, Auxiliary], main: Sides, *, ngram: int, overlap: float
) -> dict[str, Auxiliary]:
    """The corpora without documents that have a twin on another side of another corpus."""
    further = [(_Place(name, side), each.sides[side]) for name, each in divided.items() for side in SPLITS]
    placed = [(_Place(None, side), example) for side in SPLITS for example in main[side]]
    placed += [(place, example) for place, examples in further for example in examples]
    ties = find_ties([example for _, example in placed], ngram=ngram, overlap=overlap)
    holders: dict[Tie, set[_Place]] = defaultdict(set)
    for (place, _), own in zip(placed, ties, strict=True):
        for tie in own:
            holders[tie].add(place)

    kept: dict[_Place, list[Example]] = {place: [] for place, _ in further}
    left_out = {name: {"twin_of_evaluation": 0, "twin_of_training": 0} for name in divided}
    for (place, example), own in zip(placed, ties, strict=True):
        if place.corpus is None:
            continue
        sides = {other.side for tie in own for other in holders[tie] if _outranks(other, place)}
        if sides:
            left_out[place.corpus]["twin_of_training" if sides == {"train"} else "twin_of_evaluation"] += 1
        else:
            kept[place].append(example)
    _require_documents(kept)
    return {
        name: replace(
            each,
            sides={side: kept[_Place(name, side)] for side in SPLITS},
            left_out={**each.left_out, **left_out[name]},
        )
        for name, each in divided.items()
    }


def _outranks(other: _Place, place: _Place) -> bool:
    """Whether a document at `other` stays, and its twin at `place` has to go."""
    if other.corpus == place.corpus or other.side == place.side:
        return False
    return other.corpus is None or SPLITS.index(other.side) > SPLITS.index(place.side)


def _require_documents(kept: Mapping[_Place, Sequence[Example]]) -> None:
    for (name, side), examples in kept.items():
        if not examples:
            raise UserError(
                f"the auxiliary corpus {name} has nothing left for {side}: each document there is a twin "
                "of one on another side of another corpus",
                hint="Take it out of corpus.auxiliaries: it has too much in common with the others.",
            )


def join_sides(
    main: Sides, auxiliaries: Iterable[Auxiliary], unlabelled: Sequence[Example]
) -> dict[SplitName, list[Example]]:
    """The documents of all corpora on each side; unlabelled ones, which are trained on, are on train."""
    further = list(auxiliaries)
    joined = {
        side: [*main[side], *(example for auxiliary in further for example in auxiliary.sides[side])]
        for side in SPLITS
    }
    joined["train"] += unlabelled
    return joined
