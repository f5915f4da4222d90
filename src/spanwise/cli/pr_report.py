"""`spanwise pr-report`: what a change did to data, settings and scores, as the body of a comment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spanwise import console
from spanwise.config import Bootstrap, StageParams, load_params

SAMPLES = 10_000
"""Of the paired bootstrap, as `spanwise compare` draws."""


class ReportParams(StageParams):
    """What `pr-report` may read."""

    seed: int
    bootstrap: Bootstrap


@console.command
def pr_report(
    base: Annotated[
        str | None,
        typer.Argument(
            help="Where the change is to go: a branch, tag, commit or experiment. Where it branched off is "
            "what it is compared with.",
            show_default="origin/main, or else main",
        ),
    ] = None,
    head: Annotated[str, typer.Argument(help="The change, likewise.")] = "HEAD",
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the Markdown there.")] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="Draw the plots that differ as PNG into this folder.")
    ] = None,
    report_url: Annotated[
        str | None, typer.Option("--report-url", help="Where the page of the report is, for a link.")
    ] = None,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Tell what a change did, in Markdown for the pull request. It takes commits only, and needs no data."""
    from spanwise.io import write_text
    from spanwise.pull_request.body import render
    from spanwise.pull_request.judgement import Drawing
    from spanwise.pull_request.plots import draw_plots
    from spanwise.pull_request.review import review
    from spanwise.pull_request.revisions import is_dirty, resolve

    settings = load_params(params, ReportParams)
    drawing = Drawing(SAMPLES, settings.bootstrap.level, settings.seed)
    root = params.resolve().parent
    revisions = resolve(root, base, head)
    if head == "HEAD" and is_dirty(root):
        typer.echo("There are uncommitted changes, which are not part of the report.", err=True)
    drawn = draw_plots(root, revisions.base, revisions.head, plots) if plots else None
    found = review(root, revisions, drawing, drawn)
    text = render(found, report_url=report_url, beside=output.parent if output else None)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text)
        typer.echo(f"{len(text):,} characters: {output}")
