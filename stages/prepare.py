"""Raw corpus to examples: verify, read, take the inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise.config import PrepareParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.corpora import load_source, locate, verify
from spanwise.errors import UserError
from spanwise.io import write_json, write_jsonl
from spanwise.readers.inventory import take_inventory
from spanwise.tasks.base import load_task


def prepare(
    source: Annotated[Path, typer.Argument(help="The pin of the corpus.")],
    prepared: Annotated[Path, typer.Argument(help="The folder to write examples.jsonl to.")],
    metrics: Annotated[Path, typer.Argument(help="The inventory to write.")],
    params: ParamsFile = Path("params.yaml"),
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Report all malformed places, not the first alone.")
    ] = False,
) -> None:
    """Read a pinned corpus into examples, and count what was repaired or left out."""
    settings = load_params(params, PrepareParams)
    pinned = load_source(source)
    if pinned.format != settings.corpus.format:
        reason = f"corpus.format = {settings.corpus.format}, but {pinned.name} is pinned as {pinned.format}"
        raise UserError(reason, path=params, hint=f"Set it in conf/task/{settings.task.name}.yaml.")
    folder = locate(source)
    verify(pinned, folder)
    stream = load_task(settings.task.kind).read(
        folder,
        format=settings.corpus.format,
        discontinuous=settings.corpus.discontinuous,
        overlapping=settings.corpus.overlapping,
    )
    examples, inventory = take_inventory(stream, keep_going=keep_going)
    write_jsonl(prepared / "examples.jsonl", examples)
    write_json(metrics, inventory.model_dump())


if __name__ == "__main__":
    run(prepare)
