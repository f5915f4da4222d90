"""The service that a page of documentation leads to: FastAPI around a pipeline of Transformers.

    python -m benchmarks.service.naive --model models/learner --port 8099 --threads 1 --style locked

It reads every token of a note (windows that share none, its quickest way to), and may be given whatever makes
it faster without being another program: processes, threads, windows in a batch, half precision, and how many
calls of it run at once.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Semaphore
from typing import Annotated, Any

import torch
import typer
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from spanwise.artifact import WINDOWS, Windows
from spanwise.io import read_record
from spanwise.runtime.benchmark.pipeline import Peer, Setting
from spanwise.schema import Example

SETTING = "NAIVE_SETTING"
"""The environment variable that tells worker processes what they are."""


class Note(BaseModel):
    """A request."""

    text: str


def create_app() -> FastAPI:
    """The app, as `SETTING` says: see `main`."""
    setting = json.loads(os.environ[SETTING])
    torch.set_num_threads(setting["threads"])
    model = Path(setting["model"])
    window = read_record(model / WINDOWS, Windows).max_length
    run = Peer(model).prepare(Setting(window, 0, setting["batch"], setting["precision"]))
    turns, app = Semaphore(setting["calls"]), FastAPI()

    @app.post("/v1/extract")
    def extract(note: Note) -> dict[str, Any]:
        with turns:
            found: Any = run([Example(id="note", text=note.text, target=(), group="note")])
        return {"entities": [{**each, "score": float(each["score"])} for each in found[0]]}

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ready"}

    extract(Note(text="A warm-up note."))
    return app


def main(
    *,
    model: Annotated[Path, typer.Option(help="The folder of a trained tagger.")],
    port: Annotated[int, typer.Option(help="Of loopback.")],
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    threads: Annotated[int, typer.Option(help="Of torch, in each.")] = 1,
    calls: Annotated[int, typer.Option(help="Of the pipeline that run at once, in each.")] = 40,
    batch: Annotated[int, typer.Option(help="Windows in a batch.")] = 1,
    precision: Annotated[str, typer.Option(help="Of the weights: float32 or bfloat16.")] = "float32",
) -> None:
    """Serve a model."""
    setting = {
        "model": str(model), "threads": threads, "calls": calls, "batch": batch, "precision": precision,
    }  # fmt: skip
    os.environ[SETTING] = json.dumps(setting)
    uvicorn.run(
        "benchmarks.service.naive:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    typer.run(main)
