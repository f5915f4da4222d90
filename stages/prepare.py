"""Raw corpora to examples: verify, read, take the inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise.config import PrepareParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.corpora import (
    load_source,
    read_auxiliary,
    read_pinned,
    read_texts,
    require_distinct,
    require_labels,
    require_own_ids,
    source_path,
)
from spanwise.io import atomic, write_json, write_jsonl
from spanwise.sides import AUXILIARIES, UNLABELLED


def prepare(
    pins: Annotated[Path, typer.Argument(help="The folder of pins; corpora/ lies beside it.")],
    prepared: Annotated[Path, typer.Argument(help="The folder to write examples.jsonl to.")],
    metrics: Annotated[Path, typer.Argument(help="The inventory to write.")],
    params: ParamsFile = Path("params.yaml"),
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Report all malformed places, not the first alone.")
    ] = False,
) -> None:
    """Read pinned corpora into examples, and count what was repaired or left out."""
    corpus = load_params(params, PrepareParams).corpus
    require_distinct(corpus.name, corpus.auxiliaries, corpus.unlabelled)
    policies = corpus.model_dump(include={"discontinuous", "overlapping"})
    examples, inventory = read_pinned(
        corpus.name, pins, **policies, group=corpus.group, keep_going=keep_going
    )
    require_own_ids(corpus.name, examples, [*corpus.auxiliaries, *corpus.unlabelled], pins)
    require_labels(corpus.name, inventory.labels, corpus.auxiliaries)
    auxiliaries = {
        name: read_auxiliary(name, pins, **policies, renamed=renamed, keep_going=keep_going)
        for name, renamed in sorted(corpus.auxiliaries.items())
    }
    unlabelled = [
        text for name in sorted(corpus.unlabelled) for text in read_texts(name, pins, keep_going=keep_going)
    ]
    licence = load_source(source_path(corpus.name, pins)).licence
    figures: dict[str, Any] = {"licence": licence, **inventory.model_dump()}
    with atomic(prepared) as folder:
        write_jsonl(folder / "examples.jsonl", examples)
        for name, (found, _) in auxiliaries.items():
            write_jsonl(folder / AUXILIARIES / f"{name}.jsonl", found)
        if unlabelled:
            write_jsonl(folder / UNLABELLED, unlabelled)
            figures["unlabelled"] = {"documents": len(unlabelled)}
    if auxiliaries:
        figures["auxiliaries"] = {name: counted.model_dump() for name, (_, counted) in auxiliaries.items()}
    write_json(metrics, figures)


if __name__ == "__main__":
    run(prepare)
