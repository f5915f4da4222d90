"""What answers are worth, in figures: `metrics/evaluate.json` and `metrics/errors.json`."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from spanwise.reporting.sources.records import Metrics

FEW = 10  # test answers below which a figure of a part says little


class Measured(Metrics):
    """A mean or a share with its interval, over the answers to which it applies."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    answers: int = 0
    interval: str | None = None


class Part(Metrics):
    """The measures of some answers together."""

    answers: int
    groups: int | None = None
    measures: dict[str, Measured] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, values: Any) -> Any:
        """Every object in it is a measure."""
        if not isinstance(values, dict):
            return values
        own = {name: item for name, item in values.items() if isinstance(item, dict)}
        return {**{name: values[name] for name in values.keys() - own.keys()}, "measures": own}

    def __getitem__(self, name: str) -> Measured:
        """A measure; one without a value where there is none of that name."""
        return self.measures.get(name, Measured())

    @property
    def few(self) -> bool:
        """Whether there are too few answers for a figure to say much."""
        return self.answers < FEW


class Parts(Metrics):
    """The answers of a side: all, and those of each language, category and stratum."""

    all: Part
    languages: dict[str, Part] = Field(default_factory=dict)
    categories: dict[str, Part] = Field(default_factory=dict)
    strata: dict[str, Part] = Field(default_factory=dict)

    def slices(self) -> list[tuple[str, dict[str, Part]]]:
        """The parts by what tells them apart, the largest part of each first; one alone is all of them."""
        named = {"language": self.languages, "category": self.categories, "stratum": self.strata}
        return [
            (what, dict(sorted(own.items(), key=lambda item: (-item[1].answers, item[0]))))
            for what, own in named.items()
            if len(own) > 1
        ]

    def has(self, name: str) -> bool:
        """Whether a measure applies to any answer."""
        return self.all[name].value is not None


class Side(Metrics):
    """One side of the split; `headline` is the task's one number, mean chrF."""

    headline: float | None
    documents: int
    answers: Parts


class Evaluation(Metrics):
    """`metrics/evaluate.json`."""

    test: Side
    validation: Side | None = None


class Told(Metrics):
    """How many answers to questions of one language were told to be in which."""

    gold: str
    predicted: str
    answers: int


class FailureFigures(Metrics):
    """`metrics/errors.json`: what speaks against answers, counted; one may have several failures."""

    answers: int
    acceptable: int
    counts: dict[str, int] = Field(default_factory=dict)
    shares: dict[str, float | None] = Field(default_factory=dict)
    strata: dict[str, dict[str, int]] = Field(default_factory=dict)
    languages: list[Told] = Field(default_factory=list)

    def by_count(self) -> list[tuple[str, int]]:
        """The failures that there are, the most frequent first."""
        return sorted(
            ((kind, number) for kind, number in self.counts.items() if number),
            key=lambda item: (-item[1], item[0]),
        )
