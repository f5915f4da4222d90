"""train: the sides of the split to a trained model."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.config import TrainParams, load_params
from spanwise.io import atomic, read_record, write_json, write_tables
from spanwise.schema import Labels
from spanwise.tasks.base import load_task
from spanwise.tracking import run_name
from spanwise.tracking.tools import track

CODE = Path(__file__).parent.parent / "src" / "spanwise"


def main(
    splits: Path,
    model: Path,
    metrics: Path,
    timing: Path,
    plots: Path,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Train on SPLITS; write the MODEL, its METRICS, the TIMING and the PLOTS."""
    settings = load_params(params, TrainParams)
    from pydantic import TypeAdapter

    from spanwise import hardware
    from spanwise.learners import course
    from spanwise.learners.checkpoints import checkpoint_folder, training_digest
    from spanwise.learners.recipe import Recipe
    from spanwise.learners.recording import Curves
    from spanwise.runtime.export import export

    watch, name = hardware.Stopwatch(), run_name(settings.model.name, datetime.now().astimezone())
    hardware.set_threads(settings.threads)
    recipe = TypeAdapter(Recipe).validate_python(settings.train.model_dump())
    labels = read_record(splits / "labels.json", Labels)
    material = course.Material.read(splits, labels)
    source = settings.model.model_dump(exclude={"name"})
    start = course.Start(labels, source, recipe, nested=material.nested)
    data = [path for path in splits.rglob("*.json*") if path.name != "test.jsonl"]
    computing = settings.model_dump_json(exclude={"tracking"})
    digest = training_digest(computing, [*data, Path(__file__), *CODE.rglob("*.py")])
    record = track(name, params, **settings.tracking.model_dump())
    with checkpoint_folder(digest) as checkpoints, record as recorder:
        resumed = any(checkpoints.iterdir())
        outcome = course.run(
            start,
            material,
            score=load_task(settings.task.kind).headline,
            seed=settings.seed,
            checkpoints=checkpoints,
            callbacks=[Curves(recorder.log)],
        )
        with atomic(model) as folder:
            outcome.tagger.save(folder)
            exported = export(outcome.tagger.network, folder)
        times, fitted = watch.figures(), outcome.fitted
        recorder.finish({**fitted.figures(), **times}, model)

    facts: dict[str, Any] = {"model": settings.model.name, "parameters": settings.model.parameters}
    facts |= {**hardware.describe().model_dump(), **fitted.figures(), **outcome.figures}
    write_json(metrics, {**facts, "export": exported})
    told = {"project": settings.tracking.project, "run": name, "tracking": recorder.outcomes}
    # Of a training that was resumed, the times are those of the last part.
    pace = None if resumed else outcome.tokens * len(fitted.curve) / outcome.seconds
    write_json(timing, {**told, **times, "resumed": resumed, "tokens_per_s": pace})
    write_tables(plots, ("epoch", "value", "series"), fitted.plots())


if __name__ == "__main__":
    console.run(main)
