"""One model of a comparison: what its revision wrote, as far as it did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from spanwise.comparison.records import (
    Answered,
    Backend,
    Document,
    Evaluation,
    Rounds,
    SideScores,
    Speed,
    Timing,
    Trust,
)
from spanwise.errors import UserError
from spanwise.io import flat, read_jsonl, read_record, read_text
from spanwise.provenance import LOCK, Machine, code_of, dependencies
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")

EVALUATION, TRAINING, TIMING = "metrics/evaluate.json", "metrics/train.json", "metrics/train_timing.json"
CONFIDENCE, BENCHMARK = "metrics/confidence.json", "metrics/benchmark.json"
PREDICTIONS, PARAMS, SPLITS = "data/predictions/test.jsonl", "params.yaml", "data/splits"
FILES = (EVALUATION, TRAINING, TIMING, CONFIDENCE, BENCHMARK, PREDICTIONS, PARAMS, LOCK)
"""What is read of a revision; only the first is required."""

TEST_SETTINGS = ("corpus", "split", "seed")
"""The settings that choose the test documents and their gold spans."""
UNKNOWN = Confidence(words=(), minimum=0, mean=0, product=0, span=0)


@dataclass(frozen=True)
class Candidate:
    """A model that takes part.

    Attributes:
        name: As the user wrote it.
        commit: Of its revision; None for the workspace.
        scores: Of the test documents.
        training: What it was trained on.
        timing: How long that took.
        trust: What is accepted without review.
        speed: Latencies and sizes, and what they were measured on.
        rounds: How often it was timed.
        backend: How it was run; None if it was not timed.
        predictions: The file of its predictions for the test documents; None if it is not here.
        test_set: A digest of the documents, their groups and gold spans; None without predictions.
        splits: DVC's digest of the split that was evaluated; None if `dvc.lock` does not tell.
        settings: Those that choose the test documents, with dotted keys.
        code: The digests of the code that trained and predicted, by path; empty if `dvc.lock` does not tell.
        missing: What could not be read, as the user knows it.
    """

    name: str
    commit: str | None
    scores: SideScores
    training: Machine
    timing: Timing
    trust: Trust | None
    speed: Speed
    rounds: Rounds
    backend: Backend | None
    predictions: Path | None
    test_set: str | None
    splits: str | None
    settings: Mapping[str, Any]
    code: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def metrics(self) -> tuple[BaseModel | None, ...]:
        """All that was measured."""
        return self.scores, self.training, self.timing, self.trust, self.speed

    @property
    def measure(self) -> str:
        """What its quality is: strict micro-F1 where it finds spans, mean chrF where it writes."""
        return "micro-F1" if self.scores.answers is None else "chrF"

    @property
    def f1(self) -> float:
        """The strict micro-F1; the mean chrF where it writes."""
        return self.scores.strict.micro.f1

    @property
    def loss(self) -> float | None:
        """What a token of the test references costs it, in nats; None where it finds spans."""
        return None if self.scores.answers is None else self.scores.answers.all["loss"].value

    @property
    def latency_ms(self) -> float | None:
        """The median for a single document, in milliseconds."""
        single = self.backend.latency_ms.get(1) if self.backend else None
        return single.p50 if single else None

    @property
    def size_mb(self) -> float | None:
        """The size of the model, in MB (10^6 bytes)."""
        return self.backend.model_mb if self.backend else None

    @property
    def automation_share(self) -> float | None:
        """The share of the gold spans that are accepted without review."""
        return self.trust.test.automation.share if self.trust else None

    @property
    def on_processor(self) -> bool:
        """Whether its training is told in processor time, which other work on the machine hardly changes."""
        return self.training.device == "cpu" and self.timing.cpu_seconds is not None

    @property
    def training_seconds(self) -> float | None:
        """How long its training took: processor time if it was on a CPU, else wall-clock time."""
        return self.timing.cpu_seconds if self.on_processor else self.timing.seconds

    @property
    def trainer(self) -> str:
        """What it was trained on: device, CPU, threads and precision."""
        return str(self.training)

    @property
    def timer(self) -> str:
        """What its latency was measured on: device, CPU and threads."""
        return str(self.speed)

    def read_predictions(self) -> list[Prediction]:
        """Those for the test documents, without text, tiers and confidences; none where there is no file."""
        documents = read_jsonl(self.predictions, Document) if self.predictions else ()
        return [
            Prediction(
                id=each.id,
                text="",
                group=each.group,
                gold=tuple(GoldSpan(**span.model_dump(), tier="") for span in each.gold),
                predicted=tuple(
                    PredictedSpan(**span.model_dump(), tier="", confidence=UNKNOWN) for span in each.predicted
                ),
            )
            for each in documents
        ]

    def read_answers(self) -> list[Answered]:
        """What is told of its answers to the test questions, sorted by id; none where there is no file.

        Raises:
            UserError: If that is not told, as in what an older revision wrote.
        """
        answers = read_jsonl(self.predictions, Answered) if self.predictions else ()
        return sorted(answers, key=lambda each: each.id)


def read_candidate(folder: Path, name: str, commit: str | None) -> Candidate:
    """The candidate whose `FILES` lie in `folder`, as many of them as its revision has.

    Raises:
        UserError: If the scores are missing or are not what the stage evaluate writes.
    """
    if not (folder / EVALUATION).is_file():
        raise UserError(f"no {EVALUATION}")
    try:
        scores = read_record(folder / EVALUATION, Evaluation).test
    except UserError as error:
        raise UserError(f"{EVALUATION} is {error.reason}") from None
    reading = _Reading(folder)
    params = reading.optional(PARAMS, _mapping) or {}
    lock = reading.optional(LOCK, _mapping) or {}
    speed = reading.optional(BENCHMARK, _record(Speed)) or Speed()
    test_set = reading.optional(PREDICTIONS, _digest)
    return Candidate(
        name=name,
        commit=commit,
        scores=scores,
        training=reading.optional(TRAINING, _record(Machine)) or Machine(),
        timing=reading.optional(TIMING, _record(Timing)) or Timing(),
        trust=reading.optional(CONFIDENCE, _record(Trust)),
        speed=speed,
        rounds=_rounds(params),
        backend=_backend(speed, params),
        predictions=folder / PREDICTIONS if test_set else None,
        test_set=test_set,
        splits=dependencies(lock, ["evaluate"]).get(SPLITS),
        settings=flat({key: params[key] for key in TEST_SETTINGS if key in params}),
        code=code_of(lock),
        missing=tuple(reading.missing),
    )


class _Reading:
    """Files of which some may be missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.missing: list[str] = []

    def optional(self, file: str, read: Callable[[Path], T]) -> T | None:
        """What the file holds; None, noting it, where there is none or it holds something else."""
        if not (self.folder / file).is_file():
            self.missing.append(file)
            return None
        try:
            return read(self.folder / file)
        except UserError as error:
            reason, *_ = error.reason.split("; ")  # a file of another form has a fault in each line
            self.missing.append(f"{file} ({reason})")
            return None


