"""A finished run, read from the files that its stages wrote: it can still be told to trackers."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spanwise.errors import UserError
from spanwise.io import read_json, read_text
from spanwise.tracking.run import numbers

LOCK, PARAMS, CARD = "dvc.lock", "params.yaml", "reports/model_card.md"
METRICS = (
    "prepare",
    "tier_split",
    "train",
    "train_timing",
    "evaluate",
    "robustness",
    "confidence",
    "benchmark",
)
CURVES = ("loss", "score")
TRAINED = ("metrics/train.json", "metrics/train_timing.json")
FILES = (
    LOCK,
    PARAMS,
    CARD,  # of what `report` writes the one file that never quotes a document
    *(f"metrics/{name}.json" for name in METRICS),
    *(f"plots/train/{name}.csv" for name in CURVES),
)
"""What is read of a run; it is finished when it has `TRAINED` and a `dvc.lock`."""
SUMMARY = ("best_score", "best_epoch", "steps", "epochs", "seconds")
"""The figures that a training tells too, under the same names."""


@dataclass(frozen=True)
class Finished:
    """A finished run.

    Attributes:
        name: `run_name` of its training.
        key: The digest of its `dvc.lock`, which holds those of its settings, code, data and results.
        parameters: Its settings.
        points: The figures of each epoch, by the updates of the weights until then.
        figures: The numbers in its metrics.
        files: What can be stored with it.
    """

    name: str
    key: str
    parameters: dict[str, Any]
    points: dict[int, dict[str, float]]
    figures: dict[str, float]
    files: list[Path]


def read(folder: Path) -> Finished:
    """The run whose files lie in a folder; what it has not reached yet is left out.

    Raises:
        UserError: If nothing was trained.
    """
    for file in (LOCK, PARAMS, *TRAINED):
        if not (folder / file).is_file():
            raise UserError(f"no finished run: {file} is missing", hint="`dvc repro` makes one.")
    metrics = {name: _json(folder / "metrics" / f"{name}.json") for name in METRICS}
    trained = {**metrics["train"], "seconds": metrics["train_timing"].get("seconds")}
    return Finished(
        name=str(metrics["train_timing"].get("run")),
        key=hashlib.sha256(read_text(folder / LOCK).encode()).hexdigest(),
        parameters=yaml.safe_load(read_text(folder / PARAMS)),
        points=_points(folder / "plots" / "train", trained["steps"] / trained["epochs"]),
        figures={**numbers(metrics), **numbers({name: trained.get(name) for name in SUMMARY})},
        files=[folder / CARD] if (folder / CARD).is_file() else [],
    )


def _json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = read_json(path) if path.is_file() else {}
    return value


def _points(folder: Path, steps_per_epoch: float) -> dict[int, dict[str, float]]:
    """The curves, under the names that a training tells them by."""
    points: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for curve in CURVES:
        path = folder / f"{curve}.csv"
        if not path.is_file():
            continue
        for row in csv.DictReader(io.StringIO(read_text(path))):
            epoch = int(row["epoch"])
            point = points[round(epoch * steps_per_epoch)]
            point |= {"epoch": epoch, _name(curve, row["series"]): float(row["value"])}
    return dict(sorted(points.items()))


def _name(curve: str, series: str) -> str:
    """`train_loss`, `validation_loss`, `validation_score`, or `validation_score_CORPUS`."""
    corpus, _, side = series.rpartition(" ")
    return "_".join(part for part in (side, curve, corpus) if part)
