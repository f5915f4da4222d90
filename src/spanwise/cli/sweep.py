"""`spanwise sweep`: wait for the queue of DVC experiments, and say what failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console

if TYPE_CHECKING:
    from spanwise.sweep import Task


@console.command
def sweep(
    *,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Start so many workers first, as `dvc queue start` does."),
    ] = None,
    lines: Annotated[int, typer.Option(min=0, help="The last lines of the log of each that failed.")] = 15,
) -> None:
    """Wait until the queue of experiments is done: 0 if all of them succeeded, 1 if any failed.

    Experiments are queued with `dvc exp run -S ... --queue`. One that failed in an earlier sweep counts until
    `dvc queue remove --failed` forgets it.
    """
    from spanwise.sweep import counts, start, wait

    root = Path.cwd()
    if jobs is not None:
        start(root, jobs)
    queue = wait(root, lambda queue: typer.echo(counts(queue)))
    broken = [task for task in queue.tasks if task.state in ("failed", "lost")]
    for task in broken:
        _tell(task, lines)
    if broken:
        raise typer.Exit(1)


def _tell(task: Task, lines: int) -> None:
    """What one experiment that did not succeed left behind, and what to do about it."""
    from spanwise.sweep import tail

    reason = "was lost: its worker was killed" if task.state == "lost" else "failed"
    log = f" ({task.log})" if task.log is not None else ", before it printed anything"
    typer.echo(f"\n{task.name} {reason}{log}", err=True)
    for line in tail(task.log, lines) if task.log is not None else ():
        typer.echo(f"  | {line}", err=True)
    forget = f"dvc queue remove {task.name}"
    if task.state == "lost":
        forget = f"dvc queue kill {task.name} && {forget}"
    typer.echo(f"  Queue it again, and forget this one: `{forget}`.", err=True)
