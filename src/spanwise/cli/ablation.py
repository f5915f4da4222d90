"""`spanwise ablation`: queue trainings that compare techniques with plain fine-tuning, and tabulate them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from spanwise import console
from spanwise.cli.compose import CONFIG, group_options, write_params
from spanwise.config import EvaluateParams, PrepareParams, TierSplitParams, TrainParams
from spanwise.errors import UserError, UserErrors
from spanwise.io import write_text

if TYPE_CHECKING:
    from spanwise.ablation import Run, Trial
    from spanwise.experiments import Experiment

app = console.app("Compare training techniques with plain fine-tuning, on the same folds.")

GROUP = Path("experiment/ablation")
"""Where in `conf/` each technique has its file."""

STAGES = (PrepareParams, TierSplitParams, TrainParams, EvaluateParams)
SCORING = {"bootstrap", "robustness"}  # of what is predicted anyway
SECTIONS = tuple(sorted({section for stage in STAGES for section in stage.model_fields} - SCORING))
"""The settings that predictions depend on: when another changes, what has run stays as it is."""

SAMPLES, LEVEL, SEED = 10_000, 0.95, 13
"""Of the paired bootstrap: more draws than intervals take, since a small p-value is the share of a few."""

Folds = Annotated[str, typer.Option(metavar="FOLD[,FOLD...]", help="Which folds of the corpus.")]
Epochs = Annotated[
    int | None,
    typer.Option(min=1, help="How long each training takes.", show_default="half of plain's, rounded up"),
]
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
    epochs: Epochs = None,
    conf: Conf = Path("conf"),
) -> None:
    """Queue a DVC experiment for each technique and fold that has none of its settings, plain first."""
    from spanwise import experiments
    from spanwise.ablation import plan
    from spanwise.reporting.formatting import shortened

    root, numbers = conf.resolve().parent, _numbers(folds)
    trials = plan(technique or _techniques(conf), numbers, epochs or _half(conf))
    settings = {trial: _composed(conf, trial.overrides) for trial in trials}
    done = {found.trial: found for found in _finished(experiments.finished(root), root, settings)}
    waiting = set(experiments.pending(root))
    current = [trial for trial in trials if trial in done and not done[trial].changed]
    new = [trial for trial in trials if trial not in current and trial.name not in waiting]
    if new:
        _check_corpora((settings[trial] for trial in new), root)
        experiments.check_committed(root)
    for trial in new:
        experiments.enqueue(root, trial.name, trial.overrides)
        again = f" again, for other settings: {shortened(done[trial].changed)}" if trial in done else ""
        typer.echo(f"{trial.name}{again}")
    typer.echo(
        f"queued: {len(new)}, in the queue before: {sum(trial.name in waiting for trial in trials)}, "
        f"finished before: {len(current)}"
    )
    if new or waiting:
        typer.echo("Run them: `dvc queue start`. What failed or was killed is queued again by this command.")


@app.command()
@console.command
def table(
    *,
    folds: Folds = "0,1",
    epochs: Epochs = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A Markdown file.", show_default="standard output")
    ] = None,
    conf: Conf = Path("conf"),
) -> None:
    """Compare the experiments that are finished with plain fine-tuning, as a Markdown table."""
    from spanwise import experiments
    from spanwise.ablation import PLAIN, compare_runs, markdown, parse

    root, numbers, techniques = conf.resolve().parent, _numbers(folds), _techniques(conf)
    epochs = epochs or _half(conf)
    settings: dict[Trial, dict[str, Any] | None] = {}
    candidates = experiments.finished(root)
    for trial in filter(None, (parse(experiment.name) for experiment in candidates)):
        if trial.epochs == epochs and trial.fold in numbers:
            known = trial.technique in techniques
            settings[trial] = _composed(conf, trial.overrides) if known else None
    found: dict[str, list[_Finished]] = {}
    for each in _finished(candidates, root, settings):
        found.setdefault(each.trial.technique, []).append(each)
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


def _half(conf: Path) -> int:
    """Half of the epochs of plain fine-tuning, rounded up."""
    from spanwise.ablation import PLAIN

    epochs: int = _composed(conf, [f"experiment=ablation/{PLAIN}"])["train"]["epochs"]
    return (epochs + 1) // 2


def _composed(conf: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """The settings that `params.yaml` would hold; those that do not compose are refused."""
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        path = Path(scratch) / "params.yaml"
        write_params(conf, overrides, path)
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Finished:
    """A trial's experiment, and the settings that are others by now."""

    trial: Trial
    experiment: Experiment
    changed: list[str]


def _finished(
    candidates: Iterable[Experiment], root: Path, settings: Mapping[Trial, dict[str, Any] | None]
) -> list[_Finished]:
    """The experiments of some trials; of several of a trial, the latest with its settings, or the latest.

    Args:
        candidates: All experiments, from the oldest to the latest.
        root: The repository.
        settings: Those of each trial now; None where the technique has no file any more.
    """
    from spanwise import experiments
    from spanwise.ablation import changed

    trials = {trial.name: trial for trial in settings}
    own = [each for each in candidates if each.name in trials]
    found: dict[Trial, _Finished] = {}
    for experiment, text in zip(own, experiments.committed(root, own, "params.yaml"), strict=True):
        trial = trials[experiment.name]
        now = settings[trial]
        gone = [f"{GROUP}/{trial.technique}.yaml"]
        differing = gone if now is None else changed(yaml.safe_load(text), now, SECTIONS)
        if trial not in found or found[trial].changed or not differing:
            found[trial] = _Finished(trial, experiment, differing)
    return list(found.values())


def _check_corpora(settings: Iterable[dict[str, Any]], root: Path) -> None:
    """Refuse to queue what cannot be read: each run would fail alone, later."""
    from spanwise.corpora import PINS, load_source, locate, source_path, verify

    sections = [each["corpus"] for each in settings]
    names = {name for each in sections for name in (each["name"], *each["auxiliaries"], *each["unlabelled"])}
    errors = []
    for path in (source_path(name, root / PINS) for name in sorted(names)):
        try:
            verify(load_source(path), locate(path))
        except UserError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def _runs(found: Sequence[_Finished], root: Path) -> Iterator[Run]:
    """What finished experiments wrote; one at a time is in a folder of its own."""
    from spanwise import experiments
    from spanwise.ablation import FILES, read_code, read_run
    from spanwise.provenance import LOCK

    locks = experiments.committed(root, [each.experiment for each in found], LOCK)
    for each, lock in zip(found, locks, strict=True):
        with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
            folder = Path(scratch) / each.experiment.name
            experiments.fetch(root, each.experiment, FILES, folder)
            yield read_run(folder, each.trial, code=read_code(lock), changed=each.changed)
