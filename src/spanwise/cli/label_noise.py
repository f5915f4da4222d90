"""`spanwise label-noise`: candidates for wrong gold labels, ranked by out-of-fold confidence."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise.console import command
from spanwise.errors import UserError
from spanwise.reporting.formatting import counted

if TYPE_CHECKING:
    from spanwise.label_noise.documents import Run

PREDICTIONS = Path("data/predictions")
CALIBRATION = Path("models/calibration.json")
WORKSPACE = "workspace"


@command
def label_noise(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXP|REV|FOLDER]...",
            help="DVC experiments, git revisions, or folders with a test.jsonl and perhaps a "
            "calibration.json, such as the folds of one split. No document may be in two of them.",
            show_default="the workspace",
        ),
    ] = None,
    *,
    validation: Annotated[
        bool,
        typer.Option(
            "--validation",
            help="Judge the validation documents too. They chose the epoch of the model and calibrated "
            "its confidence, which fits them too well.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many candidates the page shows.")] = 200,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.")] = Path("reports"),
) -> None:
    """Rank annotations that may be wrong, by models that did not train on their documents."""
    from spanwise.label_noise.page import write_pages

    sides = ("test", "validation") if validation else ("test",)
    found = [_read(name, sides) for name in runs] if runs else [_workspace(sides)]
    for run in found:
        if run.calibration is None:
            typer.echo(f"{run.name}: no calibration, its confidence is raw", err=True)
    summary = write_pages(output, found, limit=limit)
    places, documents = counted(summary.candidates, "candidate"), counted(summary.documents, "document")
    typer.echo(f"{places} in {documents}: {output}/label_noise.html")


def _read(name: str, sides: Sequence[str]) -> Run:
    """The predictions in a folder, or else those of an experiment or revision."""
    from spanwise.label_noise.documents import read_run

    folder = Path(name)
    if not folder.is_dir():
        return _fetched(name, sides)
    return read_run(name, [folder / f"{side}.jsonl" for side in sides], folder / CALIBRATION.name)


def _workspace(sides: Sequence[str]) -> Run:
    from spanwise.label_noise.documents import read_run

    files = [PREDICTIONS / f"{side}.jsonl" for side in sides]
    if not files[0].is_file():
        hint = "`dvc repro evaluate` or `dvc pull` brings it; or name experiments or folders."
        raise UserError("no such file", path=files[0], hint=hint)
    return read_run(WORKSPACE, files, CALIBRATION)


def _fetched(name: str, sides: Sequence[str]) -> Run:
    from spanwise import experiments
    from spanwise.label_noise.documents import read_run

    root = Path.cwd()
    experiment = experiments.find(root, name)
    files = [PREDICTIONS / f"{side}.jsonl" for side in sides]
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        folder = Path(scratch)
        experiments.fetch(root, experiment, [str(file) for file in files], folder)
        # It may have ended before it was calibrated: the command says so.
        experiments.fetch_available(root, experiment, [str(CALIBRATION)], folder)
        return read_run(name, [folder / file for file in files], folder / CALIBRATION)
