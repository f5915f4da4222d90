from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.calibration.guarantee import (
    Certificate,
    binomial_tail,
    certify_groups,
    certify_spans,
    design_effect,
    hoeffding_bentkus,
)
from spanwise.metrics.spans import Flags, Floats, Integers


def spans(*runs: tuple[float, int, int]) -> tuple[Floats, Flags]:
    """Runs of (confidence, right spans, wrong spans)."""
    confidence = [value for value, right, wrong in runs for _ in range(right + wrong)]
    outcome = [each < right for _, right, wrong in runs for each in range(right + wrong)]
    return np.array(confidence), np.array(outcome, dtype=np.bool_)


def certified(confidence: Floats, right: Flags, group: Integers | None = None) -> Certificate:
    """Each span is a group of its own unless groups are given."""
    alone = np.arange(len(right)) if group is None else group
    return certify_spans(confidence, right, alone, target_precision=0.95, error_rate=0.1)


def certified_by_group(confidence: Floats, right: Flags, group: Integers) -> Certificate:
    return certify_groups(confidence, right, group, target_precision=0.95, error_rate=0.1)


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_binomial_tail_is_the_sum_of_its_terms(most: int, trials: int, chance: float) -> None:
    terms = [
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(min(most, trials) + 1)
    ]
    assert binomial_tail(most, trials, chance) == pytest.approx(sum(terms), abs=1e-12)


def test_the_binomial_tail_at_its_ends() -> None:
    assert binomial_tail(3, 10, 0.0) == 1.0
    assert binomial_tail(3, 10, 1.0) == 0.0
    assert binomial_tail(10, 10, 0.5) == 1.0
    assert binomial_tail(1, 10_000, 0.05) < 1e-200


def test_forty_five_right_spans_are_the_fewest_that_prove_95_percent() -> None:
    found = certified(*spans((0.8, 45, 0)))
    assert (found.threshold, found.accepted, found.risk) == (0.0, 45, 0.0)
    assert found.p_value == pytest.approx(0.95**45)
    assert 0.95**45 <= 0.1 < 0.95**44
    few = certified(*spans((0.8, 44, 0)))
    assert few.threshold is None
    assert few.reason == "needs 45 or more predicted validation spans, there are 44"


def test_the_last_threshold_before_the_first_that_fails() -> None:
    found = certified(*spans((0.9, 200, 2), (0.7, 95, 5), (0.5, 10, 90), (0.3, 5000, 0)))
    # With the spans at 0.7 the p-value is P(Bin(302, 0.05) <= 7); those at 0.3 never get a turn.
    assert found.threshold == pytest.approx(0.501)
    assert (found.accepted, found.risk) == (302, 7 / 302)
    assert found.p_value == pytest.approx(binomial_tail(7, 302, 0.05))


def test_the_first_threshold_keeps_three_times_the_fewest_spans() -> None:
    # One wrong span at the very top among 50 would have been the end, had the test begun there.
    found = certified(*spans((0.99, 49, 1), (0.9, 90, 0), (0.2, 10, 90)))
    assert found.threshold == pytest.approx(0.201)
    assert binomial_tail(1, 50, 0.05) > 0.1


def test_what_is_not_proven_gives_no_threshold_and_says_so() -> None:
    found = certified(*spans((0.9, 180, 20)))
    assert found.threshold is None
    assert found.reason == "no threshold is proven to reach precision 0.95 at an error rate of 0.1"


def test_the_ends_of_the_targets() -> None:
    confidence, right = np.full(300, 0.5), np.full(300, True)
    alone = np.arange(300)
    sure = certify_spans(confidence, right, alone, target_precision=1.0, error_rate=0.1)
    assert sure.reason == "no number of spans proves that every one is right"
    assert certify_spans(confidence, right, alone, target_precision=0.0, error_rate=0.1).threshold == 0.0


def test_the_promise_is_broken_no_more_often_than_it_says() -> None:
    """On validation sides drawn from a distribution whose precision above a threshold is known."""
    large = np.random.default_rng(0).normal(1.8, 2.0, 200_000)
    truth = np.sort(1 / (1 + np.exp(-large)))[::-1]
    precision = np.cumsum(truth) / np.arange(1, len(truth) + 1)
    broken, kept = 0, []
    for seed in range(200):
        random = np.random.default_rng(seed + 1)
        confidence = 1 / (1 + np.exp(-random.normal(1.8, 2.0, 900)))
        found = certified(confidence, random.random(900) < confidence)
        if found.threshold is not None:
            accepted = int(np.searchsorted(-truth, -found.threshold, side="right"))
            broken += precision[accepted - 1] < 0.95
            kept.append(accepted / len(truth))
    assert broken <= 0.1 * 200
    assert np.mean(kept) > 0.3  # and it is no empty promise: at best 0.49 can be accepted
    assert len(kept) > 0.8 * 200


