"""train: learn from the training side; validation chooses the epoch that is kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from spanwise import console
from spanwise.config import TrainParams, load_params
from spanwise.flows import load_train
from spanwise.io import atomic, write_json, write_tables
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
    processes = load_params(params, TrainParams).processes
    from spanwise.learners import launch

    launch.run(share, splits, model, metrics, timing, plots, params, processes=processes)


def share(splits: Path, model: Path, metrics: Path, timing: Path, plots: Path, params: Path) -> None:
    """What each process does: all of them train, and the main one writes."""
    settings = load_params(params, TrainParams)
    from spanwise import hardware
    from spanwise.learners import processes
    from spanwise.learners.checkpoints import checkpoint_folder, training_digest

    watch, name = hardware.Stopwatch(), run_name(settings.model.name, datetime.now().astimezone())
    hardware.set_threads(settings.threads)
    train = load_train(settings.task.learner)
    data = [path for path in splits.rglob("*.json*") if path.name != "test.jsonl"]
    computing = settings.model_dump_json(exclude={"tracking"})
    digest = training_digest(computing, [*data, Path(__file__), *CODE.rglob("*.py")])
    record = track(name, params, **settings.tracking.model_dump())
    with checkpoint_folder(digest) as checkpoints, record as recorder:
        resumed = any(checkpoints.iterdir())
        trained = train(
            splits,
            model=settings.model.model_dump(),
            recipe=settings.train.model_dump(),
            score=load_task(settings.task.kind).headline,
            seed=settings.seed,
            checkpoints=checkpoints,
            log=recorder.log,
        )
        if processes.is_main():
            with atomic(model) as folder:
                stored = trained.store(folder)
        times = watch.figures()
        times["cpu_seconds"] = processes.total(times["cpu_seconds"])
        recorder.finish({**trained.summary, **times}, model)
    if not processes.is_main():
        return

    facts: dict[str, Any] = {"model": settings.model.name, "parameters": settings.model.parameters}
    facts["processes"] = processes.count()
    write_json(metrics, {**facts, **hardware.describe().model_dump(), **trained.figures, **stored})
    told = {"project": settings.tracking.project, "run": name, "tracking": recorder.outcomes}
    # Of a training that was resumed, the times are those of the last part.
    pace = None if resumed else trained.tokens_per_s
    write_json(timing, {**told, **times, "resumed": resumed, "tokens_per_s": pace})
    write_tables(plots, trained.curves.columns, trained.curves.rows)


if __name__ == "__main__":
    console.run(main)
