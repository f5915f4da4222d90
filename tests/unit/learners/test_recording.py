"""Trackers around real trainings: they get the whole curve, no text, and change nothing."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spanwise.learners import course
from spanwise.learners.course import Material
from spanwise.learners.recording import Curves
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Example, Labels
from spanwise.tracking.mlflow_tracker import connect, local_uri
from spanwise.tracking.recorder import Recorder, recording
from spanwise.tracking.run import Run, Tracker
from spanwise.tracking.tools import make_trackers
from tests.extras import needs
from tests.tiny import TINY, quick_recipe
from tests.trackers import MARKER, RUN, read_records

CURVES = {"epoch", "train_loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score"}


class Disturbing:
    """A tracker that draws, seeds, and then throws, at every call."""

    def _disturb(self, *_: Any, **__: Any) -> None:
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        torch.rand(3)
        raise RuntimeError("no")

    def has(self, run: Run) -> bool:
        return False

    start = log = summarise = store = close = _disturb


class Points:
    """A tracker that keeps the curve."""

    def __init__(self) -> None:
        self.points: list[tuple[int, dict[str, float]]] = []

    def has(self, run: Run) -> bool:
        return False

    def start(self, run: Run) -> None:
        """Nothing."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self.points.append((step, dict(figures)))

    def summarise(self, figures: Mapping[str, float]) -> None:
        """Nothing."""

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Nothing."""

    def close(self, *, completed: bool) -> None:
        """Nothing."""


@pytest.fixture
def material(examples: list[Example]) -> Material:
    marked = [example.model_copy(update={"text": f"{example.text} {MARKER}"}) for example in examples]
    return Material(train=marked[:8], validation=marked[8:])


def trained(
    material: Material,
    labels: Labels,
    folder: Path,
    trackers: Mapping[str, Tracker],
    **changes: Any,
) -> tuple[str, Recorder]:
    """The digest of the weights, and what came of the trackers."""
    start = course.Start(labels, TINY, quick_recipe(**changes), nested=False)
    (folder / "checkpoints").mkdir(parents=True)
    with recording(RUN, trackers) as recorder:
        outcome = course.run(
            start,
            material,
            score=micro_f1,
            seed=13,
            checkpoints=folder / "checkpoints",
            callbacks=[Curves(recorder.log)],
        )
        outcome.tagger.save(folder / "model")
        recorder.finish(outcome.fitted.figures(), folder / "model")
    weights = (folder / "model" / "model.safetensors").read_bytes()
    return hashlib.sha256(weights).hexdigest(), recorder


def test_a_tracker_that_throws_at_every_call_leaves_the_training_unchanged(
    material: Material, labels: Labels, tmp_path: Path
) -> None:
    alone, _ = trained(material, labels, tmp_path / "alone", {}, dropout={"hidden": 0.2})
    disturbed, recorder = trained(
        material, labels, tmp_path / "disturbed", {"bad": Disturbing()}, dropout={"hidden": 0.2}
    )
    assert recorder.outcomes == {"bad": "failed: RuntimeError: no"}
    assert disturbed == alone


@needs("wandb", "mlflow", "dvclive")
@pytest.mark.usefixtures("settings_of_its_own", "wandb_anew")
def test_the_real_tools_change_nothing_and_are_told_no_text(
    material: Material, labels: Labels, folder: Path, tmp_path: Path
) -> None:
    alone, _ = trained(material, labels, tmp_path / "alone", {}, dropout={"hidden": 0.2})
    trackers = make_trackers(["wandb", "mlflow", "dvclive"], folder)
    tracked, recorder = trained(material, labels, tmp_path / "tracked", trackers, dropout={"hidden": 0.2})
    assert recorder.outcomes == dict.fromkeys(trackers, "recorded")
    assert tracked == alone

    client = connect(local_uri(folder), folder)
    home = client.get_experiment_by_name("notes")
    assert home is not None
    [run] = client.search_runs([home.experiment_id])
    assert set(run.data.metrics) >= CURVES | {"best_score", "best_epoch", "steps"}
    [record] = (folder / "wandb").glob("offline-run-*/*.wandb")
    told = {
        name
        for entry in read_records(record)
        if entry["type"] == "history"
        for name in entry["history"]["item"]
    }
    assert {name for name in told if not name.startswith("_")} == CURVES
    stored = {path.name for path in (folder / "mlflow" / "artifacts").rglob("*") if path.is_file()}
    assert "model.safetensors" in stored
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "tokenizer.json":
            assert MARKER.encode() not in file.read_bytes(), file


def test_a_resumed_training_tells_its_curve_from_the_start(
    material: Material, labels: Labels, tmp_path: Path
) -> None:
    whole = Points()
    trained(material, labels, tmp_path / "whole", {"points": whole})

    class Kill(Curves):
        """Ends the process in the second epoch, as far as a test can."""

        def _tell(self, step: int, logs: Mapping[str, Any]) -> None:
            if logs["epoch"] > 1:
                raise KeyboardInterrupt

    start = course.Start(labels, TINY, quick_recipe(), nested=False)
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    arguments: dict[str, Any] = {"score": micro_f1, "seed": 13, "checkpoints": checkpoints}
    with pytest.raises(KeyboardInterrupt):
        course.run(start, material, **arguments, callbacks=[Kill(lambda *_: None)])
    resumed = Points()
    course.run(start, material, **arguments, callbacks=[Curves(resumed.log)])
    assert {step for step, _ in resumed.points} == {step for step, _ in whole.points}
    assert [point for _, point in resumed.points if "validation_score" in point] == [
        pytest.approx(point) for _, point in whole.points if "validation_score" in point
    ]
