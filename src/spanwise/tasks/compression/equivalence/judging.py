"""The judge: gates first, then a calibrated reading of the soft signals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.tasks.compression.equivalence.coverage import Embed, Rarity
from spanwise.tasks.compression.equivalence.gates import Count, Failure, check, count_words
from spanwise.tasks.compression.equivalence.plausibility import Plausibility
from spanwise.tasks.compression.equivalence.signals import SIGNALS, Signals

Embedding = Literal["minilm", "lexical"]


class Mapped(BaseModel):
    """The signals read: `p = sigmoid(intercept + sum(weight * (signal - mean) / scale))`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]

    def __call__(self, signals: Sequence[float]) -> float:
        """The probability that an output with these signals is faithful, where half of all outputs are."""
        terms = zip(self.weights, signals, self.means, self.scales, strict=True)
        score = self.intercept + sum(weight * (value - mean) / scale for weight, value, mean, scale in terms)
        return 1 / (1 + math.exp(-max(min(score, 30.0), -30.0)))


class JudgeRecord(BaseModel):
    """A fitted judge with its quality, as a JSON file.

    Attributes:
        embedding: What the coverage was computed with; it must be the same when judging.
        mapped: The reading of the signals.
        threshold: The probability from which on an output is accepted.
        documents: Of `Rarity`.
        frequencies: Of `Rarity`.
        intercept: Of `Plausibility`.
        weights: Of `Plausibility`.
        quality: What `quality.measure` found, for outputs that must be extractive and for any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedding: Embedding
    mapped: Mapped
    threshold: float
    documents: int
    frequencies: Mapping[str, int]
    intercept: float
    weights: Mapping[str, float]
    quality: Mapping[Literal["extractive", "any"], dict[str, Any]]


@dataclass(frozen=True)
class Assessment:
    """What the judge says of one output.

    Attributes:
        failures: Of the gates.
        signals: By name, also where a gate failed.
        score: 0 where a gate failed, else the probability that the output is faithful.
        accepted: Whether no gate failed and the score reaches the threshold.
    """

    failures: tuple[Failure, ...]
    signals: Mapping[str, float]
    score: float
    accepted: bool


@dataclass(frozen=True)
class Judge:
    """Says whether an output says what its source says.

    Attributes:
        record: What was fitted.
        embed: The embedding that the record names.
        extractive: Whether outputs must be subsequences.
        count: Of tokens.
    """

    record: JudgeRecord
    embed: Embed
    extractive: bool = True
    count: Count = count_words

    @property
    def quality(self) -> dict[str, Any]:
        """The judge's own errors: print them beside every rate that it gives, see `quality.told`."""
        return self.record.quality["extractive" if self.extractive else "any"]

    def __call__(self, source: str, output: str) -> Assessment:
        """Judge one output.

        Raises:
            UserError: If rapidfuzz or py3langid is not installed.
        """
        failures = tuple(check(source, output, count=self.count, extractive=self.extractive))
        signals = self._signals(source, output)
        score = 0.0 if failures else self.record.mapped(signals)
        accepted = not failures and score >= self.record.threshold
        return Assessment(failures, dict(zip(SIGNALS, signals, strict=True)), score, accepted)

    @cached_property
    def _signals(self) -> Signals:
        record = self.record
        return Signals(
            Rarity(record.documents, record.frequencies),
            Plausibility(record.weights, record.intercept),
            self.embed,
        )


def load_record(embedding: Embedding, path: Path | None = None) -> JudgeRecord:
    """The judge fitted for this embedding, from a file or the one that comes with the package.

    Raises:
        UserError: If the file is missing, is no judge, or was fitted for another embedding.
    """
    if path is None:
        own = resources.files("spanwise.tasks.compression.equivalence") / "judges" / f"{embedding}.json"
        return JudgeRecord.model_validate_json(own.read_text(encoding="utf-8"))
    record = read_record(path, JudgeRecord)
    if record.embedding != embedding:
        raise UserError(f"fitted with {record.embedding} embeddings, not {embedding}", path=path)
    return record
