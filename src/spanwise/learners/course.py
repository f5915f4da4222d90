"""The course of a training: pretraining, teachers and the student, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedModel

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.learners.augmentation import replace_mentions
from spanwise.learners.distillation import Teacher, teach
from spanwise.learners.pretraining import pretrain
from spanwise.learners.sources import load_language_model
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import (
    VALIDATION_TOKENS,
    Fit,
    Recipe,
    Score,
    fit,
    mixed_precision,
)
from spanwise.learners.windows import Probabilities, TaggedWindows
from spanwise.schema import Example, Labels


@dataclass(frozen=True)
class Start:
    """What the taggers of a course begin from.

    Attributes:
        labels: Their tags.
        model: The arguments of `Tagger.pretrained` that tell where the encoder comes from.
        recipe: How to train.
        nested: Whether spans may overlap.
    """

    labels: Labels
    model: Mapping[str, Any]
    recipe: Recipe
    nested: bool

    def tagger(self, seed: int) -> Tagger:
        """A tagger of which nothing was trained yet but its encoder."""
        return Tagger.pretrained(
            self.labels,
            **self.model,
            seed=seed,
            head=self.recipe.head,
            nested=self.nested,
            dropout=self.recipe.dropout,
        )

    def language_model(self) -> PreTrainedModel | None:
        """The encoder's own masked language model, where its source holds one."""
        return load_language_model(self.model["source"], revision=self.model["revision"])


@dataclass(frozen=True)
class Material:
    """What is learnt from, and what chooses.

    Attributes:
        train: Documents of the main corpus.
        validation: Documents of the main corpus that choose the epoch.
        auxiliaries: For each further corpus its training and its validation documents.
        unlabelled: Documents of which the text alone counts.
    """

    train: Sequence[Example]
    validation: Sequence[Example]
    auxiliaries: Mapping[str, tuple[Sequence[Example], Sequence[Example]]] = field(default_factory=dict)
    unlabelled: Sequence[Example] = ()

    @classmethod
    def read(cls, splits: Path, labels: Labels) -> Material:
        """What `tier-split` wrote to the folder `splits`, without its test documents."""

        def examples(folder: Path, name: str) -> list[Example]:
            return list(read_jsonl(folder / f"{name}.jsonl", Example))

        others = {name: splits / "auxiliaries" / name for name in labels.auxiliaries}
        return cls(
            examples(splits, "train"),
            examples(splits, "validation"),
            {name: (examples(own, "train"), examples(own, "validation")) for name, own in others.items()},
            examples(splits, "unlabelled") if (splits / "unlabelled.jsonl").is_file() else [],
        )

    @property
    def nested(self) -> bool:
        """Whether gold spans of the main corpus overlap."""
        return any(
            left.end > right.start
            for example in self.train
            for left, right in zip(example.spans, example.spans[1:], strict=False)
        )


@dataclass(frozen=True)
class Outcome:
    """A trained tagger and what its training came to."""

    tagger: Tagger
    fitted: Fit
    figures: dict[str, Any]
    tokens: int
    """In the windows of one epoch."""


def run(start: Start, material: Material, *, score: Score, seed: int, checkpoints: Path) -> Outcome:
    """Train a tagger.

    Args:
        start: How, and from what: the student, and each teacher.
        material: What is learnt from.
        score: Of the predictions for validation documents; higher is better.
        seed: Of all that is drawn.
        checkpoints: A folder, in which a killed training finds what it had.

    Raises:
        UserError: If settings exclude each other, or training diverges.
    """
    recipe = start.recipe
    if material.unlabelled and not (recipe.pretraining.epochs or recipe.distillation.teachers):
        raise UserError(
            f"corpus.unlabelled: nothing would be learnt from {len(material.unlabelled)} documents",
            hint="Set train.pretraining.epochs or train.distillation.teachers, or leave the corpora out.",
        )
    steps = _Steps(start, material, score, checkpoints)
    taught = None
    if recipe.distillation.teachers:
        taught = teach(
            material.train,
            material.unlabelled,
            steps.teacher,
            recipe=recipe.distillation,
            seed=seed,
            folder=checkpoints / "teachers",
        )
    tagger, fitted, windows = steps.tagger(material.train, seed, checkpoints / "student", recipe, taught)
    sides = {"train": windows["train"].figures(), "validation": windows["validation"].figures()}
    extra = {name: own.figures() for name, own in windows.items() if name not in sides}
    return Outcome(
        tagger,
        fitted,
        {"sides": sides, **({"further": extra} if extra else {}), **steps.figures},
        sum(own.tokens for name, own in windows.items() if name != "validation"),
    )


