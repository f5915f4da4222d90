"""Repeated cross-validation: the folds of several divisions together, no answer by a model that learnt it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from spanwise.errors import UserError
from spanwise.schema import Prediction
from spanwise.tasks.instruct.headline import headline
from spanwise.tasks.instruct.scores import score

SHOWN = 3  # ids that an error names


def pool_repeats(
    repeats: Mapping[str, Sequence[Sequence[Prediction]]], *, samples: int, level: float, seed: int
) -> dict[str, Any]:
    """Score the test sides of all folds of all repeats.

    Groups are drawn for the intervals, each with all of its answers in all repeats: repeats show how far the
    division and the seed matter, and make no further questions of the same ones.

    Args:
        repeats: The test sides of the folds of each repeat, which is named by its seed.
        samples: See `scores.score`, as for the next two.
        level: Of the intervals.
        seed: Of the drawing.

    Returns:
        `scores` as `scores.score` has them; `repeats`, how many; `documents`, how many different ones;
        `headline` with `mean`, `deviation` over the repeats (None of one) and `each.<repeat>`.

    Raises:
        UserError: If there is no repeat, a document is in two folds of one, or repeats differ in documents.
    """
    pooled = {name: [each for fold in folds for each in fold] for name, folds in repeats.items()}
    documents = _check(pooled)
    each = {name: headline(predictions) for name, predictions in pooled.items()}
    everything = [prediction for predictions in pooled.values() for prediction in predictions]
    return {
        "scores": score(everything, samples=samples, level=level, seed=seed),
        "repeats": len(pooled),
        "documents": documents,
        "headline": {
            "mean": mean(each.values()),
            "deviation": stdev(each.values()) if len(each) > 1 else None,
            "each": each,
        },
    }


def _check(pooled: Mapping[str, Sequence[Prediction]]) -> int:
    """The number of documents, which must be the same in each repeat and in one of its folds each."""
    if not any(pooled.values()):
        raise UserError("there is no fold to pool", hint="Name experiments or folders.")
    first, *_ = pooled
    expected = {prediction.id for prediction in pooled[first]}
    for repeat, predictions in pooled.items():
        times = Counter(prediction.id for prediction in predictions)
        if twice := sorted(name for name, number in times.items() if number > 1):
            raise UserError(
                f"repeat {repeat}: {len(twice)} documents in two folds, such as {', '.join(twice[:SHOWN])}",
                hint="Name each fold once: `-S 'split.fold=range(0,5)'` with one seed.",
            )
        if other := sorted(expected ^ set(times)):
            raise UserError(
                f"repeats {first} and {repeat} differ in {len(other)} documents, such as "
                f"{', '.join(other[:SHOWN])}",
                hint="Wait for all folds of a repeat, or leave it out.",
            )
    return len(expected)


def group_repeats(folds: Sequence[Sequence[Prediction]]) -> dict[str, list[Sequence[Prediction]]]:
    """The test sides of folds by their repeat, numbered from 1: a document that comes again begins the next.

    Args:
        folds: The folds of each repeat together.
    """
    repeats: dict[str, list[Sequence[Prediction]]] = {}
    seen: set[str] = set()
    for fold in folds:
        documents = {prediction.id for prediction in fold}
        if not repeats or seen & documents:
            repeats[str(len(repeats) + 1)], seen = [], set()
        repeats[str(len(repeats))].append(fold)
        seen |= documents
    return repeats
