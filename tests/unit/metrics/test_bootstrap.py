from __future__ import annotations

import numpy as np
import pytest

from spanwise.metrics import bootstrap
from spanwise.metrics.bootstrap import Floats, draw, interval, ratio_interval, resample


def drawn(groups: int, *, samples: int, seed: int) -> Floats:
    """All blocks in one."""
    return np.concatenate(list(draw(groups, samples=samples, seed=seed)))


def test_every_draw_has_as_many_groups_as_there_are() -> None:
    draws = drawn(7, samples=50, seed=3)
    assert draws.shape == (50, 7)
    assert (draws.sum(axis=1) == 7).all()
    assert len({tuple(row) for row in draws}) > 40


def test_the_seed_decides_the_draws() -> None:
    assert drawn(7, samples=5, seed=3).tobytes() == drawn(7, samples=5, seed=3).tobytes()
    assert drawn(7, samples=5, seed=3).tobytes() != drawn(7, samples=5, seed=4).tobytes()


def test_there_is_nothing_to_draw_from_no_groups() -> None:
    assert drawn(0, samples=5, seed=3).shape == (5, 0)
    assert resample(np.zeros((0, 2)), samples=5, seed=3)[0].shape == (5, 2)


def test_many_documents_are_drawn_a_few_samples_at_a_time() -> None:
    blocks = [block.shape for block in draw(100_000, samples=50, seed=3)]
    assert blocks == [(40, 100_000), (10, 100_000)]


def test_blocks_change_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.arange(14.0).reshape(7, 2)
    whole = resample(counts, counts[:, :1], samples=50, seed=3)
    monkeypatch.setattr(bootstrap, "CELLS", 20)
    blocks = resample(counts, counts[:, :1], samples=50, seed=3)
    assert [table.shape for table in blocks] == [(50, 2), (50, 1)]
    assert [table.tolist() for table in blocks] == [table.tolist() for table in whole]


def test_a_group_drawn_twice_counts_twice() -> None:
    draws = drawn(3, samples=20, seed=1)
    (sums,) = resample(np.array([[1.0], [10.0], [100.0]]), samples=20, seed=1)
    assert sums[:, 0].tolist() == (draws @ [1, 10, 100]).tolist()


def test_an_interval_leaves_equal_shares_outside() -> None:
    values = np.arange(101) / 100
    assert interval(values, level=0.9) == pytest.approx((0.05, 0.95))


def test_undefined_draws_are_passed_over() -> None:
    values = np.array([np.nan, 0.0, 1.0, np.nan])
    assert interval(values, level=0.5) == pytest.approx((0.25, 0.75))
    assert interval(np.array([np.nan]), level=0.5) == (None, None)


def test_the_interval_of_a_mean_is_the_textbook_one() -> None:
    outcomes = np.random.default_rng(0).integers(0, 2, size=400).astype(np.float64)
    counts = np.stack([outcomes, np.ones(400)], axis=1)
    (sums,) = resample(counts, samples=4000, seed=1)
    low, high = ratio_interval(sums[:, 0], sums[:, 1], holders=400, level=0.95)
    mean = outcomes.mean()
    margin = 1.96 * np.sqrt(mean * (1 - mean) / 400)
    assert (low, high) == pytest.approx((mean - margin, mean + margin), abs=0.005)


def test_a_ratio_is_over_what_each_draw_holds() -> None:
    low, high = ratio_interval(np.array([2.0, 2.0, 2.0]), np.array([2.0, 6.0, 4.0]), holders=5, level=1.0)
    assert (low, high) == pytest.approx((1 / 3, 1.0))


def test_a_ratio_over_fewer_than_five_groups_has_no_interval() -> None:
    ones = np.ones(20)
    assert ratio_interval(ones, ones, holders=4, level=0.9) == (None, None)
    assert ratio_interval(ones, ones, holders=5, level=0.9) == (1.0, 1.0)


def test_draws_without_a_denominator_are_passed_over() -> None:
    found = ratio_interval(np.array([0.0, 2.0]), np.array([0.0, 4.0]), holders=5, level=0.9)
    assert found == (0.5, 0.5)
