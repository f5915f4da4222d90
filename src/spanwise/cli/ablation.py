"""`spanwise ablation`: queue trainings that compare techniques with plain fine-tuning, and tabulate them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.cli.compose import CONFIG, group_options, write_params
from spanwise.errors import UserError
from spanwise.io import write_text

if TYPE_CHECKING:
    from spanwise.ablation import Run, Trial
    from spanwise.experiments import Experiment

app = console.app("Compare training techniques with plain fine-tuning, on the same folds.")

GROUP = Path("experiment/ablation")
"""Where in `conf/` each technique has its file."""

SAMPLES, LEVEL, SEED = 10_000, 0.95, 13
"""Of the paired bootstrap: more draws than intervals take, since a small p-value is the share of a few."""

Folds = Annotated[str, typer.Option(metavar="FOLD[,FOLD...]", help="Which folds of the corpus.")]
Epochs = Annotated[int, typer.Option(min=1, help="How long each training takes.")]
Conf = Annotated[Path, typer.Option(help="The folder of settings.")]


@app.command()
@console.command
def queue(
    *,
    technique: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="One of conf/experiment/ablation/; repeat it for several.",
            show_default="all",
        ),
    ] = None,
    folds: Folds = "0,1",
    epochs: Epochs = 6,
    conf: Conf = Path("conf"),
) -> None:
    """Queue a DVC experiment for each technique and fold that has none yet, plain fine-tuning first."""
    from spanwise import experiments
    from spanwise.ablation import plan

    root = conf.resolve().parent
    trials = plan(technique or _techniques(conf), _numbers(folds), epochs)
    done = {experiment.name for experiment in experiments.finished(root)}
    waiting = set(experiments.pending(root))
    new = [trial for trial in trials if trial.name not in done | waiting]
    _check(new, conf)
    if new:
        experiments.check_committed(root)
    for trial in new:
        experiments.enqueue(root, trial.name, trial.overrides)
        typer.echo(trial.name)
    typer.echo(
        f"queued: {len(new)}, in the queue before: {sum(trial.name in waiting for trial in trials)}, "
        f"finished before: {sum(trial.name in done for trial in trials)}"
    )
    if new or waiting:
        typer.echo("Run them: `dvc queue start`. What failed or was killed is queued again by this command.")


@app.command()
@console.command
def table(
    *,
    folds: Folds = "0,1",
    epochs: Epochs = 6,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A Markdown file.", show_default="standard output")
    ] = None,
    conf: Conf = Path("conf"),
) -> None:
    """Compare the experiments that are finished with plain fine-tuning, as a Markdown table."""
    from spanwise import experiments
    from spanwise.ablation import PLAIN, compare_runs, markdown, parse

    root, numbers, techniques = conf.resolve().parent, _numbers(folds), _techniques(conf)
    found: dict[str, list[tuple[Trial, Experiment]]] = {}
    for experiment in experiments.finished(root):
        trial = parse(experiment.name)
        if trial and trial.epochs == epochs and trial.fold in numbers:
            found.setdefault(trial.technique, []).append((trial, experiment))
    if not found:
        raise UserError(
            f"no experiment of {epochs} epochs on fold {folds} is finished",
            hint="Queue them: `spanwise ablation queue`; run them: `dvc queue start`.",
        )
    bootstrapped = partial(compare_runs, folds=numbers, samples=SAMPLES, level=LEVEL, seed=SEED)
    plain = list(_runs(found.pop(PLAIN, []), root))
    rows = [bootstrapped(plain, plain)] if plain else []
    # One technique at a time: the predictions of all would take gigabytes.
    rows += [bootstrapped(list(_runs(found[technique], root)), plain) for technique in sorted(found)]
    text = markdown(rows, techniques, folds=numbers, epochs=epochs, samples=SAMPLES, level=LEVEL)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text)


def _techniques(conf: Path) -> list[str]:
    """The names of the files in the group."""
    if not (conf / f"{CONFIG}.yaml").is_file():
        raise UserError(
            "no such file", path=conf / f"{CONFIG}.yaml", hint="Run this in the repository's root."
        )
    return group_options(conf / GROUP)


def _numbers(folds: str) -> list[int]:
    """`0,1` as numbers, sorted, each once."""
    parts = folds.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise typer.BadParameter(f"{folds!r} names no folds: write 0,1", param_hint="--folds")
    return sorted({int(part) for part in parts})


def _check(trials: Sequence[Trial], conf: Path) -> None:
    """Refuse settings that do not compose before any is queued."""
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        for trial in trials:
            write_params(conf, trial.overrides, Path(scratch) / "params.yaml")


def _runs(found: Sequence[tuple[Trial, Experiment]], root: Path) -> Iterator[Run]:
    """What finished experiments wrote; one at a time is in a folder of its own."""
    from spanwise import experiments
    from spanwise.ablation import FILES, read_run

    for trial, experiment in found:
        with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
            folder = Path(scratch) / experiment.name
            experiments.fetch(root, experiment, FILES, folder)
            yield read_run(folder, trial, experiment.baseline)
