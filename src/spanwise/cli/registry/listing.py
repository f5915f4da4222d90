"""Commands that tell what the tags say: show, history, page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise import console
from spanwise.cli.registry.options import Json, Name, root_of
from spanwise.deployment import Stage

if TYPE_CHECKING:
    from spanwise.registry.ledger import Event, Ledger


@console.command
def show(
    name: Annotated[str | None, typer.Argument(help="Of a model.", show_default="all")] = None,
    *,
    as_json: Json = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Show the versions of models, and which of them stands where."""
    from spanwise.registry.ledger import read_ledger

    ledger = read_ledger(root_of(params))
    rows = [row for each in ([name] if name else ledger.names) for row in _rows(ledger, each)]
    if as_json:
        typer.echo(json.dumps({"versions": rows, "foreign": list(ledger.foreign)}, indent=2))
        return
    if not rows:
        typer.echo("Nothing is registered.")
    else:
        told = [{**row, "stages": ", ".join(row["stages"]), "commit": row["commit"][:7]} for row in rows]
        _table(told, ("name", "version", "stages", "deprecated", "registered", "commit"))
    if ledger.foreign:
        typer.echo(f"Not of this registry: {', '.join(ledger.foreign)}", err=True)


@console.command
def history(
    name: Name,
    *,
    stage: Annotated[Stage | None, typer.Option("--stage", help="What happened to one stage alone.")] = None,
    as_json: Json = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Tell what happened to a model, from the last on."""
    from spanwise.registry.ledger import read_ledger

    events = [event for event in read_ledger(root_of(params)).of(name) if stage in {None, event.stage}]
    rows = [_told(event) for event in reversed(events)]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        short = [{**row, "message": row["message"].partition("\n")[0]} for row in rows]
        _table(short, ("at", "act", "version", "stage", "author", "message"))


@console.command
def page(
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")] = Path(
        "reports/registry.html"
    ),
    *,
    title: Annotated[str, typer.Option(help="The heading.")] = "Models and where they stand",
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Write a page of versions, stages, figures over time, and what happened when."""
    from spanwise.registry.describing import describing
    from spanwise.registry.ledger import read_ledger
    from spanwise.registry.page import write_page
    from spanwise.reporting.formatting import counted

    root = root_of(params)
    ledger = read_ledger(root)
    write_page(output, ledger, describing(root), title=title)
    typer.echo(f"{counted(len(ledger.names), 'model')}: {output}")


def _rows(ledger: Ledger, name: str) -> Iterator[dict[str, Any]]:
    stages, deprecated = ledger.stages(name), ledger.deprecated(name)
    for version, event in reversed(ledger.versions(name).items()):
        yield {
            "name": name,
            "version": version,
            "stages": [stage for stage, other in stages.items() if other == version],
            "deprecated": version in deprecated,
            "registered": event.at.isoformat(),
            "commit": event.commit,
        }


def _told(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "act": event.act,
        "version": event.version,
        "stage": event.stage,
        "author": event.author,
        "message": event.message,
        "commit": event.commit,
        "tag": event.tag,
    }


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Columns as wide as what is in them."""
    shown = [[_cell(row[column]) for column in columns] for row in [{c: c for c in columns}, *rows]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for line in shown:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
