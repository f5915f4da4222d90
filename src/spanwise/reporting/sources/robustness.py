"""What becomes of the scores when the test documents are written in other ways."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel, model_validator

from spanwise.reporting.sources.records import Metrics

UNCHANGED = "unchanged"


class Variant(Metrics):
    """Strict micro-F1 on one variant of the test documents; `difference` is to the unchanged ones."""

    f1: float | None = None
    f1_low: float | None = None
    f1_high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p_value: float | None = None
    documents: int | None = None
    changed_documents: int | None = None
    words: int | None = None
    changed_words: int | None = None
    edits: int | None = None

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval of the difference lies below 0."""
        return self.difference_high is not None and self.difference_high < 0

    @property
    def is_equal(self) -> bool:
        """Whether F1 is the same, whichever documents are drawn."""
        return (self.difference, self.difference_low, self.difference_high) == (0, 0, 0)


class Robustness(RootModel[dict[str, Variant]]):
    """`metrics/robustness.json`."""

    @model_validator(mode="before")
    @classmethod
    def _variants(cls, values: Any) -> Any:
        """Figures that are of no variant are passed over."""
        if not isinstance(values, dict):
            return values
        return {name: item for name, item in values.items() if isinstance(item, dict)}

    @property
    def unchanged(self) -> Variant:
        """The documents as they are."""
        return self.root.get(UNCHANGED, Variant())

    def by_loss(self) -> list[tuple[str, Variant]]:
        """The variants from the most to the least harmful; those of an unknown difference last."""
        variants = [item for item in self.root.items() if item[0] != UNCHANGED]
        return sorted(variants, key=lambda item: (_or_infinite(item[1].difference), item[0]))


def _or_infinite(difference: float | None) -> float:
    return float("inf") if difference is None else difference
