"""`spanwise sync`: runs that were recorded without a network, to where they belong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from spanwise import console
from spanwise.config import StageParams, Tracking, load_params
from spanwise.errors import UserError


class Tool(StrEnum):
    """What can record without a network and send later."""

    WANDB = "wandb"
    MLFLOW = "mlflow"


class SyncParams(StageParams):
    """What `sync` may read."""

    tracking: Tracking


@dataclass(frozen=True)
class Pending:
    """A run that waits to be sent.

    Attributes:
        tool: That recorded it.
        name: Of the run.
        obstacle: Why nothing of this tool can be sent now; None if it can be tried.
        send: Takes seconds, and gives back why it was not sent; None if it was.
    """

    tool: Tool
    name: str
    obstacle: str | None
    send: Callable[[float], str | None]


@console.command
def sync(
    *,
    tool: Annotated[
        list[Tool] | None, typer.Option(help="Repeat it for several.", show_default="both")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, metavar="S", help="Seconds that one run may take.")] = 300,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what is pending, and send nothing.")
    ] = False,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Send the runs that trackers recorded offline. Repeat it as often as you like: nothing is sent twice."""
    settings = load_params(params, SyncParams).tracking
    from spanwise.tracking.run import tracking_folder

    folder = tracking_folder(params.resolve().parent)
    pending: list[Pending] = []
    if Tool.WANDB in (tool or Tool):
        pending += _of_wandb(folder)
    if Tool.MLFLOW in (tool or Tool):
        pending += _of_mlflow(folder, settings.mlflow_uri or os.environ.get("MLFLOW_TRACKING_URI"))
    if not pending:
        typer.echo("Nothing is pending.")
    if dry_run:
        for run in pending:
            typer.echo(f"pending: {run.tool}: {run.name}" + (f": {run.obstacle}" if run.obstacle else ""))
        return
    left = [run for run in _sent(pending, timeout) if run]
    if left:
        raise UserError(
            f"{len(left)} of {len(pending)} runs are not sent:\n" + "\n".join(left),
            hint="They stay where they are: repeat it when there is a network.",
        )


def _of_wandb(folder: Path) -> list[Pending]:
    from spanwise.tracking import wandb_upload
    from spanwise.tracking.tools import check_installed

    waiting = wandb_upload.pending(folder)
    if not waiting:
        return []
    check_installed(["wandb"])
    obstacle = wandb_upload.obstacle(folder)
    return [
        Pending(Tool.WANDB, name, obstacle, partial(_upload_to_wandb, record))
        for record, name in waiting.items()
    ]


def _upload_to_wandb(record: Path, seconds: float) -> str | None:
    from spanwise.tracking.wandb_upload import upload

    return upload(record, seconds=seconds)


def _of_mlflow(folder: Path, uri: str | None) -> list[Pending]:
    from spanwise.tracking import mlflow_upload
    from spanwise.tracking.tools import check_installed

    if not mlflow_upload.has_records(folder):
        return []
    if uri is None:
        typer.echo(
            f"mlflow: runs stay in {folder}: neither tracking.mlflow_uri nor $MLFLOW_TRACKING_URI is set."
        )
        return []
    check_installed(["mlflow"])
    obstacle = mlflow_upload.obstacle(uri)
    return [
        Pending(Tool.MLFLOW, name, obstacle, partial(_copy_to_mlflow, run_id, folder, uri))
        for run_id, name in mlflow_upload.pending(folder, uri).items()
    ]


def _copy_to_mlflow(run_id: str, folder: Path, uri: str, seconds: float) -> str | None:
    from spanwise.tracking.mlflow_upload import upload

    return upload(run_id, folder, uri, seconds=seconds)


def _sent(pending: list[Pending], timeout: float) -> Iterator[str | None]:
    """Send one run after the other; for each that is left, its name and why."""
    for number, run in enumerate(pending, start=1):
        started = time.perf_counter()
        why = run.obstacle or run.send(timeout)
        said = f"not sent: {why}" if why else f"sent in {time.perf_counter() - started:.1f} s"
        typer.echo(f"{number}/{len(pending)} {run.tool}: {run.name}: {said}")
        yield f"  {run.tool}: {run.name}: {why}" if why else None
