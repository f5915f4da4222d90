"""One arm of the study: a training on one division of the rows, and what its test rows give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.io import read_record, write_json
from spanwise.leakage.rows import Sides, share_with_twin
from spanwise.learners import course
from spanwise.learners.checkpoints import checkpoint_folder
from spanwise.learners.recipe import Recipe
from spanwise.learners.training import VALIDATION_TOKENS, Fit, Score
from spanwise.schema import Labels, Prediction, Record, SplitName

Measure = Callable[[Sequence[Prediction]], dict[str, Any]]


class Epoch(Record):
    """What one epoch came to; see `spanwise.learners.training.Curve`."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_score: float


class Scores(Record):
    """Strict micro scores of some test rows, with the interval of F1 over documents.

    The bounds are None where `spanwise.metrics.evaluation.evaluate` defines none.
    """

    rows: int
    documents: int
    precision: float
    recall: float
    f1: float
    f1_low: float | None
    f1_high: float | None
    support: int


class Arm(Record):
    """A finished arm.

    Attributes:
        rows: Of each side.
        twin_share: The share of the rows of the validation and the test side whose text is in training.
        fit: What the training came to, without its curve.
        curve: One entry an epoch.
        test: The scores of all test rows.
        test_with_twin: Of those whose text is in training; None where there are none.
        test_without_twin: Of the others; None where there are none.
    """

    rows: dict[SplitName, int]
    twin_share: dict[SplitName, float]
    fit: dict[str, Any]
    curve: tuple[Epoch, ...]
    test: Scores
    test_with_twin: Scores | None
    test_without_twin: Scores | None


def run_arm(
    path: Path,
    sides: Sides,
    *,
    labels: Labels,
    model: Mapping[str, Any],
    recipe: Recipe,
    score: Score,
    measure: Measure,
    seed: int,
    digest: str,
) -> Arm:
    """The arm that `path` holds; where it holds none yet, train and score it, and write it there.

    Args:
        path: The file of a finished arm.
        sides: The rows.
        labels: As `course.Start` has them, like `model` and `recipe`.
        model: Where the encoder comes from.
        recipe: How to train.
        score: Chooses the epoch by its validation rows; higher is better.
        measure: Scores test rows, as `spanwise.metrics.evaluation.evaluate` does.
        seed: Of the training.
        digest: Of all that the arm depends on: a killed training with the same resumes.

    Raises:
        UserError: As `course.run` does, or if `path` holds something else.
    """
    if not path.is_file():
        with checkpoint_folder(digest) as checkpoints:
            material = course.Material(sides["train"], sides["validation"])
            start = course.Start(labels, model, recipe, nested=material.nested)
            outcome = course.run(start, material, score=score, seed=seed, checkpoints=checkpoints)
            predictions = list(outcome.tagger.predictor(VALIDATION_TOKENS)(sides["test"]))
            arm = _arm(sides, outcome.fitted, predictions, measure)
            write_json(path, arm.model_dump(mode="json"))
    return read_record(path, Arm)


def _arm(sides: Sides, fitted: Fit, predictions: Sequence[Prediction], measure: Measure) -> Arm:
    trained = {row.text for row in sides["train"]}
    return Arm(
        rows={side: len(rows) for side, rows in sides.items()},
        twin_share={
            "validation": share_with_twin(sides["validation"], sides["train"]),
            "test": share_with_twin(sides["test"], sides["train"]),
        },
        fit=fitted.figures(),
        curve=tuple(
            Epoch(**{name: getattr(point, name) for name in Epoch.model_fields}) for point in fitted.curve
        ),
        test=_scores(predictions, measure),
        test_with_twin=_scores_of_some([each for each in predictions if each.text in trained], measure),
        test_without_twin=_scores_of_some(
            [each for each in predictions if each.text not in trained], measure
        ),
    )


def _scores_of_some(predictions: Sequence[Prediction], measure: Measure) -> Scores | None:
    return _scores(predictions, measure) if predictions else None


def _scores(predictions: Sequence[Prediction], measure: Measure) -> Scores:
    found = measure(predictions)
    return Scores(rows=found["documents"], documents=found["groups"], **found["strict"]["micro"])
