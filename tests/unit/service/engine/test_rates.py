from __future__ import annotations

import pytest

from spanwise.service.engine.rates import FADE, Rate


def test_nothing_is_known_before_the_first_measurement() -> None:
    assert Rate().seconds(1_000) == 0.0


def test_the_same_rate_is_measured_whatever_the_sizes() -> None:
    rate = Rate()
    for weight in (10, 1_000, 300):
        rate.measured(weight, weight * 0.02)
    assert rate.seconds(50) == pytest.approx(1.0)


def test_older_measurements_fade() -> None:
    rate = Rate()
    rate.measured(100, 100.0)
    rate.measured(100, 0.0)
    assert rate.seconds(1) == pytest.approx(FADE / (1 + FADE))
