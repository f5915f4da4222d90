"""Raw corpus to examples: verify, read, take the inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise.config import PrepareParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.corpora import load_source, locate, verify
from spanwise.io import write_json, write_jsonl
from spanwise.readers import read
from spanwise.readers.inventory import take_inventory


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
    folder = locate(source)
    verify(pinned, folder)
    stream = read(
        folder,
        format=pinned.format,
        discontinuous=settings.corpus.discontinuous,
        overlapping=settings.corpus.overlapping,
        group=settings.corpus.group,
    )
    examples, inventory = take_inventory(stream, keep_going=keep_going)
    write_jsonl(prepared / "examples.jsonl", examples)
    write_json(metrics, inventory.model_dump())


if __name__ == "__main__":
    run(prepare)
