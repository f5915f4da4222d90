"""A run to record, what wandb kept of one, and a server like wandb's."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spanwise.tracking.run import Run

RUN = Run("tiny_20260131-184502", "notes", "a group", {"seed": 13, "train": {"epochs": 3, "layers": {}}})


@dataclass
class WandbServer:
    """What is left of wandb's server when it has to take runs, but no artifacts.

    Attributes:
        url: Where it listens.
        runs: The variables of each request for a run.
        lines: What the runs streamed.
        files: The content of each file of the runs.
    """

    url: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """What the server says to a request."""
        if path.startswith("/upload/"):
            self.files[path.removeprefix("/upload/")] = body
        elif path != "/graphql":
            self.lines.append(body.decode())
        else:
            asked = json.loads(body)
            if "mutation UpsertBucket" in asked["query"]:
                return {"data": {"upsertBucket": self._run(asked["variables"])}}
            if "mutation CreateRunFiles" in asked["query"]:
                return {"data": {"createRunFiles": self._places(asked["variables"]["files"])}}
            return {"data": {"serverInfo": {"features": []}}}
        return {}

    def _run(self, variables: dict[str, Any]) -> dict[str, Any]:
        self.runs.append(variables)
        project = {"id": "p", "name": "notes", "entity": {"id": "e", "name": "me"}}
        names = {key: variables.get(key) for key in ("name", "displayName")}
        return {"bucket": {"id": "b", "project": project, "historyLineCount": 0, **names}, "inserted": True}

    def _places(self, names: list[str]) -> dict[str, Any]:
        files = [{"name": name, "uploadUrl": f"{self.url}/upload/{name}"} for name in names]
        return {"runID": "b", "uploadHeaders": [], "files": files}


def read_records(record: Path) -> list[dict[str, Any]]:
    """The entries of a file of wandb, read by its own program."""
    words = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(record)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_run(root: Path) -> None:
    """The files of a finished run, some of which quote a document: `MARKER`."""
    tracking: dict[str, Any] = {
        "tools": [],
        "project": "notes",
        "group": None,
        "mlflow_uri": None,
        "log_model": False,
    }
    strict = {"test": {"strict": {"micro": {"f1": 0.7}}}, "note": MARKER}
    files = {
        "dvc.lock": "schema: '2.0'\n",
        "params.yaml": json.dumps({"seed": 13, "tracking": tracking}),
        "metrics/train.json": json.dumps({"steps": 8, "epochs": 2, "best_score": 0.5, "best_epoch": 1}),
        "metrics/train_timing.json": json.dumps({"run": "tiny_20260131-184502", "seconds": 12.5}),
        "metrics/evaluate.json": json.dumps(strict),
        "metrics/errors.json": json.dumps({MARKER: 1}),
        "plots/train/loss.csv": (
            "epoch,value,series\n1,1.5,train\n1,1.25,validation\n2,0.5,train\n2,0.75,validation\n"
        ),
        "plots/train/score.csv": "epoch,value,series\n1,0.5,validation\n2,0.25,other validation\n",
        "reports/model_card.md": "# A model\n",
        "reports/report.html": MARKER,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


MARKER = "quinquagesima"
"""A word that stands in documents only."""
