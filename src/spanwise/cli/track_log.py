"""`spanwise track-log`: a finished run to wandb, MLflow or DVCLive."""

from __future__ import annotations

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.config import StageParams, Tracking, load_params
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.tracking.finished import Finished
    from spanwise.tracking.recorder import Recorder

WORKSPACE = "workspace"


class Tool(StrEnum):
    """What can record a run."""

    WANDB = "wandb"
    MLFLOW = "mlflow"
    DVCLIVE = "dvclive"


class TrackParams(StageParams):
    """What `track-log` may read."""

    tracking: Tracking


@console.command
def track_log(
    run: Annotated[
        str, typer.Argument(metavar="[REV|EXP]", help="A branch, tag, commit or DVC experiment.")
    ] = WORKSPACE,
    *,
    tool: Annotated[
        list[Tool] | None,
        typer.Option(help="Repeat it for several.", show_default="those of tracking.tools"),
    ] = None,
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Log the settings, curves and metrics of a finished run; what was logged before is not logged again."""
    settings = load_params(params, TrackParams).tracking
    tools = [str(each) for each in tool or settings.tools]
    if not tools:
        raise UserError("no tool to log to", hint="Name it: --tool mlflow; or set tracking.tools.")
    from spanwise.tracking.finished import read
    from spanwise.tracking.recorder import RECORDED, recording
    from spanwise.tracking.run import Run, tracking_folder
    from spanwise.tracking.tools import make_trackers

    root = params.resolve().parent
    trackers = make_trackers(tools, tracking_folder(root), mlflow_uri=settings.mlflow_uri)
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        folder = root if run == WORKSPACE else _fetched(root, run, Path(scratch))
        finished = read(folder)
        record = Run(finished.name, settings.project, settings.group, finished.parameters, finished.key)
        with recording(record, trackers) as recorder:
            known = recorder.pass_over_known()
            _tell(recorder, finished)
    for name in tools:
        outcome = "had it already" if name in known else recorder.outcomes[name]
        typer.echo(f"{name}: {record.name}: {outcome}")
    if failed := [name for name, outcome in recorder.outcomes.items() if outcome != RECORDED]:
        raise UserError(f"{record.name} is not in {', '.join(failed)}")


def _fetched(root: Path, name: str, folder: Path) -> Path:
    """A folder with the files of an experiment or revision."""
    from spanwise import experiments
    from spanwise.tracking.finished import FILES

    experiments.fetch_available(root, experiments.find(root, name), FILES, folder)
    return folder


def _tell(recorder: Recorder, finished: Finished) -> None:
    for step, figures in finished.points.items():
        recorder.log(step, figures)
    recorder.finish(finished.figures)
    recorder.store("report", finished.files)
