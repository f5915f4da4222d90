"""leak: what F1 looks like when a corpus that holds each document twice is split by rows.

The popular 400-row mixture of MACCROBAT 2018 and 2020 does; the pipeline refuses such a split, so this study
stands outside of it.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise import console
from spanwise.config import Bootstrap, Split, TrainParams, load_params
from spanwise.io import read_jsonl, write_json, write_text
from spanwise.schema import Example
from spanwise.tasks.base import load_task

CODE = Path(__file__).parent.parent / "src" / "spanwise"
SHOWS = ("cli", "reporting", "figure.py")  # code that changes no score


class LeakParams(TrainParams):
    """What this study may read: the settings of `train`, of the split and of the intervals."""

    split: Split
    bootstrap: Bootstrap


def main(
    examples: Annotated[Path, typer.Argument(help="The examples.jsonl that `prepare` wrote.")],
    study: Annotated[Path, typer.Argument(help="The folder for leak.json, leak.svg and finished arms.")],
    params: console.ParamsFile = Path("params.yaml"),
    thin: Annotated[
        bool, typer.Option("--thin", help="Let each row keep half of its spans, as in the mixture.")
    ] = False,
) -> None:
    """Double EXAMPLES, train on a split by rows and on one by documents, and show both in STUDY.

    What is killed goes on where it was: a finished arm is kept, and a training resumes.
    """
    settings = load_params(params, LeakParams)

    from spanwise import hardware
    from spanwise.leakage.arms import run_arm
    from spanwise.leakage.figure import draw
    from spanwise.leakage.rows import double, shuffled
    from spanwise.learners.checkpoints import training_digest
    from spanwise.learners.recipe import read_recipe
    from spanwise.metrics.evaluation import evaluate
    from spanwise.splits.division import divide
    from spanwise.splits.leak import find_leak
    from spanwise.splits.tiers import drop_rare, make_labels, require_spans

    hardware.set_threads(settings.threads)
    task, split, twins = load_task(settings.task.kind), settings.split, settings.split.twins.model_dump()
    documents, dropped = drop_rare(read_jsonl(examples, Example), split.min_count)
    require_spans(documents, dropped)
    rows = double(documents, thin=thin, seed=settings.seed)
    how = split.model_dump(include={"sizes", "folds", "fold", "published"})
    labels = make_labels(documents, task.tier(documents, split.tiers))
    recipe = read_recipe(settings.train.model_dump())
    measure = partial(evaluate, **settings.bootstrap.model_dump(), seed=settings.seed)
    code = [path for path in CODE.rglob("*.py") if not set(path.relative_to(CODE).parts).intersection(SHOWS)]

    arms: dict[str, Any] = {}
    grouped = divide(rows, **how, **twins, seed=settings.seed).sides
    divisions = {"random_rows": shuffled(grouped, settings.seed), "grouped": grouped}
    for name, sides in divisions.items():
        told = f"{settings.model_dump_json()} {name} {thin}"
        digest = training_digest(told, [examples, Path(__file__), *code])
        arm = run_arm(
            study / "arms" / f"{name}-{digest}.json",
            sides,
            labels=labels,
            model=settings.model.model_dump(exclude={"name", "licence"}),
            recipe=recipe,
            score=task.headline,
            measure=measure,
            seed=settings.seed,
            digest=digest,
        )
        arms[name] = {**arm.model_dump(mode="json"), "leak": asdict(find_leak(sides, **twins))}
    figures: dict[str, Any] = {
        "task": settings.task.name,
        "model": settings.model.name,
        "seed": settings.seed,
        "level": settings.bootstrap.level,
        **hardware.describe().model_dump(),
        "documents": len(documents),
        "rows": len(rows),
        "spans": sum(len(row.spans) for row in rows),
        "thin": thin,
        "left_out": {"below_min_count": dropped.total()},
        "arms": arms,
    }
    write_json(study / "leak.json", figures)
    write_text(study / "leak.svg", draw(figures))


if __name__ == "__main__":
    console.run(main)
