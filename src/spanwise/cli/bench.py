"""`spanwise bench`: how fast a model predicts, and how fast beside Hugging Face's pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise.console import command
from spanwise.errors import UserError
from spanwise.io import read_jsonl, read_text, write_json
from spanwise.reporting.formatting import amount, counted, duration, score
from spanwise.schema import Example, Prediction

if TYPE_CHECKING:
    from rich.table import Table

BATCH_TOKENS = 1024
SAMPLES, LEVEL, SEED = 1000, 0.95, 13  # of the interval of the time for 10,000 documents


class Peer(StrEnum):
    """What to run in turn with the model."""

    PIPELINE = "hf-pipeline"


class Backend(StrEnum):
    """What the model computes with."""

    TORCH = "torch"
    TORCH_BF16 = "torch-bf16"
    ONNX = "onnx"
    ONNX_INT8 = "onnx-int8"


@command
def bench(
    *,
    model: Annotated[Path, typer.Option(help="The folder of a trained model.")] = Path("models/learner"),
    split: Annotated[
        Path, typer.Option(help="Documents as tier-split writes them; their entities give the F1.")
    ] = Path("data/splits/test.jsonl"),
    input: Annotated[
        list[Path] | None, typer.Option(help="A UTF-8 text, instead of --split; repeat it for several.")
    ] = None,
    backend: Annotated[
        list[Backend] | None,
        typer.Option(help="Repeat it for several.", show_default="all that the folder holds files for"),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads, of torch and ONNX Runtime alike.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 3,
    batch_size: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Documents handed over at once; repeat it.", show_default="1, 8 and 32"),
    ] = None,
    length: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Subwords of a joined document that is timed; repeat it."),
    ] = None,
    documents: Annotated[
        int | None, typer.Option(min=1, help="How many to predict.", show_default="all")
    ] = None,
    batch_tokens: Annotated[
        int, typer.Option(min=1, help="Tokens that go through the model at once.")
    ] = BATCH_TOKENS,
    peer: Annotated[Peer | None, typer.Option(help="What to run in turn with the model.")] = None,
    peer_batch_size: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Windows that the peer batches; repeat it.", show_default="1 and 8"),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file, too.")] = None,
) -> None:
    """Time a model on documents, each backend in a process of its own, and tell its memory, size and F1."""
    examples = _read(split, input or [])[:documents]
    if not model.is_dir():
        raise UserError("no such folder", path=model, hint="`dvc repro` or `dvc pull` brings the model.")
    from spanwise import hardware
    from spanwise.runtime.benchmark.backends import (
        WEIGHTS,
        Plan,
        benchmark_backends,
        load_per_core,
        stored_backends,
    )
    from spanwise.runtime.benchmark.isolation import in_child
    from spanwise.runtime.benchmark.peer import measure_peer

    load = load_per_core()
    hardware.set_threads(threads)
    names = (
        [each.value for each in backend]
        if backend
        else stored_backends(model, beside=[name for name in WEIGHTS if name != Backend.TORCH_BF16])
    )
    if not names:
        raise UserError("holds no model", path=model, hint="`dvc repro` or `dvc pull` brings one.")
    shared: dict[str, Any] = {"threads": threads, "batch_tokens": batch_tokens}
    sizes = batch_size or [1, 8, 32]
    plan = Plan(sizes, max(len(examples), *sizes), rounds, length or [], SAMPLES, LEVEL, SEED)
    figures: dict[str, Any] = {
        **hardware.describe().model_dump(),
        "load_per_core": load,
        "documents": len(examples),
        "backends": benchmark_backends(model, names, examples, plan, **shared, score=micro_f1),
    }
    if peer is not None:
        figures["peer"] = in_child(
            measure_peer,
            model,
            examples,
            **shared,
            backends=names,
            documents=len(examples),
            repeats=rounds,
            batch_sizes=peer_batch_size or [1, 8],
        )
    if json is not None:
        write_json(json, figures)
    _print(figures)


def micro_f1(predictions: Sequence[Prediction]) -> float | None:
    """The strict micro-F1; None where no document has an entity to be found."""
    from spanwise.metrics import spans

    return spans.micro_f1(predictions) if any(each.gold for each in predictions) else None


def _read(split: Path, files: Sequence[Path]) -> list[Example]:
    """The documents of `files`, or else of `split`.

    Raises:
        UserError: If one cannot be read, or there are none.
    """
    found = [Example(id=str(file), text=read_text(file), target=(), group=str(file)) for file in files]
    found = found or list(read_jsonl(split, Example))
    if not found:
        raise UserError("holds no document", path=split)
    return found


def _print(figures: Mapping[str, Any]) -> None:
    from rich.console import Console

    console = Console()
    console.print(
        f"{counted(figures['documents'], 'document')} on {figures['cpu']}, device {figures['device']}, "
        f"{counted(figures['threads'], 'thread')}, load {amount(figures['load_per_core'])} a core"
    )
    console.print(_backend_table(figures["backends"]))
    if "peer" in figures:
        console.print(_peer_table(figures["peer"]))
        for sentence in _losses(figures["peer"]):
            console.print(sentence)


def _backend_table(backends: Mapping[str, Mapping[str, Any]]) -> Table:
    heads = ["documents/s", "tokens/s", "10,000 documents", "model MB", "peak MB", "F1"]
    sizes = list(next(iter(backends.values()))["latency_ms"])
    table = _table("backend", *(f"ms, batch {size} (p50 / p95 / p99)" for size in sizes), *heads)
    for name, each in backends.items():
        table.add_row(
            name,
            *(_latency(each["latency_ms"][size]) for size in sizes),
            amount(each["documents_per_s"]),
            amount(each["tokens_per_s"]),
            _hours(each),
            amount(each["model_mb"]),
            amount(each["peak_rss_mb"]),
            score(each["f1"]),
        )
    return table


def _peer_table(peer: Mapping[str, Any]) -> Table:
    table = _table("in turn, in one process", "documents/s", f"{peer['backend']} is faster by")
    named = {
        "pipeline, quickest that reads every token": peer["quickest"],
        "the same in bfloat16": peer["bfloat16"],
        "pipeline, truncating": peer["truncating"],
    }
    for name, each in named.items():
        setting = f"window {each['window']}, stride {each['stride']}, batch {each['batch_size']}"
        table.add_row(f"{name} ({setting})", amount(each["documents_per_s"]), _spread(each, "speedup"))
    table.add_row("one document at a time, both", "", _spread(peer, "speedup_batch1"))
    for name, each in peer["ours"].items():
        table.add_row(name, amount(each["documents_per_s"]), "")
    return table


def _losses(peer: Mapping[str, Any]) -> Iterator[str]:
    cut = peer["truncating"]
    yield (
        f"Truncating, the pipeline leaves {amount(cut['tokens_dropped'])} of {amount(cut['tokens'])} tokens "
        f"unread in {counted(cut['documents_truncated'], 'document')}, and with them "
        f"{amount(cut['entities_dropped'])} of the {amount(cut['entities'])} entities that are found there "
        f"({amount(cut['gold_entities_dropped'])} of {amount(cut['gold_entities'])} in the gold standard)."
    )
    yield f"Tokens dropped by the model's own windows: {amount(peer['tokens_dropped_by_us'])}."


def _table(first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(first)
    for head in others:
        table.add_column(head, justify="right")
    return table


def _latency(latency: Mapping[str, Any]) -> str:
    return " / ".join(amount(latency[name]) for name in ("p50", "p95", "p99"))


def _hours(each: Mapping[str, Any]) -> str:
    name = "hours_per_10k_documents"
    low, high = (each[f"{name}_{end}"] for end in ("low", "high"))
    spread = "" if low is None else f" ({duration(3600 * low)} to {duration(3600 * high)})"
    return duration(3600 * each[name]) + spread


def _spread(each: Mapping[str, Any], name: str) -> str:
    return f"{each[name]:.2f} ({each[f'{name}_low']:.2f} to {each[f'{name}_high']:.2f})"
