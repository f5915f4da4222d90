"""A trial: what it learns from, and what it tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.schema import Example
from spanwise.tuning.trial import LOG, Problem, draw, lay, train


def notes(groups: list[int]) -> list[Example]:
    return [
        Example(id=f"n{number}", text="x", target=(), group=f"g{group}")
        for number, group in enumerate(groups)
    ]


@given(
    groups=st.lists(st.integers(0, 5), min_size=1, max_size=20),
    share=st.floats(0.01, 1),
    seed=st.integers(0, 99),
)
def test_whole_groups_are_drawn_until_the_share_is_reached(
    groups: list[int], share: float, seed: int
) -> None:
    examples = notes(groups)
    drawn = draw(examples, share, seed)
    taken = {each.group for each in drawn}
    assert drawn == [each for each in examples if each.group in taken]
    assert len(drawn) >= share * len(examples)
    sizes = [groups.count(int(group[1:])) for group in taken]
    assert len(drawn) - max(sizes) < share * len(examples), "no group more than it takes"


def test_another_seed_draws_other_documents() -> None:
    examples = notes(list(range(20)))
    assert draw(examples, 0.3, 1) == draw(examples, 0.3, 1) != draw(examples, 0.3, 2)


def test_values_are_laid_into_a_copy() -> None:
    settings = {"train": {"loss": {"a": 1}, "b": 2}}
    assert lay({"train.loss.a": 5}, settings) == {"train": {"loss": {"a": 5}, "b": 2}}
    assert settings == {"train": {"loss": {"a": 1}, "b": 2}}


def test_each_epoch_is_told_and_no_checkpoint_stays(
    problem: Problem, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[int, float, float]] = []
    train(problem, {"train.learning_rate": 0.02}, seed=1, report=lambda *epoch: told.append(epoch))
    assert [epoch for epoch, _, _ in told] == [1, 2]
    assert all(0 <= score <= 1 and loss > 0 for _, score, loss in told)
    assert [path.name for path in problem.scratch.iterdir()] == [LOG]
    assert capfd.readouterr() == ("", "")


def test_the_same_seed_and_values_give_the_same_scores(problem: Problem) -> None:
    told: list[list[float]] = [[], [], []]
    for seed, into in zip((1, 1, 2), told, strict=True):
        train(problem, {}, seed=seed, report=lambda _, score, loss, into=into: into.append(loss))  # type: ignore[misc]
    assert told[0] == told[1] != told[2]


def test_settings_that_exclude_each_other_are_refused(problem: Problem) -> None:
    with pytest.raises(UserError, match=r"goes with none of loss\.label_smoothing"):
        train(
            problem,
            {"train.head": "crf", "train.loss.label_smoothing": 0.1},
            seed=1,
            report=lambda *_: None,
        )


def test_a_trial_learns_from_its_share_alone(problem: Problem) -> None:
    counts: list[int] = []
    for share in (0.25, 1.0):
        log = replace(problem, documents=share)
        losses: list[float] = []
        train(log, {}, seed=1, report=lambda _, score, loss, losses=losses: losses.append(loss))  # type: ignore[misc]
        counts.append(round(losses[-1] * 1e6))
    assert counts[0] > counts[1], "four times the documents, and so the steps, leave a lower loss"
