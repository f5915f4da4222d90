"""How the model was trained, and what came of the documents on their way into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field

from spanwise.reporting.sources.records import Figures, Metrics
from spanwise.schema import SPLITS

# What says in a side's figures how much there is; all others count what was changed or lost.
SIZES = frozenset({"documents", "windows", "tokens", "spans"})
SPAN_HEADS = ("pointer", "combined")  # which need a span whole in one window, and may learn overlapping ones
ACROSS = "spans_across_windows"


class Augmentation(Figures):
    """Copies of training documents with other mentions; see `learners.augmentation.replace_mentions`."""

    documents: int | None = None
    replaced: int | None = None
    mentions: int | None = None
    touching: int | None = None
    single: int | None = None


class Pretraining(Figures):
    """Masked-language-model training ahead of fine-tuning; see `learners.pretraining.pretrain`."""

    documents: int | None = None
    blocks: int | None = None
    steps: int | None = None
    loss_first: float | None = None
    loss_last: float | None = None
    empty: int | None = None
    words_dropped: int | None = None
    truncated_tokens: int | None = None


class Teacher(Metrics):
    """What the training of a teacher came to."""

    best_score: float | None = None
    warnings: list[str] = Field(default_factory=list)


class Training(Figures):
    """`metrics/train.json`: the model and how its training went.

    `techniques` names what was switched on beside plain fine-tuning. `sides` tells for each side what came of
    its documents on their way into windows, `augmented`, `auxiliaries` and `unlabelled` the same for what
    else was learnt from; `warnings` what is wrong with the recipe.
    """

    model: str
    parameters: int | None = None
    licence: str | None = None
    head: str | None = None
    device: str | None = None
    precision: str | None = None
    threads: int | None = None
    techniques: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    sides: dict[str, dict[str, Any]] = Field(default_factory=dict)
    augmented: dict[str, Any] | None = None
    auxiliaries: dict[str, dict[str, Any]] = Field(default_factory=dict)
    unlabelled: dict[str, Any] | None = None
    augmentation: Augmentation | None = None
    pretraining: Pretraining | None = None
    teachers: list[Teacher] = Field(default_factory=list)

    @property
    def has_span_head(self) -> bool:
        """Whether a head scores whole spans."""
        return self.head in SPAN_HEADS

    def facts(self) -> Iterator[tuple[str, Any]]:
        """What nothing else here tells: each key and value, those of nested objects under `outer inner`."""
        parts = {"sides", "augmented", "auxiliaries", "unlabelled"}
        steps = {"licence", "techniques", "warnings", "augmentation", "pretraining", "teachers"}
        yield from _flat(self.model_dump(exclude=parts | steps))

    def all_warnings(self) -> list[str]:
        """The warnings, those about teachers with their numbers."""
        told = enumerate(self.teachers, start=1)
        teachers = (f"teacher {number}: {each}" for number, own in told for each in own.warnings)
        return [*self.warnings, *teachers]

    @property
    def further(self) -> dict[str, dict[str, Any]]:
        """The figures of what was learnt from beside the training side."""
        copies = {} if self.augmented is None else {"augmented copies": self.augmented}
        text = {} if self.unlabelled is None else {"unlabelled text": self.unlabelled}
        return {**copies, **self.auxiliaries, **text}

    def parts(self) -> dict[str, dict[str, Any]]:
        """The figures of the sides, training first, and then those of what else was learnt from."""
        parts: dict[str, dict[str, Any]] = {name: self.sides[name] for name in SPLITS if name in self.sides}
        return {name: self._counted(own) for name, own in (parts | self.further).items()}

    def part_figures(self) -> Iterator[tuple[str, list[Any]]]:
        """Each figure with its value for every part."""
        parts = self.parts()
        names = dict.fromkeys(key for figures in parts.values() for key in figures)
        yield from ((name, [figures.get(name) for figures in parts.values()]) for name in names)

    def changes(self) -> dict[str, int]:
        """Every figure that counts what was changed or lost on the way, summed over the sides."""
        return self._changes(self.sides.values())

    def further_changes(self) -> dict[str, dict[str, int]]:
        """The same for what else was learnt from, as far as something was."""
        found = {name: self._changes([own]) for name, own in self.further.items()}
        changed = {name: {key: n for key, n in own.items() if n} for name, own in found.items()}
        return {name: own for name, own in changed.items() if own}

    def _changes(self, parts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        changes: dict[str, int] = {}
        for name, number in (item for part in parts for item in self._counted(part).items()):
            if isinstance(number, int) and name not in SIZES:
                changes[name] = changes.get(name, 0) + number
        return changes

    def _counted(self, figures: Mapping[str, Any]) -> dict[str, Any]:
        """Tags reach across windows: only a head that scores whole spans misses what none of them holds."""
        return {name: item for name, item in figures.items() if name != ACROSS or self.has_span_head}


class TrainingTime(Metrics):
    """`metrics/train_timing.json`."""

    seconds: float | None = None
    documents_per_s: float | None = None
    tokens_per_s: float | None = None
    peak_rss_mb: float | None = None


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in values.items():
        name = f"{prefix} {key}".strip()
        if isinstance(item, Mapping):
            yield from _flat(item, name)
        else:
            yield name, item
