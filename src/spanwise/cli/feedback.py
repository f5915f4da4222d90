"""`spanwise feedback`: ratings and corrections of predictions, reviewed and exported as training examples."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.feedback.records import Verdict
    from spanwise.schema import Prediction, Span

app = console.app("Collect ratings and corrections of predictions, and learn from those that were reviewed.")

Store = Annotated[
    Path, typer.Option(help="The file of all feedback. It holds texts: keep it as they are kept.")
]
STORE = Path("feedback/feedback.jsonl")


@app.command()
@console.command
def add(
    document: Annotated[str, typer.Argument(help="The id of the document whose prediction is judged.")],
    *,
    rating: Annotated[
        int | None, typer.Option(min=1, max=5, help="From 1, useless, to 5, as it should be.")
    ] = None,
    correction: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="What would have been right: the text, or a JSON list of spans with start, end and label.",
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="FOLDER|REV", help="What predicted: a model's folder, or its revision.")
    ] = "models/learner",
    predictions: Annotated[Path, typer.Option(help="The file with the prediction.")] = Path(
        "data/predictions/test.jsonl"
    ),
    store: Store = STORE,
) -> None:
    """Rate or correct one prediction."""
    from spanwise.feedback.judging import judge, model_digest
    from spanwise.feedback.store import append

    prediction = _find(document, predictions)
    found = judge(
        prediction,
        model=model_digest(Path(model)) if Path(model).is_dir() else model,
        rating=rating,
        correction=None if correction is None else _read_correction(correction, prediction),
        now=datetime.now(UTC),
    )
    append(store, found)
    typer.echo(f"{found.id}: on {found.document}, model {found.model}, prompt {found.prompt[:12]}")


def _find(document: str, predictions: Path) -> Prediction:
    from spanwise.io import read_jsonl
    from spanwise.schema import Prediction

    for prediction in read_jsonl(predictions, Prediction):
        if prediction.id == document:
            return prediction
    raise UserError(f"no prediction for the document {document!r}", path=predictions)


def _read_correction(place: str, prediction: Prediction) -> str | tuple[Span, ...]:
    from pydantic import TypeAdapter, ValidationError

    from spanwise.io import read_text
    from spanwise.schema import Span

    text = sys.stdin.read() if place == "-" else read_text(Path(place))
    if prediction.answer is not None:
        return text.strip()
    try:
        return TypeAdapter(tuple[Span, ...]).validate_json(text)
    except ValidationError:
        raise UserError("not a JSON list of spans with start, end and label", path=place) from None


@app.command()
@console.command
def review(
    feedback: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    accept: Annotated[bool, typer.Option("--accept/--reject", help="Whether a model may learn from it.")],
    reviewer: Annotated[str, typer.Option(help="Who has read it.")],
    store: Store = STORE,
) -> None:
    """Decide on one feedback; the last decision counts."""
    from spanwise.feedback.records import Review
    from spanwise.feedback.store import append, read_store

    if feedback not in {each.feedback.id for each in read_store(store)}:
        raise UserError(
            f"no feedback {feedback!r}", path=store, hint="`spanwise feedback list` shows the ids."
        )
    verdict: Verdict = "accepted" if accept else "rejected"
    append(store, Review(time=datetime.now(UTC), feedback=feedback, verdict=verdict, reviewer=reviewer))
    typer.echo(f"{feedback}: {verdict}")


@app.command("list")
@console.command
def list_(store: Store = STORE) -> None:
    """List feedback without the texts."""
    from rich.console import Console
    from rich.table import Table

    from spanwise.feedback.store import read_store

    table = Table("id", "time", "document", "model", "prompt", "rating", "corrected", "verdict")
    for feedback, verdict in read_store(store):
        table.add_row(
            feedback.id,
            f"{feedback.time:%Y-%m-%d %H:%M}",
            feedback.document,
            feedback.model,
            feedback.prompt[:12],
            str(feedback.rating or "-"),
            "no" if feedback.correction is None else "yes",
            verdict or "-",
        )
    Console().print(table)


@app.command()
@console.command
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The JSON lines file to write.")],
    *,
    reviewed: Annotated[
        bool,
        typer.Option(
            "--reviewed/--pending",
            help="What reviewers accepted, to learn from; or what waits for them, to be read.",
        ),
    ] = True,
    store: Store = STORE,
) -> None:
    """Write training examples: chat messages where answers were judged, spans where spans were."""
    from spanwise.feedback.examples import export as examples_of
    from spanwise.feedback.store import read_store
    from spanwise.io import write_jsonl

    found = examples_of(read_store(store), verdict="accepted" if reviewed else None)
    if not found.examples:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {n}" for reason, n in found.left_out.items())
        raise UserError(f"nothing to export: {reasons or 'it is empty'}", path=store)
    write_jsonl(output, found.examples)
    typer.echo(f"{output}: {len(found.examples)} examples")
    for reason, number in found.left_out.items():
        typer.echo(f"  left out: {number} ({reason.replace('_', ' ')})")
