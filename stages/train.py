"""train: the sides of the split to a trained model."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from spanwise import console
from spanwise.config import TrainParams, load_params
from spanwise.io import atomic, read_record, write_csv, write_json
from spanwise.schema import Labels
from spanwise.tasks.base import load_task
from spanwise.tracking import PROJECT, run_name

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

    started, clock, processor = datetime.now().astimezone(), time.perf_counter(), time.process_time()
    hardware.set_threads(settings.threads)
    recipe = TypeAdapter(Recipe).validate_python(settings.train.model_dump())
    labels = read_record(splits / "labels.json", Labels)
    material = course.Material.read(splits, labels)
    source = settings.model.model_dump(exclude={"name"})
    start = course.Start(labels, source, recipe, nested=material.nested)
    data = [path for path in splits.rglob("*.json*") if path.name != "test.jsonl"]
    digest = training_digest(settings.model_dump_json(), [*data, Path(__file__), *CODE.rglob("*.py")])
    with checkpoint_folder(digest) as checkpoints:
        resumed = any(checkpoints.iterdir())
        outcome = course.run(
            start,
            material,
            score=load_task(settings.task.kind).headline,
            seed=settings.seed,
            checkpoints=checkpoints,
        )
        outcome.tagger.save(model)
    seconds, processor = time.perf_counter() - clock, time.process_time() - processor

    fitted = outcome.fitted
    facts = {"model": settings.model.name, "parameters": settings.model.parameters}
    write_json(metrics, {**facts, **hardware.describe().model_dump(), **fitted.figures(), **outcome.figures})
    write_json(
        timing,
        {
            "project": PROJECT,
            "run": run_name(settings.model.name, started),
            "resumed": resumed,  # then the times are those of the last part
            "seconds": seconds,
            "cpu_seconds": processor,
            "tokens_per_s": None if resumed else outcome.tokens * len(fitted.curve) / outcome.seconds,
            "peak_rss_mb": hardware.peak_rss_mb(),
        },
    )
    with atomic(plots) as folder:
        for name, rows in fitted.plots().items():
            write_csv(folder / f"{name}.csv", ("epoch", "value", "series"), rows)


if __name__ == "__main__":
    console.run(main)
