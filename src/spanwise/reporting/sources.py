"""The files that a report is made of, validated where they are read.

Stages may write more keys than are named here. A figure that is absent or null is undefined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
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
SPAN_HEADS = ("pointer", "combined")  # which need a span whole in one window, and may learn overlapping ones
ACROSS = "spans_across_windows"


class Metrics(BaseModel):
    """A part of a metrics file; keys that no page shows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Figures(BaseModel):
    """A part of a metrics file of which every key is shown, also one that is not known here."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Texts(Metrics):
    """Documents of which the text alone is used."""

    documents: int


class Inventory(Metrics):
    """`metrics/prepare.json`: what was read, repaired and left out, of the corpus and of further ones."""

    documents: int
    spans: int
    repaired: dict[str, int] = {}
    left_out: dict[str, int] = {}
    edges_inside_words: int | None = None
    auxiliaries: dict[str, Inventory] = {}

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


class Division(Metrics):
    """The sides of one corpus, and what stands on none."""

    sizes: dict[str, Size]
    labels_missing: dict[str, list[str]] = {}
    left_out: dict[str, int] = {}
    warnings: list[str] = []

    @property
    def spans(self) -> int:
        """On all sides."""
        return sum(size.spans for size in self.sizes.values())

    def sides(self) -> list[tuple[str, Size]]:
        """The sides in the order of training, validation and test."""
        return [(split, self.sizes[split]) for split in SPLITS if split in self.sizes]


class TierSplit(Division):
    """`metrics/tier_split.json`: sides, tiers and the leak check; the sides of further corpora."""

    tiers: dict[str, TierSize]
    leak: Leak
    auxiliaries: dict[str, Division] = {}
    unlabelled: Texts | None = None

    @property
    def has_more_text(self) -> bool:
        """Whether anything but the main corpus was divided."""
        return bool(self.auxiliaries) or self.unlabelled is not None

    def all_warnings(self) -> list[str]:
        """The warnings, those about further corpora behind their names."""
        further = (f"{name}: {each}" for name, own in self.auxiliaries.items() for each in own.warnings)
        return [*self.warnings, *further]

    def tier_names(self) -> list[str]:
        """The tiers from the most to the least frequent types."""
        return sorted(self.tiers, key=lambda name: (-self._spans_per_type(name), name))

    def _spans_per_type(self, name: str) -> float:
        return self.tiers[name].spans / max(self.tiers[name].types, 1)


class Augmentation(Figures):
    """Copies of training documents with other mentions; see `learners.augmentation.replace_mentions`."""

    documents: int | None = None
    replaced: int | None = None
    mentions: int | None = None
    touching: int | None = None
    single: int | None = None


class Pretraining(Figures):
    """Masked-language-model training ahead of fine-tuning; see `learners.pretraining.pretrain`."""

    documents: int | None = None
    blocks: int | None = None
    steps: int | None = None
    loss_first: float | None = None
    loss_last: float | None = None
    empty: int | None = None
    words_dropped: int | None = None
    truncated_tokens: int | None = None


class Teacher(Metrics):
    """What the training of a teacher came to."""

    best_score: float | None = None
    warnings: list[str] = []


class Training(Figures):
    """`metrics/train.json`: the model and how its training went.

    `techniques` names what was switched on beside plain fine-tuning. `sides` tells for each side what came of
    its documents on their way into windows, `augmented`, `auxiliaries` and `unlabelled` the same for what
    else was learnt from; `warnings` what is wrong with the recipe.
    """

    model: str
    parameters: int | None = None
    head: str | None = None
    device: str | None = None
    precision: str | None = None
    threads: int | None = None
    techniques: list[str] = []
    warnings: list[str] = []
    sides: dict[str, dict[str, Any]] = {}
    augmented: dict[str, Any] | None = None
    auxiliaries: dict[str, dict[str, Any]] = {}
    unlabelled: dict[str, Any] | None = None
    augmentation: Augmentation | None = None
    pretraining: Pretraining | None = None
    teachers: list[Teacher] = []

    @property
    def has_span_head(self) -> bool:
        """Whether a head scores whole spans."""
        return self.head in SPAN_HEADS

    def facts(self) -> Iterator[tuple[str, Any]]:
        """What nothing else here tells: each key and value, those of nested objects under `outer inner`."""
        parts = {"sides", "augmented", "auxiliaries", "unlabelled"}
        steps = {"techniques", "warnings", "augmentation", "pretraining", "teachers"}
        yield from _flat(self.model_dump(exclude=parts | steps))

    def all_warnings(self) -> list[str]:
        """The warnings, those about teachers with their numbers."""
        told = enumerate(self.teachers, start=1)
        teachers = (f"teacher {number}: {each}" for number, own in told for each in own.warnings)
        return [*self.warnings, *teachers]

    @property
    def further(self) -> dict[str, dict[str, Any]]:
        """The figures of what was learnt from beside the training side."""
        copies = {} if self.augmented is None else {"augmented copies": self.augmented}
        text = {} if self.unlabelled is None else {"unlabelled text": self.unlabelled}
        return {**copies, **self.auxiliaries, **text}

    def parts(self) -> dict[str, dict[str, Any]]:
        """The figures of the sides, training first, and then those of what else was learnt from."""
        parts: dict[str, dict[str, Any]] = {name: self.sides[name] for name in SPLITS if name in self.sides}
        return {name: self._counted(own) for name, own in (parts | self.further).items()}

    def part_figures(self) -> Iterator[tuple[str, list[Any]]]:
        """Each figure with its value for every part."""
        parts = self.parts()
        names = dict.fromkeys(key for figures in parts.values() for key in figures)
        yield from ((name, [figures.get(name) for figures in parts.values()]) for name in names)

    def changes(self) -> dict[str, int]:
        """Every figure that counts what was changed or lost on the way, summed over the sides."""
        return self._changes(self.sides.values())

    def further_changes(self) -> dict[str, dict[str, int]]:
        """The same for what else was learnt from, as far as something was."""
        found = {name: self._changes([own]) for name, own in self.further.items()}
        changed = {name: {key: n for key, n in own.items() if n} for name, own in found.items()}
        return {name: own for name, own in changed.items() if own}

    def _changes(self, parts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        changes: dict[str, int] = {}
        for name, number in (item for part in parts for item in self._counted(part).items()):
            if isinstance(number, int) and name not in SIZES:
                changes[name] = changes.get(name, 0) + number
        return changes

    def _counted(self, figures: Mapping[str, Any]) -> dict[str, Any]:
        """Tags reach across windows: only a head that scores whole spans misses what none of them holds."""
        return {name: item for name, item in figures.items() if name != ACROSS or self.has_span_head}


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


class CorpusScores(Metrics):
    """The scores of the sides of one corpus."""

    test: SplitScores
    validation: SplitScores | None = None


class Evaluation(CorpusScores):
    """`metrics/evaluate.json`; further corpora with the types that each annotates."""

    auxiliaries: dict[str, CorpusScores] = {}


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
