"""Fine-tune a tagger, and export it for ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spanwise.estimate.estimation import check_fits, setting_of
from spanwise.flows import Settings, Tables, Trained
from spanwise.io import read_record
from spanwise.learners import course, processes
from spanwise.learners.recipe import read_recipe
from spanwise.learners.recording import Curves
from spanwise.learners.training import Score, mixed_precision
from spanwise.runtime.export import export
from spanwise.schema import Labels


def run(
    splits: Path,
    *,
    model: Settings,
    recipe: Settings,
    score: Score,
    seed: int,
    checkpoints: Path,
    log: Callable[[int, Mapping[str, float]], None],
) -> Trained:
    """Train a tagger on `splits`; see `spanwise.flows.Train`."""
    labels = read_record(splits / "labels.json", Labels)
    material = course.Material.read(splits, labels)
    chosen = read_recipe(recipe)
    source = {name: value for name, value in model.items() if name not in {"name", "licence"}}
    if processes.is_main():
        mixed = mixed_precision(chosen.precision) != "fp32"
        asked = setting_of(model, chosen, tags=len(labels.id2tag), mixed=mixed)
        check_fits(asked, parameters=model["parameters"])
    start = course.Start(labels, source, chosen, nested=material.nested)
    outcome = course.run(
        start, material, score=score, seed=seed, checkpoints=checkpoints, callbacks=[Curves(log)]
    )
    fitted = outcome.fitted

    def store(folder: Path) -> dict[str, Any]:
        outcome.tagger.save(folder)
        return {"export": export(outcome.tagger.network, folder)}

    return Trained(
        store=store,
        summary=fitted.figures(),
        figures={"licence": model["licence"], **fitted.figures(), **outcome.figures},
        curves=Tables(("epoch", "value", "series"), fitted.plots()),
        tokens_per_s=outcome.tokens * len(fitted.curve) / outcome.seconds,
    )
