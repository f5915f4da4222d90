"""Tune a generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.errors import UserError
from spanwise.flows import Settings, Tables, Trained
from spanwise.generator.model import Generator
from spanwise.generator.recipe import read_recipe
from spanwise.generator.stored import save
from spanwise.generator.training import fit
from spanwise.io import read_record
from spanwise.learners.recording import Curves
from spanwise.schema import Example, Labels, Prediction
from spanwise.sides import auxiliary_folder, read_side, read_unlabelled

ARGUMENTS = ("source", "tokenizer", "revision", "architecture", "parameters", "max_length")
SUMMARY = ("steps", "epochs", "best_epoch")
"""What a training comes to, as far as there is one: a model that is taken as it is has none of it."""


def run(
    splits: Path,
    *,
    model: Settings,
    recipe: Settings,
    score: Callable[[Sequence[Prediction]], float],  # noqa: ARG001 - the loss of answers chooses the epoch
    seed: int,
    checkpoints: Path,
    log: Callable[[int, Mapping[str, float]], None],
) -> Trained:
    """Tune a generator on `splits`; see `spanwise.flows.Train`."""
    chosen = read_recipe(recipe)
    train, counts = _read_train(splits)
    generator = Generator.pretrained(chosen, **{name: model[name] for name in ARGUMENTS}, seed=seed)
    fitted = fit(
        generator,
        train,
        read_side(splits, "validation"),
        seed=seed,
        checkpoints=checkpoints,
        callbacks=[Curves(log)],
    )

    def store(folder: Path) -> dict[str, Any]:
        save(generator, folder)
        return {}

    return Trained(
        store=store,
        summary={name: fitted.figures[name] for name in SUMMARY if name in fitted.figures},
        figures={
            "base": {name: model[name] for name in ("source", "revision")},
            "licence": model["licence"],
            "recipe": dict(recipe),
            **fitted.figures,
            **({"corpora": counts} if len(counts) > 1 else {}),
        },
        curves=Tables(("epoch", "value", "series"), fitted.plots()),
        tokens_per_s=fitted.tokens * len(fitted.curve) / fitted.seconds,
    )


def _read_train(splits: Path) -> tuple[list[Example], dict[str, int]]:
    """The training side of the main corpus and of all further ones, and how many examples are of each.

    Raises:
        UserError: If a side is missing or malformed, or there are texts without answers.
    """
    if read_unlabelled(splits):
        raise UserError(
            "corpus.unlabelled: a generator learns from answers alone",
            hint="Leave these corpora out, or name them in corpus.auxiliaries with their answers.",
        )
    names = sorted(read_record(splits / "labels.json", Labels).auxiliaries)
    sides = {"main": read_side(splits, "train")}
    sides |= {name: read_side(auxiliary_folder(splits, name), "train") for name in names}
    return [example for side in sides.values() for example in side], {n: len(own) for n, own in sides.items()}
