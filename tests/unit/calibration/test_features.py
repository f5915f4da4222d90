from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.calibration.features import describe, feature_values, is_feature, logit, sigmoid
from spanwise.schema import Confidence, PredictedSpan, Prediction
from tests.unit.calibration.made import document


def predicted(start: int, end: int, *words: float, tier: str = "high") -> PredictedSpan:
    """With the minimum of its words, and other numbers that tell which is which."""
    sure = Confidence(words=words, minimum=min(words, default=0.5), mean=0.7, product=0.45, span=0.4)
    return PredictedSpan(start=start, end=end, label="Age", tier=tier, confidence=sure)


def prediction(*spans: PredictedSpan) -> Prediction:
    return Prediction(id="1", text="", group="1", predicted=spans)


def odds(value: float) -> float:
    return float(np.log(value / (1 - value)))


def test_a_span_is_described_by_its_words_and_its_tier() -> None:
    found = describe([prediction(predicted(0, 9, 0.9, 0.5, 0.6, tier="low"))])
    assert {name: values.tolist() for name, values in found.items()} == {
        "minimum": [pytest.approx(odds(0.5))],
        "mean": [pytest.approx(odds(0.7))],
        "product": [pytest.approx(odds(0.45))],
        "span": [pytest.approx(odds(0.4))],
        "first": [pytest.approx(odds(0.9))],
        "last": [pytest.approx(odds(0.6))],
        "words": [pytest.approx(np.log(3))],
        "before": [0.0],
        "before_adjacent": [0.0],
        "after": [0.0],
        "after_adjacent": [0.0],
        "tier_low": [1.0],
    }
    assert all(map(is_feature, found))
    assert not is_feature("magic")


def test_neighbours_are_those_that_stand_side_by_side_in_the_text() -> None:
    # In the text: 0-4, 5-9 (after a space), 12-14 (too far), 14-20 (at once).
    spans = [predicted(12, 14, 0.8), predicted(0, 4, 0.9), predicted(5, 9, 0.6), predicted(14, 20, 0.7)]
    found = describe([prediction(*spans), prediction(predicted(21, 22, 0.2))])
    assert found["before_adjacent"].tolist() == [0, 0, 1, 1, 0]
    assert found["after_adjacent"].tolist() == [1, 1, 0, 0, 0]
    assert found["before"].tolist() == pytest.approx([0, 0, odds(0.9), odds(0.8), 0])
    assert found["after"].tolist() == pytest.approx([odds(0.7), odds(0.6), 0, 0, 0])


@pytest.mark.parametrize(("start", "adjacent"), [(4, 1), (5, 1), (6, 0)])
def test_a_neighbour_is_one_character_away_at_most(start: int, adjacent: int) -> None:
    found = describe([prediction(predicted(0, 4, 0.9), predicted(start, 9, 0.6))])
    assert found["after_adjacent"].tolist() == [adjacent, 0]


def test_overlapping_spans_are_neighbours() -> None:
    found = describe([prediction(predicted(0, 9, 0.9), predicted(3, 5, 0.6))])
    assert found["after_adjacent"].tolist() == [1, 0]


def test_a_span_without_words_has_its_minimum_in_their_place() -> None:
    found = describe([prediction(predicted(0, 9))])
    assert found["first"].tolist() == found["last"].tolist() == [0.0]
    assert found["words"].tolist() == [0.0]


@pytest.mark.parametrize("predictions", [[], [document()]])
def test_no_span_has_no_features(predictions: list[Prediction]) -> None:
    assert {len(values) for values in describe(predictions).values()} == {0}
    assert feature_values(predictions, "mean").tolist() == []


@given(st.lists(st.floats(0, 1)))
def test_the_sigmoid_reverses_the_logit(values: list[float]) -> None:
    odds = logit(np.array(values))
    assert np.isfinite(odds).all()
    assert sigmoid(odds).tolist() == pytest.approx(values, abs=2e-7)
