"""`spanwise predict`: texts to entities with offsets, types and confidence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spanwise.console import command
from spanwise.errors import UserError
from spanwise.io import read_record, read_text, write_text
from spanwise.package import CALIBRATION
from spanwise.schema import Example, Prediction
from spanwise.writers import Entities, brat_lines, entities

STDIN = "-"
BATCH_TOKENS = 1024


class Format(StrEnum):
    """How entities are written."""

    TABLE = "table"
    JSONL = "jsonl"
    BRAT = "brat"


@command
def predict(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...|-", help="UTF-8 texts; - is standard input.")
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
    format: Annotated[Format, typer.Option("--format", "-f", help="How to write entities.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder for brat's .txt and .ann files.")
    ] = None,
) -> None:
    """Find the entities in each FILE. Offsets count the Unicode characters of the original text."""
    if output is not None and format is not Format.BRAT:
        raise UserError("--output is for --format brat", hint="Redirect standard output instead.")
    if output is None and format is Format.BRAT and len(files) > 1:
        raise UserError("several documents in brat format need a folder", hint="Name one with --output.")
    examples = [read_document(file) for file in files]
    names = free_names(output, examples) if output is not None else []  # before the model does its work
    if not model.is_dir():
        raise UserError("no such folder", path=model, hint="`dvc repro` or `dvc pull` brings the model.")
    calibrate = _raw if raw else _calibrated(calibration or find_calibration(model))
    found = _find(examples, model, calibrate)
    if output is not None:
        write_brat(output, names, examples, found)
    elif format is Format.TABLE:
        _print_tables(found)
    else:
        lines = [line for document in found for line in _lines(document, format)]
        sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())


def find_calibration(model: Path) -> Path:
    """Where the calibration of the model in a folder is: in it, as in a package, or beside it."""
    packaged = model / CALIBRATION
    return packaged if packaged.is_file() else model.parent / CALIBRATION


def read_document(file: str) -> Example:
    """The text of `file`, or of standard input, as a document without gold spans.

    Raises:
        UserError: If it cannot be read, or is not UTF-8.
    """
    if file != STDIN:
        return Example(id=file, text=read_text(Path(file)), target=(), group=file)
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8: byte {error.start} cannot be decoded", path="standard input") from None
    return Example(id="stdin", text=text, target=(), group="stdin")


def free_names(folder: Path, examples: Sequence[Example]) -> list[str]:
    """The name of each document's `.txt` and `.ann` in `folder`: that of its file, without the suffix.

    Raises:
        UserError: If two documents have the same name, or a file of that name is there already.
    """
    names = [Path(example.id).stem for example in examples]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"two documents are named {twice}", hint="Write them into folders of their own.")
    taken = [
        path for name in names for path in (folder / f"{name}.txt", folder / f"{name}.ann") if path.exists()
    ]
    if taken:
        raise UserError("is there already", path=taken[0], hint="Name a new folder, or move it away.")
    return names


def write_brat(
    folder: Path, names: Sequence[str], examples: Sequence[Example], found: Sequence[Entities]
) -> None:
    """Write each document and its entities into `folder`, as `<name>.txt` and `<name>.ann`."""
    for name, example, document in zip(names, examples, found, strict=True):
        write_text(folder / f"{name}.txt", example.text)
        write_text(folder / f"{name}.ann", "".join(f"{line}\n" for line in brat_lines(document)))


Calibrate = Callable[[Prediction], Sequence[float]]


def _raw(prediction: Prediction) -> Sequence[float]:
    return [span.confidence.minimum for span in prediction.predicted]


def _calibrated(path: Path) -> Calibrate:
    if not path.is_file():
        raise UserError(
            "no such calibration",
            path=path,
            hint="`dvc repro confidence` makes it; --raw shows the confidence without one.",
        )
    from spanwise.calibration import Calibration, apply

    fitted = read_record(path, Calibration)
    return lambda prediction: apply(fitted, [prediction]).tolist()


def _find(examples: Sequence[Example], model: Path, calibrate: Calibrate) -> list[Entities]:
    from transformers.utils.logging import disable_progress_bar

    from spanwise.runtime.predictor import Predictor

    disable_progress_bar()  # type: ignore[no-untyped-call]
    predictor = Predictor.load(model, batch_tokens=BATCH_TOKENS)
    return [entities(prediction, calibrate(prediction)) for prediction in predictor(examples)]


def _lines(document: Entities, format: Format) -> list[str]:
    return [document.model_dump_json()] if format is Format.JSONL else list(brat_lines(document))


def _print_tables(found: Sequence[Entities]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for document in found:
        table = Table("start", "end", "type", "text", "confidence", title=document.id, title_justify="left")
        for entity in document.entities:
            text = Text(entity.text)  # not markup: documents may hold brackets
            table.add_row(str(entity.start), str(entity.end), entity.label, text, f"{entity.confidence:.2f}")
        console.print(table)
