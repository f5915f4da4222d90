"""What is read of a revision's metrics and predictions.

Older revisions wrote fewer keys: of the metrics nothing is required but the strict micro-F1, and an absent
figure is None; of the predictions, nothing but what is scored.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spanwise.provenance import Machine
from spanwise.reporting.sources.evaluation import Score, TypeScore
from spanwise.reporting.sources.records import Metrics

Cost = Annotated[float, Field(gt=0)]
"""A time or a size: its logarithm is taken."""


class Micro(Score):
    """The score by which models are compared."""

    f1: float


class Strict(Metrics):
    """Scores where type and both boundaries must be right."""

    micro: Micro
    macro: Score = Score()


class SideScores(Metrics):
    """The scores of the test documents."""

    documents: int | None = None
    strict: Strict
    tiers: dict[str, Score] = Field(default_factory=dict)
    types: dict[str, TypeScore] = Field(default_factory=dict)


class Evaluation(Metrics):
    """`metrics/evaluate.json`."""

    test: SideScores


class Timing(Metrics):
    """`metrics/train_timing.json`; the times of a training that was `resumed` are those of its last part.

    `seconds` passed on the clock, `cpu_seconds` were worked by all threads together.
    """

    seconds: float | None = None
    cpu_seconds: float | None = None
    resumed: bool = False


class Automation(Metrics):
    """The share of the gold spans that are accepted without review at a target precision."""

    target_precision: float | None = None
    share: float | None = None


class SideConfidence(Metrics):
    """How far the confidence in the test documents can be trusted."""

    automation: Automation = Automation()


class Trust(Metrics):
    """`metrics/confidence.json`."""

    test: SideConfidence


class Latency(Metrics):
    """The median time for one batch, in milliseconds."""

    p50: Cost | None = None


class Backend(Metrics):
    """One way to run the model: latencies by batch size, and the size in MB (10^6 bytes)."""

    latency_ms: dict[int, Latency] = Field(default_factory=dict)
    model_mb: Cost | None = None


class Speed(Machine):
    """`metrics/benchmark.json`, with what it was measured on."""

    backends: dict[str, Backend] = Field(default_factory=dict)


class Rounds(Metrics):
    """The settings of the benchmark: how many documents it predicts, and how often; None if not known."""

    documents: int | None = None
    repeats: int | None = None

    @property
    def timings(self) -> int | None:
        """How many latencies of single documents there are."""
        return None if self.documents is None or self.repeats is None else self.documents * self.repeats


class Mention(Metrics):
    """A labelled span; tiers and confidences are not compared."""

    start: int
    end: int
    label: str


class Document(Metrics):
    """A line of `data/predictions/test.jsonl`: the spans of a document, and those that were found."""

    id: str
    group: str
    gold: tuple[Mention, ...] = ()
    predicted: tuple[Mention, ...] = ()
