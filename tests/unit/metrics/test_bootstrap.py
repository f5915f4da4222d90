from __future__ import annotations

import numpy as np
import pytest

from spanwise.metrics.bootstrap import draw, interval, ratio_interval


def test_every_draw_has_as_many_documents_as_there_are() -> None:
    draws = draw(7, samples=50, seed=3)
    assert draws.shape == (50, 7)
    assert (draws.sum(axis=1) == 7).all()
    assert len({tuple(row) for row in draws}) > 40


def test_the_seed_decides_the_draws() -> None:
    assert draw(7, samples=5, seed=3).tobytes() == draw(7, samples=5, seed=3).tobytes()
    assert draw(7, samples=5, seed=3).tobytes() != draw(7, samples=5, seed=4).tobytes()


def test_there_is_nothing_to_draw_from_no_documents() -> None:
    assert draw(0, samples=5, seed=3).shape == (5, 0)


def test_an_interval_leaves_equal_shares_outside() -> None:
    values = np.arange(101) / 100
    assert interval(values, level=0.9) == pytest.approx((0.05, 0.95))


def test_undefined_draws_are_passed_over() -> None:
    values = np.array([np.nan, 0.0, 1.0, np.nan])
    assert interval(values, level=0.5) == pytest.approx((0.25, 0.75))
    assert interval(np.array([np.nan]), level=0.5) == (None, None)


def test_the_interval_of_a_mean_is_the_textbook_one() -> None:
    outcomes = np.random.default_rng(0).integers(0, 2, size=400)
    low, high = ratio_interval(
        outcomes, np.ones(400, dtype=np.int64), draws=draw(400, samples=4000, seed=1), level=0.95
    )
    mean = outcomes.mean()
    margin = 1.96 * np.sqrt(mean * (1 - mean) / 400)
    assert (low, high) == pytest.approx((mean - margin, mean + margin), abs=0.005)


def test_a_ratio_counts_each_document_with_what_it_holds() -> None:
    draws = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    low, high = ratio_interval(np.array([1, 1]), np.array([1, 3]), draws=draws, level=1.0)
    assert (low, high) == pytest.approx((1 / 3, 1.0))


def test_a_ratio_over_fewer_than_two_documents_has_no_interval() -> None:
    draws = draw(3, samples=20, seed=1)
    assert ratio_interval(np.array([0, 1, 0]), np.array([0, 2, 0]), draws=draws, level=0.9) == (None, None)


def test_draws_without_a_denominator_are_passed_over() -> None:
    draws = np.array([[0.0, 0.0, 3.0], [1.0, 1.0, 1.0]])
    assert ratio_interval(np.array([1, 1, 0]), np.array([2, 2, 0]), draws=draws, level=0.9) == (0.5, 0.5)