def _record(kind: type[R]) -> Callable[[Path], R]:
    return lambda path: read_record(path, kind)


def _mapping(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(read_text(path))
    except yaml.YAMLError:
        raise UserError("not valid YAML", path=path) from None
    if not isinstance(values, dict):
        raise UserError("not a YAML mapping", path=path)
    return values


def _digest(path: Path) -> str:
    """A digest of what must be the same for two systems to be compared."""
    documents = sorted(
        (
            each.id,
            each.group,
            each.reference,
            # Where it is text, the gold span tells of the answer and not of what was asked.
            [] if each.reference is not None else sorted((s.start, s.end, s.label) for s in each.gold),
        )
        for each in read_jsonl(path, Document)
    )
    return hashlib.sha256(json.dumps(documents).encode()).hexdigest()


def _rounds(params: Mapping[str, Any]) -> Rounds:
    try:
        return Rounds.model_validate(params.get("benchmark") or {})
    except ValidationError:
        return Rounds()


def _backend(speed: Speed, params: Mapping[str, Any]) -> Backend | None:
    """That by which the settings predict, or else the first by name."""
    chosen = (params.get("runtime") or {}).get("backend")
    first = min(speed.backends, default=None)
    return speed.backends.get(chosen if chosen in speed.backends else first or "")
