"""`spanwise tune`: a search for better settings, scored on the validation documents."""

from __future__ import annotations

import difflib
import importlib.util
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import yaml
from pydantic import BaseModel, ValidationError

from spanwise import console
from spanwise.cli.compose import write_params
from spanwise.config import Model, Positive, StageParams, Task, Train, load_params
from spanwise.errors import UserError
from spanwise.io import write_text

if TYPE_CHECKING:
    from spanwise.tuning.ledger import Entry
    from spanwise.tuning.outcome import Outcome
    from spanwise.tuning.search import Progress, Search
    from spanwise.tuning.space import Scalar

SPLITS, PAGE = Path("data/splits"), Path("reports/tuning.html")
EXTRAS = {"optuna": "tune", "ray": "ray"}


class TuneParams(StageParams):
    """What `tune` may read."""

    seed: int
    threads: Positive | None
    task: Task
    model: Model
    train: Train


@console.command
def tune(
    space: Annotated[str, typer.Argument(help="A file of conf/search/, without its suffix.")] = "quick",
    *,
    strategy: Annotated[
        Literal["bayesian", "hyperband", "random"],
        typer.Option(
            help="How settings are drawn and trials ended: TPE and medians, ASHA by Ray, or neither."
        ),
    ] = "bayesian",
    trials: Annotated[int | None, typer.Option(min=1, show_default="the space's")] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="Seconds after which no training begins.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Trials at a time, of a thread each.")] = 1,
    documents: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="The share of the train side to learn from.", show_default="the space's"
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of a trial.", show_default="the space's")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of all that is drawn.", show_default="the settings'")
    ] = None,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Search SPACE for better settings, on train and validation documents alone; run again, it resumes."""
    settings = load_params(params, TuneParams)
    _require("ray" if strategy == "hyperband" else "optuna")
    _require("optuna")
    root = params.resolve().parent
    if not (root / SPLITS / "labels.json").is_file():
        raise UserError("no split to train on", path=root / SPLITS, hint="`dvc repro tier-split` makes it.")
    from spanwise.tuning import search
    from spanwise.tuning.space import read_space
    from spanwise.tuning.trial import Problem

    found, path = read_space(root / "conf" / "search", space)
    given = {"trials": trials, "documents": documents, "epochs": epochs}
    found = found.model_copy(update={key: value for key, value in given.items() if value is not None})
    found = found.checked(lambda key, value: _typed(settings, key, value), path)
    problem = Problem(
        splits=root / SPLITS,
        kind=settings.task.kind,
        model=settings.model.model_dump(exclude={"name", "licence"}),
        train=settings.train.model_dump(),
        documents=found.documents,
        seed=settings.seed if seed is None else seed,
        threads=settings.threads,
        scratch=root,
    )
    asked = search.Search(f"{space}-{strategy}", strategy, found, problem, jobs)
    _finish(root, settings, asked, time.monotonic() + (float("inf") if timeout is None else timeout))


def _finish(root: Path, settings: TuneParams, asked: Search, deadline: float) -> None:
    """Search, write all files, and tell what came of it."""
    from spanwise.tuning import search
    from spanwise.tuning.page import Written, write_outcome
    from spanwise.tuning.preset import render_preset
    from spanwise.tuning.telling import tell_outcome

    with _progress() as progress:
        finding = search.run(asked, deadline=deadline, progress=progress)
    outcome = finding.outcome
    name = f"tuned-{outcome.study}"
    own = _departures(root, settings, outcome)
    preset = root / "conf" / "experiment" / f"{name}.yaml"
    write_text(preset, render_preset(outcome, own, task=settings.task.name, model=settings.model.name))
    written = Written(root / "search", root / PAGE)
    write_outcome(written, outcome, shares=finding.shares, seconds=finding.seconds, preset=name)
    for sentence in tell_outcome(outcome):
        typer.echo(sentence)
    typer.echo(f"Preset: dvc exp run -S experiment={name}. More in {PAGE}.")


def _require(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        hint = f"pip install -c requirements.lock -e '.[{EXTRAS[module]}]'"
        raise UserError(f"this search takes {module}, of the extra {EXTRAS[module]!r}", hint=hint)


def _typed(settings: TuneParams, key: str, value: Scalar) -> Any:
    """A value of a setting in the setting's type.

    Raises:
        UserError: If a trial has no such setting, or it may not have this value.
    """
    from spanwise.tuning.trial import lay

    tuned = TuneParams.model_fields
    valid = [name for section in ("model", "train") for name in _keys(section, tuned[section].annotation)]
    if key not in valid:
        close = difflib.get_close_matches(key, valid, n=1)
        guess = f": did you mean {close[0]}?" if close else f": valid: {', '.join(valid)}"
        raise UserError(f"{key} is not a setting that a trial could change{guess}")
    try:
        laid: Any = TuneParams.model_validate(lay({key: value}, settings.model_dump()))
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError(f"{key} = {value!r}: {message}") from None
    for part in key.split("."):
        laid = getattr(laid, part)
    return laid


def _keys(key: str, kind: Any) -> Iterator[str]:
    """The dotted keys of the settings under `key`."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        yield key
        return
    for name, field in kind.model_fields.items():
        yield from _keys(f"{key}.{name}", field.annotation)


def _departures(root: Path, settings: TuneParams, outcome: Outcome) -> dict[str, Any]:
    """Where the winner's settings are not as the options of its task and model have them by themselves."""
    from spanwise.tuning.trial import lay

    wanted = lay(outcome.winner.values, settings.model_dump(include={"model", "train"}))
    with tempfile.TemporaryDirectory(prefix="spanwise-") as folder:
        path = Path(folder) / "params.yaml"
        write_params(root / "conf", [f"task={settings.task.name}", f"model={settings.model.name}"], path)
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _differing(wanted, plain)


def _differing(wanted: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """What of nested settings is other than in `plain`."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        other = plain.get(key)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            if inner := _differing(value, other):
                found[key] = inner
        elif value != other:
            found[key] = value
    return found


@contextmanager
def _progress() -> Iterator[Progress]:
    """How far the search is, and its best score so far, on a terminal."""
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[best]}"),
        progress.TimeElapsedColumn(),
    )
    # By name: while a trial trains in this process, sys.stderr is a file.
    terminal = Console(file=sys.stderr)
    with progress.Progress(*columns, console=terminal, disable=not terminal.is_terminal) as bar:
        tasks: dict[str, progress.TaskID] = {}

        def show(name: str, entries: list[Entry], total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total, best="")
            done = sum(entry.state != "failed" for entry in entries)
            bar.update(tasks[name], completed=done, best=_best(entries) if name == "trials" else "")

        yield show


def _best(entries: list[Entry]) -> str:
    from spanwise.reporting.formatting import score
    from spanwise.tuning.outcome import rank

    ranked = rank(entries)
    return f"best {score(ranked[0].score)} (trial {ranked[0].number})" if ranked else ""
