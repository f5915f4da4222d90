"""`spanwise anonymise-score`: what masking misses and what it masks in vain, on a gold standard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.tasks.pii.recognisers import Recogniser

SECRET = b"scores depend on no key, but some"  # stand-ins of a score are thrown away


@command
def anonymise_score(
    examples: Annotated[Path, typer.Argument(help="JSON lines: documents with spans of personal data.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A JSON file.")],
    fields: Annotated[
        Path | None, typer.Option(help="The same documents with the fields of a résumé.")
    ] = None,
    split: Annotated[
        Literal["train", "validation", "test"] | None,
        typer.Option(help="Only documents of this side.", show_default="all"),
    ] = None,
    find: Annotated[
        Literal["rules", "presidio", "both"], typer.Option(help="What finds personal data.")
    ] = "rules",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many documents.")] = None,
    attacks: Annotated[bool, typer.Option(help="Count under attacks, too.")] = True,
) -> None:
    """Score masking at the three levels. An entity counts as masked only if all its mentions are."""
    from spanwise.io import read_jsonl, write_json
    from spanwise.schema import Example
    from spanwise.tasks.pii.assessment import assess

    chosen = [each for each in read_jsonl(examples, Example) if split in (None, each.split)][:limit]
    if not chosen:
        raise UserError("no document to score", path=examples)
    ids = {each.id for each in chosen}
    named = [each for each in read_jsonl(fields, Example) if each.id in ids] if fields is not None else []
    figures = assess(chosen, _recognisers(find), SECRET, fields=named, attacks=attacks)
    write_json(output, figures)
    for level, found in figures["levels"].items():
        typer.echo(f"{level:9} {_told(found)}")
    for name, figure in figures.get("attacks", {}).items():
        typer.echo(f"{name:18} direct {_share(figure)}")


def _recognisers(find: str) -> list[Recogniser]:
    from spanwise.tasks.pii.recognisers import RULES

    recognisers = [] if find == "presidio" else list(RULES)
    if find != "rules":
        from spanwise.tasks.pii.recognisers.presidio import presidio_recogniser

        recognisers.append(presidio_recogniser())
    return recognisers


def _told(figures: dict[str, Any]) -> str:
    parts = [
        f"{name} {_share(figures[name])}" for name in ("direct", "quasi", "clean_documents", "over_masked")
    ]
    return ", ".join([*parts, *(f"{name} kept {_share(found)}" for name, found in figures["kept"].items())])


def _share(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "-"
    bounds = "" if figure["low"] is None else f" [{figure['low']:.4f}, {figure['high']:.4f}]"
    return f"{figure['value']:.4f}{bounds}"
