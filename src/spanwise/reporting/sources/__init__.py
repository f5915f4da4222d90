"""The files that a report is made of, validated where they are read.

Stages may write more keys than are named here. A figure that is absent or null is undefined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from spanwise.calibration import Calibration
from spanwise.errors import UserError
from spanwise.io import read_jsonl, read_record
from spanwise.metrics.errors import Judgement
from spanwise.reporting.sources.confidence import Trust
from spanwise.reporting.sources.data import Inventory, TierSplit
from spanwise.reporting.sources.errors import ErrorFigures
from spanwise.reporting.sources.evaluation import Evaluation
from spanwise.reporting.sources.robustness import Robustness
from spanwise.reporting.sources.speed import Speed
from spanwise.reporting.sources.training import Training, TrainingTime
from spanwise.schema import Labels, Prediction

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Source:
    """A file that was read, by the name that a reader knows, and the start of its SHA-256."""

    name: str
    digest: str


@dataclass(frozen=True)
class Sources:
    """All that a report says, before it is formatted."""

    inventory: Inventory
    split: TierSplit
    training: Training
    training_time: TrainingTime
    evaluation: Evaluation
    errors: ErrorFigures
    robustness: Robustness
    confidence: Trust
    speed: Speed
    labels: Labels
    calibration: Calibration
    predictions: tuple[Prediction, ...]
    judgements: tuple[Judgement, ...]
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
        metrics / "robustness.json": "evaluate",
        metrics / "confidence.json": "confidence",
        metrics / "benchmark.json": "benchmark",
        predictions / "test.jsonl": "evaluate",
        predictions / "errors.jsonl": "evaluate",
        labels: "tier-split",
        calibration: "confidence",
    }
    for path, stage in stages.items():
        require(path, stage)
    found = tuple(read_jsonl(predictions / "test.jsonl", Prediction))
    return Sources(
        inventory=read_record(metrics / "prepare.json", Inventory),
        split=read_record(metrics / "tier_split.json", TierSplit),
        training=read_record(metrics / "train.json", Training),
        training_time=read_record(metrics / "train_timing.json", TrainingTime),
        evaluation=read_record(metrics / "evaluate.json", Evaluation),
        errors=read_record(metrics / "errors.json", ErrorFigures),
        robustness=read_record(metrics / "robustness.json", Robustness),
        confidence=read_record(metrics / "confidence.json", Trust),
        speed=read_record(metrics / "benchmark.json", Speed),
        labels=read_record(labels, Labels),
        calibration=read_record(calibration, Calibration),
        predictions=found,
        judgements=_read_judgements(predictions / "errors.jsonl", {each.id for each in found}),
        files=tuple(source(path) for path in stages),
    )


def require(path: Path, stage: str) -> None:
    """Make sure that `path` exists.

    Raises:
        UserError: If it does not, naming the command that makes it.
    """
    if not path.exists():
        raise UserError("no such file", path=path, hint=f"Make it with `dvc repro {stage}`.")


def _read_judgements(path: Path, documents: Collection[str]) -> tuple[Judgement, ...]:
    judgements = tuple(read_jsonl(path, Judgement))
    strange = next((each.document for each in judgements if each.document not in documents), None)
    if strange is not None:
        raise UserError(
            f"document {strange} is not among the predictions on the test documents",
            path=path,
            hint="Make both anew with `dvc repro evaluate`.",
        )
    return judgements


def source(path: Path) -> Source:
    """A file that was read."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(f"{path.parent.name}/{path.name}", digest[:12])
