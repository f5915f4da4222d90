"""In which ways the model is wrong."""

from __future__ import annotations

from pydantic import Field

from spanwise.reporting.sources.records import Metrics

RIGHT = "correct"
BOUNDARY = ("shorter", "longer", "shifted")  # its type is right, its bounds are not


class Stretch(Metrics):
    """Gold spans that have something in common, and how often the model fails on them."""

    gold: int
    errors: int
    error_rate: float | None = None


class Context(Stretch):
    """Gold spans in a context, beside the error rate of all others."""

    error_rate_elsewhere: float | None = None


class Confusion(Metrics):
    """A gold type that was found as another one, and how often."""

    gold: str
    predicted: str
    spans: int


class ErrorFigures(Metrics):
    """`metrics/errors.json`: the categories of `spanwise.metrics.errors` counted, over the test documents."""

    gold: int
    predicted: int
    counts: dict[str, int] = Field(default_factory=dict)
    shares: dict[str, float | None] = Field(default_factory=dict)
    tiers: dict[str, dict[str, int]] = Field(default_factory=dict)
    tier_shares: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    types: dict[str, dict[str, int]] = Field(default_factory=dict)
    type_shares: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    lengths: dict[str, Stretch] = Field(default_factory=dict)
    contexts: dict[str, Context] = Field(default_factory=dict)
    confusions: list[Confusion] = Field(default_factory=list)

    @property
    def categories(self) -> list[str]:
        """What can be wrong, the most frequent first."""
        return sorted(wrong(self.counts), key=lambda name: (-self.counts[name], name))

    @property
    def errors(self) -> int:
        """How many gold spans are wrong, and how many predicted ones are spurious."""
        return sum(wrong(self.counts).values())

    def by_errors(self) -> list[tuple[str, dict[str, int]]]:
        """The types from the most to the fewest errors."""
        return sorted(self.types.items(), key=lambda item: (-sum(wrong(item[1]).values()), item[0]))


def wrong(counts: dict[str, int]) -> dict[str, int]:
    """The same without what is right."""
    return {category: number for category, number in counts.items() if category != RIGHT}
