"""The tools that can record a run, by name."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import yaml

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.tracking.dvclive_tracker import DvcliveTracker
from spanwise.tracking.mlflow_tracker import MlflowTracker
from spanwise.tracking.recorder import Recorder, recording
from spanwise.tracking.run import Run, Tracker, tracking_folder
from spanwise.tracking.wandb_tracker import WandbTracker


def track(
    name: str,
    params: Path,
    *,
    tools: Sequence[str],
    project: str,
    group: str | None,
    mlflow_uri: str | None,
    log_model: bool,
) -> AbstractContextManager[Recorder]:
    """A recorder of a training, with all settings; it is closed with the block.

    Args:
        name: `run_name` of the training.
        params: The file with the settings.
        tools: What records it.
        project: wandb's project, MLflow's experiment.
        group: What it is grouped by.
        mlflow_uri: Of the MLflow server.
        log_model: Whether the model is stored too.

    Raises:
        UserError: If a tool is not installed.
    """
    # All of them, also those that the stage does not read: nothing is computed from what is recorded.
    run = Run(name, project, group, yaml.safe_load(read_text(params)))
    trackers = make_trackers(tools, tracking_folder(), mlflow_uri=mlflow_uri)
    return recording(run, trackers, log_model=log_model)


def make_trackers(tools: Sequence[str], folder: Path, *, mlflow_uri: str | None = None) -> dict[str, Tracker]:
    """A tracker for each of the tools, in order; of several processes of a training only the first has any.

    Args:
        tools: Their names: wandb, mlflow, dvclive.
        folder: Where they keep their files.
        mlflow_uri: Of the MLflow server; None is `$MLFLOW_TRACKING_URI`, or else a file in `folder`.

    Raises:
        UserError: If a tool is not installed.
    """
    check_installed(tools)
    known: dict[str, Tracker] = {
        "wandb": WandbTracker(folder),
        "mlflow": MlflowTracker(folder, mlflow_uri),
        "dvclive": DvcliveTracker(folder),
    }
    first = os.environ.get("RANK", "0") == "0"  # torchrun numbers its processes so
    return {tool: known[tool] for tool in dict.fromkeys(tools)} if first else {}


def check_installed(tools: Sequence[str]) -> None:
    """Refuse tools that are not installed.

    Raises:
        UserError: For the first of them.
    """
    for tool in tools:
        if importlib.util.find_spec(tool) is None:
            raise UserError(
                f"tracking.tools names {tool}, which is not installed",
                hint="pip install 'spanwise[tracking]', or leave it out: `-S 'tracking.tools=[]'`.",
            )
