"""`spanwise package`: the model and all that belongs to it as a folder to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise.config import Params, load_params
from spanwise.console import command


@command
def package(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    with_predictions: Annotated[
        bool,
        typer.Option(
            "--with-predictions",
            help="Add the predictions for validation and test documents, which hold the documents' text.",
        ),
    ] = False,
) -> None:
    """Put the model, its calibration, settings, figures and card into FOLDER, for use elsewhere.

    `spanwise predict --model FOLDER` and Transformers' own from_pretrained take it. Run this in the root of
    the repository, after `dvc repro`.
    """
    from spanwise.package import pack

    settings = load_params(Path("params.yaml"), Params)
    packed = pack(
        Path(),
        folder,
        task=settings.task.name,
        model=settings.model.name,
        with_predictions=with_predictions,
    )
    origin = f"commit {packed.commit[:7]}"
    if packed.dirty:
        origin += ", with changes that are not committed: commit them, and package again, to name its origin"
    typer.echo(f"{folder}: {len(packed.files) + 1} files, from {origin}")
