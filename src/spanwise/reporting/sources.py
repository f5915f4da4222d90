"""The files that a report is made of, validated where they are read.

Stages may write more keys than are named here. A figure that is absent or null is undefined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from spanwise.calibration import Calibration
from spanwise.errors import UserError
from spanwise.io import read_jsonl, read_record
from spanwise.schema import SPLITS, Labels, Prediction

R = TypeVar("R", bound=BaseModel)

# What says in a side's figures how much there is; all others count what was changed or lost.
SIZES = frozenset({"documents", "windows", "tokens", "spans"})


class Metrics(BaseModel):
    """A part of a metrics file; keys that no page shows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Inventory(Metrics):
    """`metrics/prepare.json`: what was read, repaired and left out."""

    documents: int
    spans: int
    repaired: dict[str, int] = {}
    left_out: dict[str, int] = {}
    edges_inside_words: int | None = None

    @property
    def flattened(self) -> int:
        """Annotations that the gold standard lacks because they overlap others."""
        return self.left_out.get("overlapping", 0)


class Size(Metrics):
    """One side of a split."""

    documents: int
    spans: int


class TierSize(Metrics):
    """The types and spans of one frequency tier."""

    types: int
    spans: int


class Leak(Metrics):
    """What stands on two sides of a split; `max_overlap` is a share of word n-grams."""

    groups_across: int
    twins_across: int
    max_overlap: float | None = None


class TierSplit(Metrics):
    """`metrics/tier_split.json`: sides, tiers and the leak check."""

    sizes: dict[str, Size]
    tiers: dict[str, TierSize]
    leak: Leak
    labels_missing: dict[str, list[str]] = {}
    left_out: dict[str, int] = {}
    warnings: list[str] = []

    def sides(self) -> list[tuple[str, Size]]:
        """The sides in the order of training, validation and test."""
        return [(split, self.sizes[split]) for split in SPLITS if split in self.sizes]

    def tier_names(self) -> list[str]:
        """The tiers from the most to the least frequent types."""
        return sorted(self.tiers, key=lambda name: (-self._spans_per_type(name), name))

    def _spans_per_type(self, name: str) -> float:
        return self.tiers[name].spans / max(self.tiers[name].types, 1)


class Training(BaseModel):
    """`metrics/train.json`: the model and how its training went; every key is shown.

    `sides` tells for each side what came of its documents on their way into windows, `warnings` what is
    wrong with the recipe.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    model: str
    parameters: int | None = None
    device: str | None = None
    precision: str | None = None
    threads: int | None = None
    warnings: list[str] = []
    sides: dict[str, dict[str, Any]] = {}

    def facts(self) -> Iterator[tuple[str, Any]]:
        """All but the sides and warnings: each key and value, those of nested objects under `outer inner`."""
        yield from _flat(self.model_dump(exclude={"sides", "warnings"}))

    def side_names(self) -> list[str]:
        """The sides in the order of training, validation and test."""
        return [split for split in SPLITS if split in self.sides]

    def side_figures(self) -> Iterator[tuple[str, list[Any]]]:
        """Each figure with its value for every side."""
        names = dict.fromkeys(key for figures in self.sides.values() for key in figures)
        yield from ((name, [self.sides[side].get(name) for side in self.side_names()]) for name in names)

    def changes(self) -> dict[str, int]:
        """Every figure that counts what was changed or lost on the way, summed over the sides."""
        counted = {
            name: [item for item in items if isinstance(item, int)] for name, items in self.side_figures()
        }
        return {name: sum(items) for name, items in counted.items() if items and name not in SIZES}


class TrainingTime(Metrics):
    """`metrics/train_timing.json`."""

    seconds: float | None = None
    documents_per_s: float | None = None
    tokens_per_s: float | None = None
    peak_rss_mb: float | None = None


class Score(Metrics):
    """Precision, recall and F1 with its bootstrap interval; `support` counts gold spans."""

    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    f1_low: float | None = None
    f1_high: float | None = None
    support: int | None = None


class TypeScore(Score):
    """The score of one type."""

    tier: str | None = None


class Strict(Metrics):
    """Scores where type and both boundaries must be right, averaged in three ways."""

    micro: Score
    macro: Score
    weighted: Score


class SplitScores(Metrics):
    """The scores of one side of the split."""

    headline: float | None
    documents: int
    groups: int | None = None
    spans: int
    strict: Strict
    tiers: dict[str, Score]
    types: dict[str, TypeScore]

    def by_support(self) -> list[tuple[str, TypeScore]]:
        """The types from the most to the least frequent in this side's gold standard."""
        return sorted(self.types.items(), key=lambda item: (-(item[1].support or 0), item[0]))


