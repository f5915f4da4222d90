"""`spanwise folds`: the folds of one split together, as one test of the recipe."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.config import ConfidenceParams, load_params

if TYPE_CHECKING:
    from spanwise.crossvalidation.fold import Fold

PREDICTIONS = "data/predictions"


@console.command
def folds(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="EXP|REV|FOLDER...",
            help="One DVC experiment or git revision for each fold, or folders with validation.jsonl and "
            "test.jsonl.",
        ),
    ],
    *,
    support: Annotated[
        int, typer.Option(min=1, help="The gold spans that a type must have to count in the second macro-F1.")
    ] = 100,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for folds.{md,json}.")] = Path(
        "reports"
    ),
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Pool the test parts of the folds of one split, or of several splits of the same questions."""
    settings = load_params(params, ConfidenceParams)
    from spanwise.calibration.acceptance import Bootstrap
    from spanwise.crossvalidation import answers, spans
    from spanwise.crossvalidation.fold import of_answers
    from spanwise.io import write_json, write_text

    found = [_read(name) for name in runs]
    bootstrap = Bootstrap(**settings.bootstrap.model_dump(), seed=settings.seed)
    if of_answers(found):
        figures = answers.pool(found, bootstrap=bootstrap)
        text = answers.markdown(figures, level=bootstrap.level)
    else:
        chosen = settings.confidence
        confidence = spans.Confidence(chosen.method, chosen.feature, chosen.bins, chosen.target_precision)
        figures = spans.pool(found, confidence=confidence, bootstrap=bootstrap, support=support)
        text = spans.markdown(figures, level=bootstrap.level)
    write_json(output / "folds.json", figures)
    write_text(output / "folds.md", f"# Folds together\n\n{text}")
    typer.echo(text, nl=False)


def _read(name: str) -> Fold:
    """The fold in a folder, or else that of an experiment or revision."""
    from spanwise import experiments
    from spanwise.crossvalidation.fold import TEST, VALIDATION, read_fold

    if Path(name).is_dir():
        return read_fold(name, Path(name))
    root = Path.cwd()
    files = [f"{PREDICTIONS}/{file}" for file in (VALIDATION, TEST)]
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        experiments.fetch(root, experiments.find(root, name), files, Path(scratch))
        return read_fold(name, Path(scratch) / PREDICTIONS)
