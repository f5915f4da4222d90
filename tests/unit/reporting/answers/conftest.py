"""A made-up run of the pipeline on questions and answers: what every stage leaves for the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.reporting.answers.page import write_report
from spanwise.reporting.answers.sources import Sources, read_sources
from spanwise.schema import Prediction
from stages import confidence
from tests.answered import predictions, write_evaluation, write_rest
from tests.unit.reporting.conftest import Page

PARAMS: dict[str, Any] = {
    "seed": 13,
    "runtime": {"backend": "torch", "served": [], "max_f1_loss": 0.003, "batch_tokens": 512},
    "bootstrap": {"samples": 50, "level": 0.95},
    "confidence": {
        "feature": "mean",
        "method": "auto",
        "bins": 5,
        "thresholds": [0.5, 0.9],
        "target_precision": 0.95,
        "error_rate": 0.1,
        "high_value": {"types": [], "target_precision": 0.85},
    },
}


@dataclass(frozen=True)
class Run:
    """The files of a run, and the report on them."""

    folder: Path

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "metrics": self.folder / "metrics",
            "predictions": self.folder / "data/predictions",
            "labels": self.folder / "data/splits/labels.json",
            "calibration": self.folder / "models/calibration.json",
        }

    def read(self) -> Sources:
        return read_sources(**self.arguments)

    def change(self, name: str, change: Callable[[Any], object]) -> Run:
        """Change a metrics file in place."""
        path = self.folder / "metrics" / f"{name}.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))
        return self

    def report(self, folder: Path, **names: Any) -> Path:
        named: dict[str, Any] = {
            "title": "Answers & more",
            "task": "protocols",
            "corpus": "made-up-corpus",
            "unlabelled": [],
            "level": 0.95,
            "examples": 30,
            "seed": 13,
        } | names
        write_report(folder, plots=self.folder / "plots", **self.arguments, **named)
        return folder


def make(folder: Path, found: list[Prediction]) -> Run:
    """Write what all stages leave on these predictions."""
    write_rest(folder)
    write_evaluation(folder, found)
    params = folder / "params.yaml"
    params.write_text(yaml.safe_dump(PARAMS))
    confidence.main(
        folder / "data/predictions",
        folder / "models/calibration.json",
        folder / "metrics/confidence.json",
        folder / "plots/confidence",
        params=params,
    )
    return Run(folder)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Three right answers of twelve, and tuning that lowered the loss."""
    return make(tmp_path / "run", predictions())


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on such a run."""
    folder = tmp_path_factory.mktemp("answers")
    return make(folder / "run", predictions()).report(folder / "out")


@pytest.fixture(scope="session")
def page(written: Path) -> Page:
    """Its page."""
    return Page((written / "report.html").read_text())


@pytest.fixture
def made(tmp_path: Path) -> Callable[[list[Prediction]], Run]:
    """A run on any predictions."""
    return lambda found: make(tmp_path / "made", found)
