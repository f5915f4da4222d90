"""What the corpora hold and how they were divided."""

from __future__ import annotations

from pydantic import Field

from spanwise.reporting.sources.records import Metrics
from spanwise.schema import SPLITS


class Texts(Metrics):
    """Documents of which the text alone is used."""

    documents: int


class Inventory(Metrics):
    """`metrics/prepare.json`: what was read, repaired and left out, of the corpus and of further ones."""

    documents: int
    spans: int
    repaired: dict[str, int] = Field(default_factory=dict)
    left_out: dict[str, int] = Field(default_factory=dict)
    edges_inside_words: int | None = None
    licence: str | None = None
    language: str | None = None
    auxiliaries: dict[str, Inventory] = Field(default_factory=dict)

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
    labels_missing: dict[str, list[str]] = Field(default_factory=dict)
    left_out: dict[str, int] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)

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
    auxiliaries: dict[str, Division] = Field(default_factory=dict)
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
