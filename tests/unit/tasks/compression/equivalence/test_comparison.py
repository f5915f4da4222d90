from __future__ import annotations

import numpy as np
import pytest

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.comparison import Prompt, compare, outcomes, paired
from spanwise.tasks.compression.equivalence.coverage import lexical
from spanwise.tasks.compression.equivalence.embedding import Remembered
from spanwise.tasks.compression.equivalence.gates import count_words
from spanwise.tasks.compression.equivalence.judging import Judge, load_record
from tests.unit.tasks.compression.equivalence.writings import made_up

JUDGE = Judge(load_record("lexical"), Remembered(lexical))
PROMPTS = [Prompt(made_up(number)[0], str(number)) for number in range(8)]


def without_opening(text: str) -> str:
    return text.replace("I am writing to let you know that ", "")


def without_negation(text: str) -> str:
    return without_opening(text).replace("never ", "")


def test_a_compressor_that_loses_negations_passes_fewer_gates() -> None:
    trial = compare(
        PROMPTS,
        without_opening,
        without_negation,
        judge=JUDGE,
        count=count_words,
        samples=500,
        level=0.95,
        seed=1,
    )
    gates, ratio = trial.differences["gates_passed"], trial.differences["ratio"]
    assert (trial.prompts, gates.first, gates.second, gates.difference) == (8, 1, 0, -1)
    assert (gates.low, gates.high) == (-1, -1)
    assert gates.p_value is not None
    assert gates.p_value < 0.05
    assert ratio.difference < 0
    assert trial.quality["true_accept"] >= 0.95


def test_a_compressor_is_no_better_than_itself() -> None:
    trial = compare(
        PROMPTS,
        without_opening,
        without_opening,
        judge=JUDGE,
        count=count_words,
        samples=50,
        level=0.95,
        seed=1,
    )
    assert all((each.difference, each.p_value) == (0, 1) for each in trial.differences.values())


def test_prompts_of_one_group_are_drawn_together() -> None:
    one, other = np.zeros((8, 1)), np.arange(8.0).reshape(8, 1)
    (apart,) = paired(one, other, list("abcdefgh"), samples=400, level=0.95, seed=1)
    (together,) = paired(one, other, list("aabbccdd"), samples=400, level=0.95, seed=1)
    assert apart.difference == together.difference == 3.5
    assert apart.p_value is not None
    assert together.p_value is None


def test_other_numbers_of_outputs_and_no_prompts_are_told() -> None:
    with pytest.raises(UserError, match="1 outputs for 8 prompts"):
        outcomes(PROMPTS, ["a"], judge=JUDGE, count=count_words)
    with pytest.raises(UserError, match="no prompts"):
        compare([], str, str, judge=JUDGE, count=count_words, samples=5, level=0.95, seed=1)
