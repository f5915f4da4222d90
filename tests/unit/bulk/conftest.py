"""A stored model, and notes of many kinds to find entities in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spanwise.bulk.inputs import Inputs
from spanwise.bulk.reading import Reading
from spanwise.bulk.run import Run
from spanwise.bulk.work import Job
from spanwise.learners.tagger import Tagger
from spanwise.runtime.cache import model_digest
from spanwise.schema import Labels
from tests.tiny import TINY

READING = Reading("id", "text", max_characters=10_000)


@pytest.fixture(scope="session")
def model(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of random weights."""
    folder = tmp_path_factory.mktemp("models") / "learner"
    Tagger.pretrained(labels, **TINY, seed=2).save(folder)
    return folder


@pytest.fixture(scope="session")
def job(model: Path) -> Job:
    """What is to be done with it: raw confidence as lines of JSON."""
    return Job(model, model_digest(model), "torch", threads=1, calibration=None, format="jsonl")


@pytest.fixture
def run_of(job: Job) -> Callable[..., Run]:
    """A run on some inputs; other arguments are its own."""

    def make(*names: Path | str, **others: Any) -> Run:
        inputs = Inputs(tuple(map(str, names)), others.pop("input_format", "auto"), READING)
        return Run(inputs, others.pop("job", job), **others)

    return make
