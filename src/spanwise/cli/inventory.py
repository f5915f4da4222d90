"""`spanwise inventory`: what is in a folder of documents, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise.console import command
from spanwise.reporting.formatting import counted


@command
def inventory(
    folder: Annotated[Path, typer.Argument(help="PDF, DOCX and TXT files, in subfolders too.")],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for inventory.html and inventory.json.")
    ] = Path("reports"),
    workers: Annotated[int, typer.Option(min=1, help="Processes that read at once.")] = 1,
    cross_check: Annotated[
        bool,
        typer.Option(help="Compare what two programs read in PDFs, which takes several times as long."),
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Tell format, pages, layout, language, readability, complexity and duplicates of documents.

    The page and the JSON hold names of files, which may be personal data; this command prints none.
    """
    from spanwise.bulk.progress import shown, wanted
    from spanwise.inventory.page import write_inventory
    from spanwise.inventory.survey import find_files, survey

    files, left_out = find_files(folder)
    with shown(len(files), visible=wanted(quiet=quiet)) as bar:
        entries = survey(folder, files, workers=workers, cross_check=cross_check, advance=bar.advance)
    summary = write_inventory(output, entries, left_out)
    unread = summary.documents - summary.read
    typer.echo(
        f"{counted(summary.documents, 'document')}: {summary.read} read, {unread} not; "
        f"{counted(summary.copies, 'exact copy')}, {counted(summary.near - summary.copies, 'near copy')}; "
        f"{left_out} hidden or linked: {output}/inventory.html"
    )
