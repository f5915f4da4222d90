"""The course of a training: pretraining, teachers and the student, one after the other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedModel
from transformers.trainer_callback import TrainerCallback

from spanwise.errors import UserError
from spanwise.learners.adapters import check_targets
from spanwise.learners.augmentation import replace_mentions
from spanwise.learners.distillation import Teacher, teach
from spanwise.learners.optimisation import check_layers
from spanwise.learners.pretraining import pretrain
from spanwise.learners.recipe import Recipe, check_holding, techniques
from spanwise.learners.sources import load_language_model
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import (
    VALIDATION_TOKENS,
    Fit,
    Score,
    fit,
    mixed_precision,
    objective,
)
from spanwise.learners.windows import Probabilities, TaggedWindows
from spanwise.schema import Example, Labels
from spanwise.sides import auxiliary_folder, read_side, read_unlabelled


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
        check_holding(self.recipe)
        return Tagger.pretrained(
            self.labels,
            **self.model,
            seed=seed,
            head=self.recipe.head,
            nested=self.nested,
            dropout=self.recipe.dropout,
            holding=self.recipe.holding,
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
        others = {name: auxiliary_folder(splits, name) for name in labels.auxiliaries}
        return cls(
            read_side(splits, "train"),
            read_side(splits, "validation"),
            {name: (read_side(own, "train"), read_side(own, "validation")) for name, own in others.items()},
            read_unlabelled(splits),
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
    """A trained tagger and what its training came to.

    Attributes:
        tagger: With the weights of its best epoch.
        fitted: What its own training came to.
        figures: What it was trained on, and what the steps ahead of it came to.
        tokens: In the windows of one epoch.
        seconds: Of its own training, the steps ahead of it not counted.
    """

    tagger: Tagger
    fitted: Fit
    figures: dict[str, Any]
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Parts:
    """The windows of each part of the material.

    Attributes:
        train: Of the main corpus.
        validation: Of the main corpus.
        augmented: Windows with replaced mentions.
        auxiliaries: For each further corpus its training side.
        unlabelled: Windows of which teachers tell.
    """

    train: TaggedWindows
    validation: TaggedWindows
    augmented: TaggedWindows | None
    auxiliaries: Mapping[str, TaggedWindows]
    unlabelled: TaggedWindows | None

    @property
    def annotated(self) -> list[TaggedWindows]:
        """All that has a gold standard to learn from, the main corpus first."""
        return [self.train, *([self.augmented] if self.augmented else []), *self.auxiliaries.values()]

    @property
    def learnt(self) -> list[TaggedWindows]:
        """All that is learnt from, the main corpus first."""
        return [*self.annotated, *([self.unlabelled] if self.unlabelled else [])]

    def figures(self) -> dict[str, Any]:
        """What came of the documents on their way into windows."""
        figures: dict[str, Any] = {
            "sides": {"train": self.train.figures(), "validation": self.validation.figures()}
        }
        if self.augmented:
            figures["augmented"] = self.augmented.figures()
        if self.auxiliaries:
            figures["auxiliaries"] = {name: own.figures() for name, own in self.auxiliaries.items()}
        if self.unlabelled:
            figures["unlabelled"] = self.unlabelled.figures()
        return figures


def run(
    start: Start,
    material: Material,
    *,
    score: Score,
    seed: int,
    checkpoints: Path,
    callbacks: Sequence[TrainerCallback] = (),
) -> Outcome:
    """Train a tagger.

    Args:
        start: How, and from what: the student, and each teacher.
        material: What is learnt from.
        score: Of the predictions for validation documents; higher is better.
        seed: Of all that is drawn.
        checkpoints: A folder, in which a killed training finds what it had.
        callbacks: Trainer's, for the tagger itself: not for its teachers.

    Raises:
        UserError: If settings exclude each other or have no effect, or training diverges.
    """
    _check_material(material, start.recipe)
    steps = _Steps(start, material, score, checkpoints)
    taught: dict[str, Probabilities] | None = None
    teachers: list[dict[str, Any]] = []
    if start.recipe.distillation.teachers:
        taught, teachers = teach(
            material.train,
            material.unlabelled,
            steps.teacher,
            recipe=start.recipe.distillation,
            seed=seed,
            folder=checkpoints / "teachers",
        )
    clock = time.perf_counter()
    tagger, fitted, parts = steps.tagger(
        material.train, seed, checkpoints / "student", start.recipe, taught, callbacks=callbacks
    )
    return Outcome(
        tagger,
        fitted,
        {
            "head": start.recipe.head,
            "nested": material.nested,
            "techniques": techniques(start.recipe),
            **parts.figures(),
            **steps.figures,
            **({"teachers": teachers} if teachers else {}),
        },
        sum(own.tokens for own in parts.learnt),
        time.perf_counter() - clock,
    )


def _check_material(material: Material, recipe: Recipe) -> None:
    """Nothing that is given may have no effect."""
    if material.unlabelled and not (recipe.pretraining.epochs or recipe.distillation.teachers):
        raise UserError(
            f"corpus.unlabelled: nothing would be learnt from {len(material.unlabelled)} documents",
            hint="Set train.pretraining.epochs or train.distillation.teachers, or leave the corpora out.",
        )
    if recipe.auxiliary_weight != 1 and not material.auxiliaries:
        raise UserError(
            f"train.auxiliary_weight = {recipe.auxiliary_weight}: there is no auxiliary corpus",
            hint="Name one in corpus.auxiliaries, or set the weight to 1.",
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
        tagger, fitted, _ = self.tagger(examples, seed, folder, alone, None)
        predictor = tagger.predictor(VALIDATION_TOKENS)

        def probabilities(example: Example) -> Probabilities:
            [(_, encoding, scores)] = predictor.scores([example])
            return predictor.decoder.probabilities(example, encoding, scores).astype(np.float32)

        return Teacher(probabilities, fitted.figures())

    def tagger(
        self,
        examples: Sequence[Example],
        seed: int,
        folder: Path,
        recipe: Recipe,
        taught: Mapping[str, Probabilities] | None,
        *,
        callbacks: Sequence[TrainerCallback] = (),
    ) -> tuple[Tagger, Fit, Parts]:
        """A tagger trained on `examples` and on all that the recipe adds to them."""
        tagger = self.start.tagger(seed)
        parts = self._parts(tagger, examples, seed, taught)
        # All that settings can be at odds with is looked at before hours of pretraining.
        measure = objective(recipe, tagger, parts.annotated)
        check_layers(tagger.model, recipe.layers)
        if recipe.adapter.rank:
            check_targets(tagger.model.base_model, recipe.adapter)
        self._pretrain(tagger, seed)
        if recipe.adapter.rank:
            tagger.adapt(recipe.adapter, seed)
        folder.mkdir(parents=True, exist_ok=True)
        fitted = fit(
            tagger,
            parts.learnt,
            parts.validation,
            measure,
            recipe=recipe,
            score=self.score,
            seed=seed,
            checkpoints=folder,
            auxiliaries={name: own for name, (_, own) in self.material.auxiliaries.items() if own},
            callbacks=callbacks,
        )
        if recipe.adapter.rank:
            tagger.merge()
        return tagger, fitted, parts

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
                head=self.start.language_model,
            )

    def _parts(
        self,
        tagger: Tagger,
        examples: Sequence[Example],
        seed: int,
        taught: Mapping[str, Probabilities] | None,
    ) -> Parts:
        others = self.material.auxiliaries
        unlabelled = self.material.unlabelled if taught is not None else ()
        return Parts(
            train=TaggedWindows.of(examples, tagger, teacher=taught),
            validation=TaggedWindows.of(self.material.validation, tagger),
            augmented=self._augmented(tagger, examples, seed),
            auxiliaries={
                name: TaggedWindows.of(train, tagger, corpus=number)
                for number, (name, (train, _)) in enumerate(others.items(), start=1)
            },
            unlabelled=TaggedWindows.of(unlabelled, tagger, corpus=len(others) + 1, teacher=taught)
            if unlabelled
            else None,
        )

    def _augmented(self, tagger: Tagger, examples: Sequence[Example], seed: int) -> TaggedWindows | None:
        """The windows of copies that own a replaced mention."""
        recipe = self.start.recipe.augmentation
        if not recipe.replacement:
            return None
        copies, self.figures["augmentation"] = replace_mentions(
            examples, tagger.labels.tiers, recipe=recipe, seed=seed
        )
        replaced = {c.example.id: [(s.start, s.end) for s in c.replaced] for c in copies}
        return TaggedWindows.of([c.example for c in copies], tagger).owning(replaced)
