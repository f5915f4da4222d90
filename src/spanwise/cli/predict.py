"""`spanwise predict`: texts to entities with offsets, types and confidence, one or many."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.package import CALIBRATION

if TYPE_CHECKING:
    from spanwise.bulk.documents import Failure
    from spanwise.bulk.formats import Format
    from spanwise.bulk.inputs import Inputs
    from spanwise.calibration import Calibration

MAX_CHARACTERS = 1_000_000  # of a document: some 350 pages

OUTPUT, INPUT, SPEED = "Output", "Input", "Speed"  # where --help shows an option


@command
def predict(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|'GLOB'|-...",
            help="UTF-8 texts, JSON lines or Parquet; the texts of a folder; - is standard input.",
        ),
    ],
    *,
    model: Annotated[Path, typer.Option(help="The folder of a trained model.")] = Path("models/learner"),
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="What the stage confidence wrote.",
            show_default=f"{CALIBRATION} in the model's folder, or beside it",
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The confidence before calibration.")] = False,
    format: Annotated[
        Literal["table", "jsonl", "brat", "conll", "parquet"] | None,
        typer.Option(
            "--format",
            "-f",
            help="How to write entities.",
            show_default="the suffix of --output; a table of a few texts, else jsonl",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A file; of brat, a folder. The same command goes on with what was interrupted.",
            show_default="standard output",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    with_text: Annotated[
        bool,
        typer.Option("--with-text", help="Write texts too, in jsonl and parquet.", rich_help_panel=OUTPUT),
    ] = False,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart", help="Begin anew, and replace what is there already.", rich_help_panel=OUTPUT
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first bad document.", rich_help_panel=OUTPUT)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Neither progress nor summary.", rich_help_panel=OUTPUT)
    ] = False,
    input_format: Annotated[
        Literal["auto", "txt", "jsonl", "parquet"],
        typer.Option(help="How documents are written; auto goes by the suffix.", rich_help_panel=INPUT),
    ] = "auto",
    id_field: Annotated[
        str, typer.Option(help="The field or column of a document's id.", rich_help_panel=INPUT)
    ] = "id",
    text_field: Annotated[
        str, typer.Option(help="The field or column of its text.", rich_help_panel=INPUT)
    ] = "text",
    max_characters: Annotated[
        int, typer.Option(min=1, help="A longer document is a bad one.", rich_help_panel=INPUT)
    ] = MAX_CHARACTERS,
    backend: Annotated[
        Literal["auto", "torch", "torch-bf16", "onnx", "onnx-int8"],
        typer.Option(
            help="What computes; auto is the fastest that is calibrated, as measured once on this machine.",
            rich_help_panel=SPEED,
        ),
    ] = "auto",
    engine: Annotated[
        Literal["local", "process", "ray"],
        typer.Option(
            help="This process, several, or a Ray cluster ($RAY_ADDRESS, else this machine).",
            rich_help_panel=SPEED,
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many predict at once.",
            show_default="1; of another engine than local, one a core",
            rich_help_panel=SPEED,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of each worker.",
            show_default="one a core; of another engine than local, 1",
            rich_help_panel=SPEED,
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="A folder that keeps predictions for texts that come again.", rich_help_panel=SPEED
        ),
    ] = None,
    cache_size: Annotated[
        int, typer.Option(min=1, metavar="MB", help="How large that may become.", rich_help_panel=SPEED)
    ] = 1024,
) -> None:
    """Find the entities in documents. Offsets count the Unicode characters of the original text.

    A document that cannot be read or predicted is reported and left out; with --output, it is listed in
    <output>.errors.jsonl.
    """
    started = time.monotonic()
    from spanwise.bulk import progress
    from spanwise.bulk.inputs import Inputs
    from spanwise.bulk.reading import Reading
    from spanwise.bulk.run import Run, check_free, to_file, to_stream
    from spanwise.bulk.serving import find_job
    from spanwise.bulk.streams import stream_writer

    inputs = Inputs(tuple(files), input_format, Reading(id_field, text_field, max_characters))
    chosen = format or _default_format(inputs, output)
    _check(chosen, output, inputs, with_text=with_text)
    visible = progress.wanted(quiet=quiet) and (output is not None or not sys.stdout.isatty())
    survey = inputs.survey(count=visible)
    if output is not None:
        check_free(output, chosen, restart=restart)
    cores = _cores()
    job = find_job(
        _existing(model),
        backend=backend,
        threads=threads or (cores if engine == "local" else 1),
        calibration=None if raw else _read(calibration or find_calibration(model)),
        format=chosen,
        with_text=with_text,
        cache=cache,
        cache_mb=cache_size,
    )
    with progress.shown(survey.documents, visible=visible) as bar:
        run = Run(
            inputs,
            job,
            engine=engine,
            workers=workers or (1 if engine == "local" else cores),
            strict=strict,
            report=_report,
            advance=bar.advance,
        )
        if output is None:
            before, done = 0, to_stream(run, stream_writer(chosen))
        else:
            before, done = to_file(run, output, inputs=survey.digest, restart=restart, begun=bar.begun)
    if not quiet:
        typer.echo(done.summary(seconds=time.monotonic() - started, before=before), err=True)
    if done.items and done.failures == done.items:
        raise UserError("no document could be read and predicted")


def find_calibration(model: Path) -> Path:
    """Where the calibration of the model in a folder is: in it, as in a package, or beside it."""
    packaged = model / CALIBRATION
    return packaged if packaged.is_file() else model.parent / CALIBRATION


def _default_format(inputs: Inputs, output: Path | None) -> Format:
    from spanwise.bulk.formats import SUFFIXES

    if output is None:
        return "table" if inputs.few else "jsonl"
    if output.suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        reason = f"its suffix tells no format: it is none of {known}"
        raise UserError(reason, path=output, hint="Name the format with --format.")
    return SUFFIXES[output.suffix]


def _check(format: Format, output: Path | None, inputs: Inputs, *, with_text: bool) -> None:
    """Hold the options against each other."""
    if output is not None and format == "table":
        raise UserError("a table is for the terminal", hint="--output takes jsonl, brat, conll or parquet.")
    if output is None and format == "parquet":
        raise UserError("Parquet needs a file", hint="Name one with --output.")
    if output is None and format == "brat" and not (inputs.few and len(inputs.names) == 1):
        raise UserError("several documents in brat format need a folder", hint="Name one with --output.")
    if with_text and format not in ("jsonl", "parquet"):
        raise UserError("--with-text is for jsonl and parquet")


def _existing(model: Path) -> Path:
    if not model.is_dir():
        raise UserError("no such folder", path=model, hint="`dvc repro` or `dvc pull` brings the model.")
    return model


def _read(calibration: Path) -> Calibration:
    if not calibration.is_file():
        raise UserError(
            "no such calibration",
            path=calibration,
            hint="`dvc repro confidence` makes it; --raw shows the confidence without one.",
        )
    from spanwise.calibration import Calibration

    return read_record(calibration, Calibration)


def _cores() -> int:
    """Of this machine, as far as this process may use them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _report(failure: Failure) -> None:
    typer.echo(f"left out: {failure.place}: {failure.reason}", err=True)