def test_errors_that_stand_together_count_for_fewer_spans() -> None:
    confidence, right = spans((0.9, 390, 10))
    spread, together = np.arange(400) % 40, np.arange(400) // 10
    assert certified(confidence, right, spread).threshold == 0.0
    alike = certified(confidence, right, together)  # all ten errors are those of one document
    assert alike.threshold is None
    # One group is 10 - 0.25 over what is expected, 39 are 0.25 under it.
    beyond = 9.75**2 + 39 * 0.25**2
    assert design_effect(~right, together) == pytest.approx(beyond / (400 * 0.025 * 0.975))


def test_the_design_effect_of_independent_spans_is_one() -> None:
    wrong = np.array([True, False, False, True, False])
    assert design_effect(wrong, np.arange(5)) == pytest.approx(1)
    assert design_effect(wrong, np.array([0, 0, 1, 1, 1])) == 1  # less alike than by chance
    assert design_effect(np.ones(5, dtype=np.bool_), np.zeros(5, dtype=np.int64)) == 1
    assert design_effect(np.zeros(5, dtype=np.bool_), np.zeros(5, dtype=np.int64)) == 1


def test_spans_of_fewer_than_five_groups_prove_nothing() -> None:
    confidence, right = spans((0.9, 400, 0))
    found = certified(confidence, right, np.arange(400) % 4)
    assert found.threshold is None
    assert found.reason == "needs 5 or more groups of documents with predicted spans, there are 4"
    assert certified(confidence, right, np.arange(400) % 5).threshold == 0.0


def test_the_promise_is_kept_where_the_spans_of_a_document_resemble_each_other() -> None:
    """In about the 10 of 100 cases that it allows; taken for independent they would break it more often."""

    def drawn(documents: int, seed: int) -> tuple[Floats, Flags, Integers]:
        random = np.random.default_rng(seed)
        group = np.repeat(np.arange(documents), 80)
        shown, hidden = random.normal(2.0, 1.5, len(group)), random.normal(0.0, 1.0, documents)[group]
        right = random.random(len(group)) < 1 / (1 + np.exp(-(shown + hidden)))
        return 1 / (1 + np.exp(-shown)), right, group

    large, truth, _ = drawn(3000, 0)
    broken = {"grouped": 0, "alone": 0}
    for seed in range(1, 101):
        confidence, right, group = drawn(30, seed)
        for name, groups in (("grouped", group), ("alone", None)):
            threshold = certified(confidence, right, groups).threshold
            broken[name] += threshold is not None and bool(truth[large >= threshold].mean() < 0.95)
    assert broken["grouped"] <= 12 < broken["alone"]


def test_the_p_value_of_hoeffding_and_bentkus() -> None:
    # Without a loss both are powers of 1 - limit, Bentkus's e times as large.
    assert hoeffding_bentkus(0.0, 50, 0.1) == pytest.approx(0.9**50)
    # Losses at or above the limit prove nothing.
    assert hoeffding_bentkus(0.1, 50, 0.1) == hoeffding_bentkus(0.5, 50, 0.1) == 1.0
    # Bentkus's is the smaller one where losses are few but not none.
    assert hoeffding_bentkus(0.02, 100, 0.1) == pytest.approx(
        min(
            math.exp(-100 * (0.02 * math.log(0.2) + 0.98 * math.log(0.98 / 0.9))),
            math.e * binomial_tail(2, 100, 0.1),
        )
    )
    assert hoeffding_bentkus(1.0, 3, 1.0) == 0.0


def test_groups_prove_the_mean_of_their_own_shares() -> None:
    """Sixty groups: one of them holds most spans, and is always right."""
    confidence = np.array([0.9] * 600 + [0.8, 0.4] * 59)
    right = np.array([True] * 600 + [True, False] * 59)
    group = np.array([0] * 600 + [number for number in range(1, 60) for _ in range(2)])
    found = certified_by_group(confidence, right, group)
    assert found.threshold == pytest.approx(0.401)
    assert (found.accepted, found.risk) == (60, 0.0)
    assert found.p_value == pytest.approx(0.95**60)


def test_a_few_groups_prove_nothing_however_many_spans_they_hold() -> None:
    found = certified_by_group(np.full(5000, 0.9), np.ones(5000, dtype=np.bool_), np.arange(5000) % 12)
    assert found.threshold is None
    assert found.reason == "needs 45 or more groups of documents with predicted spans, there are 12"


def test_groups_that_err_prove_nothing() -> None:
    group = np.arange(300) % 100
    found = certified_by_group(np.full(300, 0.9), group < 80, group)
    assert found.reason == "no threshold is proven to reach precision 0.95 at an error rate of 0.1"
    assert (found.accepted, found.risk, found.p_value) == (0, None, None)


def test_no_span_proves_nothing() -> None:
    none = (np.zeros(0), np.zeros(0, dtype=np.bool_))
    assert certified(*none).reason == ("needs 45 or more predicted validation spans, there are 0")
    assert certified_by_group(*none, np.zeros(0, dtype=np.int64)).threshold is None
