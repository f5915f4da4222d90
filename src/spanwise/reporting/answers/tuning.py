"""How the model was tuned: `metrics/train.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from spanwise.reporting.sources.records import Figures, Metrics
from spanwise.schema import SPLITS


class Base(Metrics):
    """Where the model comes from that was tuned."""

    source: str | None = None
    revision: str | None = None


class Preflight(Metrics):
    """What of a side is learnt from, and what was cut off on the way; see `generator.rows.preflight`."""

    examples: int | None = None
    tokens: int | None = None
    loss_tokens: int | None = None
    longest: int | None = None
    fewest_loss_tokens: int | None = None
    cut: int | None = None
    cut_tokens: int | None = None
    shared_boundary: int | None = None


class Effect(Metrics):
    """By how much tuning lowers the validation loss, against what that wavers by; see `generator.effect`."""

    untuned_loss: float | None = None
    tuned_loss: float | None = None
    fall: float | None = None
    fall_low: float | None = None
    fall_high: float | None = None
    noise: float | None = None
    moved: float | None = None

    @property
    def shown(self) -> bool | None:
        """Whether the loss fell by more than the noise; None where that is not known."""
        return None if self.fall is None or self.noise is None else self.fall > self.noise


class Tuning(Figures):
    """The model and how its tuning went; there are no `epochs` where it is taken as it is."""

    model: str
    parameters: int | None = None
    trained_parameters: int | None = None
    licence: str | None = None
    base: Base = Base()
    recipe: dict[str, Any] = Field(default_factory=dict)
    device: str | None = None
    precision: str | None = None
    threads: int | None = None
    template: str | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    steps: int | None = None
    sides: dict[str, Preflight] = Field(default_factory=dict)
    effect: Effect = Effect()
    corpora: dict[str, int] = Field(default_factory=dict)

    @property
    def tuned(self) -> bool:
        """Whether anything was learnt, and not the model taken as it is."""
        return bool(self.epochs)

    @property
    def adapted(self) -> bool:
        """Whether adapters were trained, and not the whole model."""
        return bool((self.recipe.get("adapter") or {}).get("rank"))

    def facts(self) -> Iterator[tuple[str, Any]]:
        """What nothing else here tells: each key and value, those of nested objects under `outer inner`."""
        yield from _flat(self.model_dump(exclude={"sides", "effect", "recipe"}))

    def settings(self) -> Iterator[tuple[str, Any]]:
        """The recipe in the same form."""
        yield from _flat(self.recipe)

    def part_figures(self) -> Iterator[tuple[str, list[Any]]]:
        """Each figure of the preflight with its value for every side of `parts`."""
        for name in Preflight.model_fields:
            yield name, [getattr(own, name) for own in self.parts().values()]

    def parts(self) -> dict[str, Preflight]:
        """The sides, training first."""
        return {name: self.sides[name] for name in SPLITS if name in self.sides}


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in values.items():
        name = f"{prefix} {key}".strip()
        if isinstance(item, dict):
            yield from _flat(item, name)
        else:
            yield name, item
