"""The effect of tuning: the fall of the loss, its interval, and the noise that it is held against."""

from __future__ import annotations

import math

import pytest

from spanwise.errors import UserError
from spanwise.generator.effect import check_effect, effect
from spanwise.generator.likelihood import Loss
from spanwise.schema import Example


def examples(count: int, strata: int = 2) -> list[Example]:
    return [
        Example(id=f"e{number}", text="?", target="!", group=f"g{number}", stratum=f"s{number % strata}")
        for number in range(count)
    ]


def losses(*means: float) -> list[Loss]:
    return [Loss(mean * 10, 10) for mean in means]


def test_the_noise_is_the_standard_error_within_strata() -> None:
    found = effect(examples(4), losses(3, 5, 4, 6), losses(2, 4, 3, 5), seed=1)
    deviation = math.sqrt((0.5**2 * 2 + 0.5**2 * 2) / 2)  # of 3 and 4, and of 5 and 6, about their own means
    assert found["noise"] == pytest.approx(deviation / 2)
    assert found["fall"] == pytest.approx(1)
    assert (found["untuned_loss"], found["tuned_loss"]) == (4.5, 3.5)


def test_further_examples_tell_the_variance_better() -> None:
    others = [("s0", loss) for loss in losses(3, 3, 3, 3)]
    few = effect(examples(4), losses(3, 5, 4, 6), losses(3, 5, 4, 6), seed=1)
    more = effect(examples(4), losses(3, 5, 4, 6), losses(3, 5, 4, 6), others, seed=1)
    assert more["noise"] < few["noise"]


def test_where_each_example_has_a_stratum_of_its_own_all_are_taken_together() -> None:
    found = effect(examples(3, strata=3), losses(1, 2, 3), losses(1, 2, 3), seed=1)
    assert found["noise"] == pytest.approx(1 / math.sqrt(3))


def test_a_single_example_has_no_noise_that_is_known() -> None:
    assert effect(examples(1), losses(2), losses(1), seed=1)["noise"] == 0


def test_the_interval_is_drawn_over_groups_if_there_are_five() -> None:
    assert effect(examples(4), losses(3, 3, 3, 3), losses(2, 2, 2, 2), seed=1)["fall_low"] is None
    found = effect(examples(6), losses(*[3] * 6), losses(2, 2.1, 2.2, 2.3, 2.4, 2.5), seed=1)
    assert 0.5 <= found["fall_low"] < found["fall"] < found["fall_high"] <= 1


@pytest.mark.parametrize(("fall", "fails"), [(-0.2, True), (0.1, True), (0.9, False)])
def test_a_fall_within_the_noise_is_none(fall: float, fails: bool) -> None:
    before = [3.0, 3.2, 3.4, 3.6]
    found = effect(examples(4, 1), losses(*before), losses(*(loss - fall for loss in before)), seed=1)
    if fails:
        with pytest.raises(UserError, match=f"fell by {fall:.3f}"):
            check_effect(found)
    else:
        check_effect(found)
