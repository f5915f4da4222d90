"""Who wins, by how much, and what is said of it."""

from __future__ import annotations

import pytest

from spanwise.errors import UserError
from spanwise.tuning.preset import render_preset
from spanwise.tuning.telling import tell_caveats, tell_outcome, tell_value
from tests.unit.tuning.made import entry, outcome, repeat

TRIALS = [entry(0, 0.5), entry(1, 0.7), entry(2, 0.6), entry(3, 0.9, state="pruned")]


def test_the_best_finished_trial_wins_where_nothing_is_repeated() -> None:
    found = outcome(TRIALS)
    assert found.winner.number == 1
    assert (found.gain, found.figures()["optimism"]) == (None, None)
    assert "a part of the lead may be the seed's" in " ".join(tell_caveats(found))


def test_of_equal_trials_the_first_wins() -> None:
    assert outcome([entry(0, 0.5), entry(1, 0.5)]).winner.number == 0


def test_the_mean_over_other_seeds_chooses_among_the_best() -> None:
    found = outcome(TRIALS, [repeat(-1, 0.4), repeat(1, 0.5), repeat(2, 0.58)], seeds=1)
    assert found.winner.number == 2
    assert found.gain == pytest.approx(0.18)
    assert found.figures()["best"] == {"trial": 2, "score": 0.6, "other_seeds": 0.58, "highest": 0.7}
    assert found.figures()["optimism"] == pytest.approx(0.02)
    assert "The best 2 were therefore trained by 1 seed more" in tell_caveats(found)[1]


def test_means_of_which_seeds_are_missing_choose_nothing() -> None:
    found = outcome(TRIALS, [repeat(-1, 0.4), repeat(1, 0.5), repeat(2, 0.58)], seeds=2)
    assert (found.winner.number, found.means) == (1, {})


def test_what_is_not_better_than_the_defaults_is_called_so() -> None:
    repeats = [repeat(-1, 0.6), repeat(1, 0.5), repeat(2, 0.58)]
    said = tell_outcome(outcome(TRIALS, repeats, seeds=1))
    assert "The search has found nothing better than the settings as they are." in said


def test_every_trial_that_did_not_finish_is_told() -> None:
    others = [
        entry(4, state="refused", reason="training diverged in epoch 1"),
        entry(5, state="failed"),
    ]
    found = outcome([*TRIALS, *others])
    assert found.counts == {"finished": 3, "pruned": 1, "refused": 1, "failed": 1}
    best, *rest = tell_outcome(found)
    values = "train.learning_rate 0.002, train.batch_size 2"
    assert best == f"Trial 1 is the best of 6 trials: 0.700 on validation with {values}."
    assert rest == [
        "Ended early, below the median of the finished trials at the same epoch: 1 trial.",
        "Refused, training diverged in epoch 1: 1 trial.",
        "Cut off by a kill, and tried once more: 1 trial.",
    ]


def test_without_a_finished_trial_the_last_refusal_is_told() -> None:
    refused = entry(0, state="refused", reason="train.head = 'crf' goes with none of it")
    with pytest.raises(UserError, match=r"no trial has finished\n.*goes with none of it"):
        tell_outcome(outcome([refused]))


@pytest.mark.parametrize(
    ("value", "told"), [(None, "null"), (True, "true"), (0.00012, "0.00012"), (8, "8"), ("crf", "crf")]
)
def test_a_value_is_told_as_the_settings_have_it(value: object, told: str) -> None:
    assert tell_value(value) == told


def test_a_preset_without_departures_names_task_and_model_alone() -> None:
    text = render_preset(outcome(TRIALS), {}, task="casenotes", model="minilm")
    assert text.splitlines()[0] == "# @package _global_"
    assert text.endswith("defaults:\n  - override /task: casenotes\n  - override /model: minilm\n")
