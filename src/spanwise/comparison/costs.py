"""What one model costs beside another: time for a document, and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spanwise.comparison.candidates import Candidate

ALIKE = 1.1
"""Up to this ratio, two costs count as the same: repeated timings differ by about as much."""

FEWEST = 20
"""Below so many timings, a median is as good as chance: the documents are of different length."""

WORDS = {"speed": ("slow", "fast", "about as fast"), "size": ("big", "small", "about as big")}


@dataclass(frozen=True)
class Cost:
    """One cost of a model beside that of another.

    Attributes:
        figure: `speed` or `size`.
        ratio: Above 1 where the model costs more; None where it cannot be told.
        reason: Why it cannot; None where it can.
    """

    figure: str
    ratio: float | None
    reason: str | None = None

    @property
    def sign(self) -> int:
        """1 where the model costs less, -1 where more, 0 where both are alike or it is not known."""
        if self.ratio is None or 1 / ALIKE < self.ratio < ALIKE:
            return 0
        return 1 if self.ratio < 1 else -1

    @property
    def words(self) -> str:
        """As it goes on after `is`: `1.5 times as slow`; empty where nothing is known."""
        if self.ratio is None:
            return ""
        more, less, alike = WORDS[self.figure]
        if not self.sign:
            return alike
        return f"{_times(max(self.ratio, 1 / self.ratio))} times as {more if self.sign < 0 else less}"


def _times(ratio: float) -> str:
    """A ratio with one decimal, if it is not 0: `1.5`, `2`."""
    return f"{ratio:,.1f}".removesuffix(".0")


def costs(model: Candidate, other: Candidate) -> tuple[Cost, Cost]:
    """The speed and the size of a model beside those of another."""
    return _speed(model, other), _ratio("size", "size", [model, other], [model.size_mb, other.size_mb])


def _speed(model: Candidate, other: Candidate) -> Cost:
    latencies = [model.latency_ms, other.latency_ms]
    reason = None if None in latencies else unlike_timings([model, other])
    return Cost("speed", None, reason) if reason else _ratio("speed", "latency", [model, other], latencies)


def unlike_timings(models: Sequence[Candidate]) -> str | None:
    """Why the latencies of those models that were timed do not compare; None if they do."""
    timed = [model for model in models if model.latency_ms is not None]
    if len({model.timer for model in timed}) > 1:
        return "the models were timed on different hardware"
    few = [model for model in timed if (model.rounds.timings or FEWEST) < FEWEST]
    if few:
        return f"the timings of {few[0].name} are only {few[0].rounds.timings}, too few to compare speeds"
    if len({model.rounds.documents for model in timed} - {None}) > 1:
        return "the models were timed on different numbers of documents"
    return None


def _ratio(figure: str, noun: str, models: list[Candidate], values: list[float | None]) -> Cost:
    own, its = values
    if own is None or its is None:
        lacking = models[0] if own is None else models[1]
        return Cost(figure, None, f"the {noun} of {lacking.name} is missing")
    return Cost(figure, own / its)
