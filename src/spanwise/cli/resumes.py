"""`spanwise resumes`: made-up résumés with their truth, and how well a parser does on them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise import console
from spanwise.errors import UserError
from spanwise.reporting import formatting
from spanwise.reporting.formatting import counted, interval, percent
from spanwise.schema import SplitName

app = console.app("Make up résumés with their truth, and score a parser on them.")

Corpus = Annotated[Path, typer.Argument(help="A folder that `spanwise resumes generate` wrote.")]


@app.command()
@console.command
def generate(
    folder: Annotated[Path, typer.Argument(help="Where they go; what is there is replaced.")],
    *,
    count: Annotated[int, typer.Option(min=1, help="How many résumés, each as PDF, DOCX and TXT.")] = 400,
    seed: Annotated[int, typer.Option(help="Another one gives other people.")] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one for each core by default.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Make résumés: files, spans of fields and of personal data, and a page about their quality.

    The same count and seed give the same bytes.
    """
    from spanwise.bulk.progress import shown, wanted
    from spanwise.resume_quality.page import PAGE, write_page
    from spanwise.tasks.resume.generation.corpus import write_corpus

    if folder.is_dir() and any(folder.iterdir()) and not (folder / "figures.json").is_file():
        raise UserError("holds other files", path=folder, hint="Name an empty folder.")
    with shown(count, visible=wanted(quiet=quiet)) as bar:
        figures = write_corpus(
            folder, count=count, seed=seed, workers=workers or os.cpu_count() or 1, advance=bar.advance
        )
    write_page(folder)
    by_format = "; ".join(f"{name} {100 * found['share']:.2f} %" for name, found in figures["format"].items())
    typer.echo(f"{count} résumés; values found in the text: {by_format}")
    typer.echo(f"Their quality: {folder / PAGE}")
    typer.echo("Next:")
    typer.echo(f"  spanwise corpus add resumes --from {folder / 'fields'} --format jsonl")
    typer.echo(f"  spanwise corpus add resumes-pii --from {folder / 'personal'} --format jsonl")


@app.command()
@console.command
def quality(folder: Corpus) -> None:
    """Write the page about the quality of a corpus anew."""
    from spanwise.resume_quality.page import PAGE, write_page

    found = write_page(folder)
    typer.echo(f"{found.resumes} résumés: {folder / PAGE}")


@app.command()
@console.command
def score(
    corpus: Corpus,
    parsed: Annotated[Path, typer.Argument(help="What `spanwise parse CORPUS/files` wrote.")],
    *,
    side: Annotated[SplitName, typer.Option(help="The side of the split to score.")] = "test",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for all figures, as JSON.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Draws for the intervals.")] = 1000,
) -> None:
    """Score parsed résumés against their truth: field by field, by family, locale and format.

    A document that was not parsed counts as one without values.
    """
    from spanwise.io import write_json
    from spanwise.tasks.resume.scores import Drawing, read_pairs, score_pairs

    pairs, missing = read_pairs(corpus / "fields" / "examples.jsonl", parsed, side)
    figures = score_pairs(pairs, Drawing(samples, level=0.95, seed=0))
    if output is not None:
        write_json(output, figures)
    _tell(figures)
    if missing:
        typer.echo(f"{missing} of {len(pairs)} documents were not parsed", err=True)


def _tell(figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("documents of", "documents", "field F1", "95 %", "contact F1", "exact")
    table.columns[0].no_wrap = True
    table.add_row("all", *_row(figures))
    for name in ("layout", "family", "locale", "format", "held_out"):
        for value, block in figures.get(name, {}).items():
            table.add_row(f"{name} {value}", *_row(block))
    Console().print(table)
    same, made_up = figures["invariance"], figures["ungrounded"]
    typer.echo(f"the same JSON from all formats: {percent(same['share'])} of {counted(same['of'], 'résumé')}")
    typer.echo(f"values that the text does not hold: {percent(made_up['share'])} of {made_up['of']:,}")


def _row(block: dict[str, Any]) -> tuple[str, ...]:
    micro = block["micro"]
    return (
        str(block["documents"]),
        formatting.score(micro["f1"]),
        interval(micro["f1_low"], micro["f1_high"]),
        formatting.score(block["contact"]["f1"]),
        percent(block["exact"]["share"]),
    )
