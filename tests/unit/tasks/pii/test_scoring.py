from __future__ import annotations

import pytest

from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction
from spanwise.tasks.base import load_scoring, load_task
from spanwise.tasks.pii.headline import masked_f2

SURE = Confidence(words=(1.0,), minimum=1, mean=1, product=1, span=1)


def _prediction(*places: tuple[int, int]) -> Prediction:
    return Prediction(
        id="a",
        text="Ada Byrne codes",
        group="a",
        gold=(GoldSpan(start=0, end=9, label="PERSON", tier="high"),),
        predicted=tuple(
            PredictedSpan(start=start, end=end, label="USERNAME", tier="high", confidence=SURE)
            for start, end in places
        ),
    )


def test_the_headline_asks_what_is_masked_and_not_as_what() -> None:
    assert masked_f2([_prediction((0, 9))]) == 1.0


def test_a_miss_weighs_more_than_masking_in_vain() -> None:
    assert masked_f2([_prediction((0, 6))]) < masked_f2([_prediction((0, 12))])


def test_nothing_to_mask_and_nothing_masked_is_no_score() -> None:
    assert masked_f2([]) == 0.0


def test_scores_tell_each_level() -> None:
    measure = load_scoring("pii").score
    assert measure is not None
    figures = measure([_prediction((0, 9))], samples=10, level=0.95, seed=0)
    assert [figures[level]["direct"]["value"] for level in ("basic", "moderate", "thorough")] == [
        1.0,
        1.0,
        1.0,
    ]


def test_the_task_is_found_by_its_name() -> None:
    assert load_task("pii").headline([_prediction((0, 9))]) == pytest.approx(1.0)
