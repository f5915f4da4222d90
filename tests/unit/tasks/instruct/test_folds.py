from __future__ import annotations

from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.schema import Prediction
from spanwise.tasks.instruct.folds import group_repeats, pool_repeats
from spanwise.tasks.instruct.scores import score
from tests.unit.tasks.instruct.answers import PROTOCOL, predicted

DRAWING: dict[str, Any] = {"samples": 100, "level": 0.95, "seed": 3}


def fold(*names: int, text: str = PROTOCOL) -> list[Prediction]:
    return [predicted(text, name=str(name), group=str(name)) for name in names]


def test_repeats_are_pooled_and_their_spread_is_told() -> None:
    worse = PROTOCOL.replace("médecin", "collègue")
    found = pool_repeats(
        {"1": [fold(0, 1, 2), fold(3, 4)], "2": [fold(4, 0), fold(1, 2, 3, text=worse)]},
        **DRAWING,
    )
    assert (found["repeats"], found["documents"]) == (2, 5)
    assert found["scores"]["all"]["answers"] == 10
    assert found["scores"]["all"]["groups"] == 5
    assert found["scores"]["all"]["coverage"]["value"] == pytest.approx(0.9)
    each = found["headline"]["each"]
    assert each["1"] == pytest.approx(1)
    assert each["2"] < 0.95
    assert found["headline"]["mean"] == pytest.approx((each["1"] + each["2"]) / 2)
    assert found["headline"]["deviation"] > 0


def test_a_repeat_makes_no_interval_narrower() -> None:
    texts = [PROTOCOL, PROTOCOL.replace("médecin", "collègue")]
    once = [predicted(texts[i % 2], name=str(i), group=str(i)) for i in range(8)]
    pooled = pool_repeats({"1": [once], "2": [once]}, **DRAWING)["scores"]["all"]["coverage"]
    alone = score(once, **DRAWING)["all"]["coverage"]
    assert {**pooled, "answers": 8} == alone


def test_one_repeat_has_no_deviation() -> None:
    assert pool_repeats({"1": [fold(0)]}, **DRAWING)["headline"]["deviation"] is None


@pytest.mark.parametrize(
    ("repeats", "reason"),
    [
        ({}, "there is no fold"),
        ({"1": []}, "there is no fold"),
        ({"1": [fold(0, 1), fold(1)]}, "repeat 1: 1 documents in two folds, such as 1"),
        ({"1": [fold(0, 1)], "2": [fold(0)]}, "repeats 1 and 2 differ in 1 documents, such as 1"),
    ],
)
def test_what_is_no_cross_validation_is_refused(
    repeats: dict[str, list[list[Prediction]]], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        pool_repeats(repeats, **DRAWING)


def test_a_document_that_comes_again_begins_the_next_repeat() -> None:
    folds = [fold(0, 1), fold(2), fold(2, 0), fold(1)]
    assert group_repeats(folds) == {"1": folds[:2], "2": folds[2:]}
    assert group_repeats([]) == {}