class Evaluation(Metrics):
    """`metrics/evaluate.json`."""

    test: SplitScores
    validation: SplitScores | None = None


class Threshold(Metrics):
    """What a confidence threshold accepts: how much of it is right, and how much there is."""

    threshold: float
    precision: float | None = None
    coverage: float | None = None
    recall: float | None = None


class Automation(Metrics):
    """What may be accepted without review; `share` is a share of the gold spans.

    `threshold` is undefined where no threshold reaches `target_precision`, for the `reason` given.
    """

    target_precision: float
    threshold: float | None = None
    reason: str | None = None
    precision: float | None = None
    precision_low: float | None = None
    precision_high: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None


class MeanConfidence(Metrics):
    """The mean confidence of right, wrong and missed spans."""

    true_positive: float | None = None
    false_positive: float | None = None
    false_negative: float | None = None


class Counts(Metrics):
    """How many spans were right, wrong and missed; no prediction overlaps the last kind."""

    true_positive: int | None = None
    false_positive: int | None = None
    false_negative: int | None = None
    false_negative_without_overlap: int | None = None


class SplitConfidence(Metrics):
    """How far confidence can be trusted on one side of the split, calibrated and raw."""

    ece: float | None = None
    ece_raw: float | None = None
    aurc: float | None = None
    aurc_raw: float | None = None
    thresholds: list[Threshold]
    automation: Automation
    mean_confidence: MeanConfidence = MeanConfidence()
    counts: Counts = Counts()


class Trust(Metrics):
    """`metrics/confidence.json`."""

    test: SplitConfidence


class Latency(Metrics):
    """Milliseconds for one batch."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Backend(Metrics):
    """The speed and size of one way to run the model; latencies by batch size."""

    latency_ms: dict[int, Latency] = {}
    documents_per_s: float | None = None
    tokens_per_s: float | None = None
    model_mb: float | None = None
    peak_rss_mb: float | None = None
    f1: float | None = None


class Speed(Metrics):
    """`metrics/benchmark.json`."""

    device: str | None = None
    cpu: str | None = None
    threads: int | None = None
    backends: dict[str, Backend]
    hours_per_10k_documents: float | None = None

    @property
    def machine(self) -> str:
        """What did the work: the accelerator, or else the CPU."""
        return self.device if self.device not in (None, "cpu") else self.cpu or "an unnamed CPU"

    @property
    def seconds_per_10k_documents(self) -> float | None:
        """The same time in the unit that can be shown in any size."""
        return None if self.hours_per_10k_documents is None else self.hours_per_10k_documents * 3600


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
    confidence: Trust
    speed: Speed
    labels: Labels
    calibration: Calibration
    predictions: tuple[Prediction, ...]
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
        training=read_record(metrics / "train.json", Training),
        training_time=read_record(metrics / "train_timing.json", TrainingTime),
        evaluation=read_record(metrics / "evaluate.json", Evaluation),
        confidence=read_record(metrics / "confidence.json", Trust),
        speed=read_record(metrics / "benchmark.json", Speed),
        labels=read_record(labels, Labels),
        calibration=read_record(calibration, Calibration),
        predictions=tuple(read_jsonl(predictions / "test.jsonl", Prediction)),
        files=tuple(_source(path) for path in stages),
    )


def require(path: Path, stage: str) -> None:
    """Make sure that `path` exists.

    Raises:
        UserError: If it does not, naming the command that makes it.
    """
    if not path.exists():
        raise UserError("no such file", path=path, hint=f"Make it with `dvc repro {stage}`.")


def _source(path: Path) -> Source:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(f"{path.parent.name}/{path.name}", digest[:12])


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in values.items():
        name = f"{prefix} {key}".strip()
        if isinstance(item, Mapping):
            yield from _flat(item, name)
        else:
            yield name, item
