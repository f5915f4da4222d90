"""The files that a report on answers is made of, validated where they are read.

A figure that is absent or null is undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from spanwise.calibration import Calibration
from spanwise.errors import UserError
from spanwise.io import read_jsonl, read_record
from spanwise.reporting.answers.scores import Evaluation, FailureFigures
from spanwise.reporting.answers.tuning import Tuning
from spanwise.reporting.sources import Source, require, source
from spanwise.reporting.sources.confidence import Trust
from spanwise.reporting.sources.data import Inventory, TierSplit
from spanwise.reporting.sources.records import Metrics
from spanwise.reporting.sources.speed import Speed
from spanwise.reporting.sources.training import TrainingTime
from spanwise.schema import Labels, Prediction


class Term(Metrics):
    """What an answer may not lack, whether it is there, and where it first stands, in characters."""

    term: str
    found: bool
    answer: tuple[int, int] | None = None
    reference: tuple[int, int] | None = None


class Judged(Metrics):
    """What `evaluate` tells of one answer: `attributes.judged` of its prediction."""

    failures: list[str] = Field(default_factory=list)
    measures: dict[str, float | None] = Field(default_factory=dict)
    language: str | None = None
    terms: list[Term] = Field(default_factory=list)


class Loss(Metrics):
    """What a reference costs, in nats: `attributes.loss` of its prediction."""

    nll: float
    tokens: int
    untuned_nll: float | None = None

    @property
    def mean(self) -> float | None:
        """A token's, by the model as it was tuned."""
        return self.nll / self.tokens if self.tokens else None

    @property
    def untuned(self) -> float | None:
        """A token's, by the model before."""
        return None if self.untuned_nll is None or not self.tokens else self.untuned_nll / self.tokens


@dataclass(frozen=True)
class Answered:
    """A question with its answer, and what is told of it."""

    prediction: Prediction
    judged: Judged
    loss: Loss | None

    @property
    def stratum(self) -> str:
        """`category/language`."""
        known = self.prediction.attributes or {}
        return f"{known.get('category', 'unknown')}/{known.get('language', 'unknown')}"

    @property
    def acceptable(self) -> bool:
        """Whether nothing that was checked speaks against it."""
        return bool(self.prediction.gold)


@dataclass(frozen=True)
class Sources:
    """All that a report says, before it is formatted."""

    inventory: Inventory
    split: TierSplit
    training: Tuning
    training_time: TrainingTime
    evaluation: Evaluation
    failures: FailureFigures
    confidence: Trust
    speed: Speed
    labels: Labels
    calibration: Calibration
    answered: tuple[Answered, ...]
    files: tuple[Source, ...]


def read_sources(*, metrics: Path, predictions: Path, labels: Path, calibration: Path) -> Sources:
    """Read what the earlier stages measured; `metrics` and `predictions` are folders.

    Raises:
        UserError: If a file is missing, naming the command that makes it, or is not what it should be.
    """
    stages = {
        metrics / "prepare.json": "prepare",
        metrics / "tier_split.json": "tier-split",
        metrics / "train.json": "train",
        metrics / "train_timing.json": "train",
        metrics / "evaluate.json": "evaluate",
        metrics / "errors.json": "evaluate",
        metrics / "confidence.json": "confidence",
        metrics / "benchmark.json": "benchmark",
        predictions / "test.jsonl": "evaluate",
        labels: "tier-split",
        calibration: "confidence",
    }
    for path, stage in stages.items():
        require(path, stage)
    return Sources(
        inventory=read_record(metrics / "prepare.json", Inventory),
        split=read_record(metrics / "tier_split.json", TierSplit),
        training=read_record(metrics / "train.json", Tuning),
        training_time=read_record(metrics / "train_timing.json", TrainingTime),
        evaluation=read_record(metrics / "evaluate.json", Evaluation),
        failures=read_record(metrics / "errors.json", FailureFigures),
        confidence=read_record(metrics / "confidence.json", Trust),
        speed=read_record(metrics / "benchmark.json", Speed),
        labels=read_record(labels, Labels),
        calibration=read_record(calibration, Calibration),
        answered=tuple(_read_answers(predictions / "test.jsonl")),
        files=tuple(source(path) for path in stages),
    )


def _read_answers(path: Path) -> list[Answered]:
    """The test predictions, in the order of strata and ids.

    Raises:
        UserError: If a prediction has no answer, or what is told of one is malformed.
    """
    found = []
    for prediction in read_jsonl(path, Prediction):
        known = prediction.attributes or {}
        if prediction.answer is None or prediction.reference is None:
            raise UserError(f"prediction {prediction.id} has no answer beside a reference", path=path)
        try:
            found.append(Answered(prediction, _judged(known), _loss(known)))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise UserError(
                f"prediction {prediction.id}: {where} of what is told of its answer is malformed",
                path=path,
                hint="Make it anew with `dvc repro evaluate`.",
            ) from None
    return sorted(found, key=lambda each: (each.stratum, each.prediction.id))


def _judged(known: dict[str, Any]) -> Judged:
    return Judged.model_validate(known.get("judged") or {})


def _loss(known: dict[str, Any]) -> Loss | None:
    return None if known.get("loss") is None else Loss.model_validate(known["loss"])
