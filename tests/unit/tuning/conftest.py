"""A split of made-up notes without a test side, and searches on it that take seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanwise.io import write_json
from spanwise.schema import Example, Labels
from spanwise.sides import write_sides
from spanwise.tuning.search import Search
from spanwise.tuning.space import Space
from spanwise.tuning.trial import Problem
from tests.tiny import TINY, quick_settings

SPACE: dict[str, Any] = {
    "trials": 4,
    "epochs": 2,
    "documents": 0.5,
    "parameters": {
        "train.learning_rate": {"low": 0.0001, "high": 0.03, "log": True},
        "train.batch_size": {"choices": [2, 4]},
    },
}


@pytest.fixture
def splits(tmp_path: Path, labels: Labels, examples: list[Example]) -> Path:
    """What `tier-split` would write, but for the test documents: who reads them fails."""
    folder = tmp_path / "data" / "splits"
    write_sides(folder, {"train": examples[:8], "validation": examples[8:]})
    write_json(folder / "labels.json", labels.model_dump())
    return folder


@pytest.fixture
def problem(splits: Path, tmp_path: Path) -> Problem:
    """What trials of the smallest model have in common."""
    model = {key: value for key, value in TINY.items() if key != "name"}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Problem(splits, "ner", model, quick_settings(epochs=2), 0.5, 13, 1, scratch)


@pytest.fixture
def searching(problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Search]:
    """Makes a search; its ledger lies below `tmp_path`."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))

    def made(strategy: str = "random", jobs: int = 1, **space: Any) -> Search:
        return Search(f"quick-{strategy}", strategy, Space.model_validate(SPACE | space), problem, jobs)  # type: ignore[arg-type]

    return made


def renamed(search: Search, study: str) -> Search:
    """The same search in a ledger of its own."""
    return replace(search, study=study)
