"""What is read of a revision's metrics and predictions.

Older revisions wrote fewer keys: of the metrics nothing is required but the strict micro-F1, and an absent
figure is None; of the predictions, nothing but what is scored.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from spanwise.provenance import Machine
from spanwise.reporting.answers.scores import Part, Parts
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
    """The scores of the test documents.

    Where they are answers, their mean chrF stands in the place of the F1 of spans, and their strata in that
    of types; `answers` holds all that was measured of them.
    """

    documents: int | None = None
    strict: Strict
    tiers: dict[str, Score] = Field(default_factory=dict)
    types: dict[str, TypeScore] = Field(default_factory=dict)
    answers: Parts | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_answers(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("answers"), dict):
            return values
        answers = Parts.model_validate(values["answers"])
        strata = {name: _as_score(own) for name, own in answers.strata.items()}
        return {**values, "strict": {"micro": _as_score(answers.all)}, "types": strata}


def _as_score(part: Part) -> dict[str, Any]:
    chrf = part["chrf"]
    return {"f1": chrf.value, "f1_low": chrf.low, "f1_high": chrf.high, "support": part.answers}


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
    """A line of `data/predictions/test.jsonl`: the spans of a document, and those that were found.

    Where the target is text, `reference` is that text, and the gold span says what the answer is worth.
    """

    id: str
    group: str
    gold: tuple[Mention, ...] = ()
    predicted: tuple[Mention, ...] = ()
    reference: str | None = None


class Loss(Metrics):
    """What a reference cost the model, in nats."""

    nll: float
    tokens: Annotated[int, Field(gt=0)]


class Measures(Metrics):
    """What an answer was measured to be worth."""

    chrf: float


class Judged(Metrics):
    """What is told of one answer."""

    measures: Measures


class Told(Metrics):
    """What is stored with an answer."""

    loss: Loss
    judged: Judged


class Answered(Metrics):
    """A line of `data/predictions/test.jsonl`, where the target is text."""

    id: str
    group: str
    attributes: Told
