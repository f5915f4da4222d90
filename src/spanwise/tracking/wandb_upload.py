"""Uploading runs that wandb recorded without a network, or could not send to their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from spanwise.tracking import credential
from spanwise.tracking.liveness import is_held
from spanwise.tracking.network import answers
from spanwise.tracking.wandb_tracker import KEY, RECORDING, SYNCED, server, use_environment


def pending(folder: Path) -> dict[Path, str]:
    """The folder of each run that is not uploaded and not being recorded, with its id, oldest first."""
    records = (folder / "wandb").glob("*run-*/run-*.wandb")
    return {
        record.parent: record.stem.removeprefix("run-")
        for record in sorted(records, key=_started)
        if not record.with_suffix(SYNCED).exists() and not is_held(record.parent / RECORDING)
    }


def _started(record: Path) -> str:
    """`DATE_TIME-ID` of the folder `[offline-]run-DATE_TIME-ID`."""
    return record.parent.name.removeprefix("offline-")


def obstacle(folder: Path) -> str | None:
    """Why nothing can be uploaded now; None if it can be tried."""
    use_environment(folder)
    if credential(KEY) is None:
        return f"${KEY} is not set"
    return None if answers(server()) else f"{server()} does not answer"


def upload(run: Path, *, seconds: float) -> str | None:
    """Upload the run in a folder with `wandb sync`, which without a network would never end.

    Returns:
        Why it is not uploaded; None if it is.
    """
    [record] = run.glob("run-*.wandb")
    environment = {key: value for key, value in os.environ.items() if key != "WANDB_MODE"}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "wandb", "sync", "--include-online", str(record)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # wandb works in a child of its own, which must end too
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"not uploaded within {seconds:g} s"
    finally:
        _end(process)
    if record.with_suffix(SYNCED).exists():
        return None
    return (said.strip().splitlines() or ["no message"])[-1]


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