@dataclass
class _Steps:
    """The steps of one course, each of which resumes from its own folder."""

    start: Start
    material: Material
    score: Score
    checkpoints: Path
    figures: dict[str, Any] = field(default_factory=dict)

    def teacher(self, examples: Sequence[Example], seed: int, folder: Path) -> Teacher:
        """A tagger trained on `examples`, as what it says of the words of any document."""
        alone = replace(self.start.recipe, distillation=replace(self.start.recipe.distillation, teachers=0))
        tagger, _, _ = self.tagger(examples, seed, folder, alone, None)
        predictor = tagger.predictor(VALIDATION_TOKENS)

        def probabilities(example: Example) -> Probabilities:
            [(_, encoding, scores)] = predictor.scores([example])
            return predictor.decoder.probabilities(encoding, scores).astype(np.float32)

        return probabilities

    def tagger(
        self,
        examples: Sequence[Example],
        seed: int,
        folder: Path,
        recipe: Recipe,
        taught: Mapping[str, Probabilities] | None,
    ) -> tuple[Tagger, Fit, dict[str, TaggedWindows]]:
        """A tagger trained on `examples` and on all that the recipe adds to them."""
        tagger = self.start.tagger(seed)
        self._pretrain(tagger, seed)
        if recipe.adapter.rank:
            tagger.adapt(recipe.adapter)
        windows = self._windows(tagger, examples, seed, taught)
        folder.mkdir(parents=True, exist_ok=True)
        fitted = fit(
            tagger,
            [own for name, own in windows.items() if name != "validation"],
            windows["validation"],
            recipe=recipe,
            score=self.score,
            seed=seed,
            checkpoints=folder,
            auxiliaries={name: own for name, (_, own) in self.material.auxiliaries.items() if own},
        )
        if recipe.adapter.rank:
            tagger.merge()
        return tagger, fitted, windows

    def _pretrain(self, tagger: Tagger, seed: int) -> None:
        if self.start.recipe.pretraining.epochs:
            texts = [example.text for example in (*self.material.train, *self.material.unlabelled)]
            self.figures["pretraining"] = pretrain(
                tagger.model,
                tagger.tokenizer,
                texts,
                recipe=self.start.recipe.pretraining,
                max_length=tagger.windows.max_length,
                seed=seed,
                precision=mixed_precision(self.start.recipe.precision),
                checkpoints=self.checkpoints / "pretraining",
                head=self.start.language_model(),
            )

    def _windows(
        self,
        tagger: Tagger,
        examples: Sequence[Example],
        seed: int,
        taught: Mapping[str, Probabilities] | None,
    ) -> dict[str, TaggedWindows]:
        """The windows of each part: `train` first, `validation`, then whatever else there is."""
        windows = {
            "train": TaggedWindows.of(examples, tagger, teacher=taught),
            "validation": TaggedWindows.of(self.material.validation, tagger),
        }
        if self.start.recipe.augmentation.replacement:
            copies, self.figures["augmentation"] = replace_mentions(
                examples, tagger.labels.tiers, recipe=self.start.recipe.augmentation, seed=seed
            )
            replaced = {c.example.id: [(s.start, s.end) for s in c.replaced] for c in copies}
            windows["augmented"] = TaggedWindows.of([c.example for c in copies], tagger).owning(replaced)
        for number, (name, (train, _)) in enumerate(self.material.auxiliaries.items(), start=1):
            windows[name] = TaggedWindows.of(train, tagger, corpus=number)
        if taught is not None and self.material.unlabelled:
            unlabelled = len(self.material.auxiliaries) + 1
            windows["unlabelled"] = TaggedWindows.of(
                self.material.unlabelled, tagger, corpus=unlabelled, teacher=taught
            )
        return windows
