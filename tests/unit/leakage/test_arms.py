from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import write_json
from spanwise.leakage.arms import Arm, run_arm
from spanwise.leakage.rows import Sides, double
from spanwise.metrics.evaluation import evaluate
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Example, Labels, Prediction
from tests.tiny import TINY, quick_recipe

Run = Callable[..., Arm]


class Killed(Exception):
    """Stands for a kill in the midst of a training."""


class Scorer:
    """The score, counted; it is killed before it gives the one of number `last`."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.given = 0

    def __call__(self, predictions: Sequence[Prediction]) -> float:
        if self.given == self.last:
            raise Killed
        self.given += 1
        return micro_f1(predictions)


@pytest.fixture
def sides(examples: list[Example]) -> Sides:
    """Two of three test rows have their twin in training."""
    first, second = double(examples, thin=False, seed=13)[::2], double(examples, thin=False, seed=13)[1::2]
    return {"train": first[:6], "validation": first[6:8], "test": [*second[:4], *second[8:10]]}


@pytest.fixture
def run(sides: Sides, labels: Labels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """An arm of two epochs."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return partial(
        run_arm,
        tmp_path / "arm.json",
        sides,
        labels=labels,
        model=TINY,
        recipe=quick_recipe(epochs=2),
        measure=partial(evaluate, samples=20, level=0.95, seed=13),
        seed=13,
        digest="abc",
    )


def test_an_arm_tells_its_curve_and_its_scores_with_and_without_twin(run: Run) -> None:
    arm = run(score=micro_f1)
    assert arm.rows == {"train": 6, "validation": 2, "test": 6}
    assert arm.twin_share == {"validation": 0, "test": pytest.approx(4 / 6)}
    assert [point.epoch for point in arm.curve] == [1, 2]
    assert arm.fit["best_score"] == max(point.validation_score for point in arm.curve)
    assert arm.test_with_twin
    assert arm.test_without_twin
    assert (arm.test.rows, arm.test_with_twin.rows, arm.test_without_twin.rows) == (6, 4, 2)
    assert (arm.test.support, arm.test_with_twin.support, arm.test_without_twin.support) == (12, 8, 4)
    assert arm.test.documents == 6
    assert arm.test.f1_low is not None
    assert arm.test_without_twin.f1_low is None  # of two documents there is no interval


def test_without_twins_there_is_no_score_of_them(run: Run, sides: Sides) -> None:
    del sides["test"][:4]
    arm = run(score=micro_f1)
    assert arm.twin_share["test"] == 0
    assert arm.test_with_twin is None
    assert arm.test_without_twin == arm.test


def test_a_finished_arm_is_read_and_not_trained_again(run: Run) -> None:
    arm = run(score=micro_f1)
    scorer = Scorer()
    assert run(score=scorer) == arm
    assert scorer.given == 0


def test_a_killed_training_goes_on_and_ends_as_an_unbroken_one(run: Run, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run(score=Scorer(last=1))
    assert not (tmp_path / "arm.json").exists()
    rest = Scorer()
    resumed = run(score=rest)
    assert rest.given == 1
    assert [point.epoch for point in resumed.curve] == [1, 2]

    (tmp_path / "arm.json").unlink()
    assert run(score=micro_f1) == resumed


def test_a_file_that_holds_no_arm_is_an_error(run: Run, tmp_path: Path) -> None:
    write_json(tmp_path / "arm.json", {"rows": {}})
    with pytest.raises(UserError, match="not a valid Arm"):
        run(score=micro_f1)
