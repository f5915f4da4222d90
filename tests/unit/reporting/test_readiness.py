from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.reporting.advice import advise
from spanwise.reporting.readiness import ASSISTING, assess, judge
from spanwise.reporting.recommendation import recommend
from spanwise.reporting.sources import read_sources
from tests.unit.reporting.conftest import evidence

shares = st.floats(0, 1)
optional = st.one_of(st.none(), shares)
VERDICTS = ("not ready", "assisted", "threshold", "automatic")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"f1": (0.97, 0.96, 0.98)}, "automatic"),
        ({}, "threshold"),
        ({"point": (0.97, 0.949, 0.4)}, "assisted"),
        ({"point": (0.97, None, 0.4)}, "assisted"),
        ({"point": None}, "assisted"),
        ({"f1": (0.97, 0.94, 0.98), "point": None}, "assisted"),
        ({"f1": (0.97, 0.96, 0.98), "precision": 0.94, "point": None}, "assisted"),
        ({"f1": (0.6, 0.49, 0.7), "point": None}, "not ready"),
        ({"f1": (0.9, None, None)}, "not ready"),
        ({"leaks": True}, "not ready"),
        ({"f1": (0.97, 0.96, 0.98), "leaks": True}, "not ready"),
    ],
)
def test_a_verdict_follows_from_the_bounds(changes: dict[str, Any], verdict: str) -> None:
    assert judge(evidence(**changes)).verdict == verdict


@pytest.mark.parametrize(("support", "verdict"), [(148, "threshold"), (145, "assisted")])
def test_few_accepted_right_ones_do_not_prove_a_precision(support: int, verdict: str) -> None:
    # 59 of 148 entities are accepted and right: 0.95 ** 59 is below 5 %, 0.95 ** 58 is not.
    assert judge(evidence(support=support, point=(1.0, 1.0, 0.4))).verdict == verdict


def test_a_few_faultless_documents_are_not_coded_automatically() -> None:
    faultless = (1.0, 1.0, 1.0)
    assert judge(evidence(f1=faultless, support=58, point=None)).verdict == "assisted"
    assert judge(evidence(f1=faultless, support=59, point=None)).verdict == "automatic"


def test_it_takes_more_for_a_higher_target_and_certainty_is_never_proven() -> None:
    def fewest(target: float) -> int:
        return next(
            support
            for support in range(1, 1000)
            if judge(evidence(f1=(1.0, 1.0, 1.0), support=support, target=target)).verdict == "automatic"
        )

    assert (fewest(0.85), fewest(0.95), fewest(0.99)) == (19, 59, 299)
    assert judge(evidence(f1=(1.0, 1.0, 1.0), support=10**9, target=1.0)).verdict == "assisted"


@pytest.mark.parametrize(("support", "verdict"), [(44, "assisted"), (88, "threshold")])
def test_an_interval_that_hides_how_few_errors_there_were_does_not_suffice(
    support: int, verdict: str
) -> None:
    # 34 of 36 accepted are right: at a precision of 85 %, 2 errors or fewer come about in 7.8 % of samples.
    few = judge(evidence(point=(34 / 36, 0.871, 34 / 44), support=support, target=0.85))
    assert few.verdict == verdict
    told = " ".join(recommend(few, level=0.95))
    assert ("so few errors would come about in 7.8% of samples, more than 5%." in told) is (support == 44)


@given(shares, optional, optional, shares, optional, shares, st.integers(0, 2000), st.floats(0.5, 0.999))
def test_no_verdict_is_better_than_the_lower_bounds_allow(
    f1: float,
    low: float | None,
    precision: float | None,
    right: float,
    bound: float | None,
    share: float,
    support: int,
    target: float,
) -> None:
    given = evidence(
        f1=(f1, low, 1.0), precision=precision, point=(right, bound, share), support=support, target=target
    )
    verdict = judge(given).verdict
    if low is None:
        assert verdict == "not ready"
    if verdict == "automatic":
        assert low is not None
        assert low >= target
    if verdict == "threshold":
        assert bound is not None
        assert bound >= target
    if verdict == "assisted":
        assert low is not None
        assert low >= ASSISTING


@given(
    st.lists(shares, min_size=2, max_size=2).map(sorted), st.lists(shares, min_size=2, max_size=2).map(sorted)
)
def test_a_higher_bound_never_makes_a_verdict_worse(bounds: list[float], points: list[float]) -> None:
    ranks = [
        VERDICTS.index(judge(evidence(f1=(1.0, low, 1.0), point=(1.0, point, 0.5))).verdict)
        for low, point in zip(bounds, points, strict=True)
    ]
    assert ranks == sorted(ranks)


def test_the_threshold_that_accepts_most_is_named_and_the_guaranteed_one_stands_in(inputs: Any) -> None:
    whole, _ = assess(read_sources(**inputs.arguments))
    # The chosen threshold has no interval in these figures; the guaranteed one begins at 96.1 %.
    assert (whole.verdict, whole.point.threshold if whole.point else None) == ("threshold", 0.911)
    assert (
        "from a calibrated confidence of 0.911 on (the guaranteed threshold)"
        in recommend(whole, level=0.95)[0]
    )
    bounds = {"precision": 0.9712, "precision_low": 0.9512, "precision_high": 0.98}
    inputs.change("confidence", lambda content: content["test"]["automation"].update(bounds))
    whole, _ = assess(read_sources(**inputs.arguments))
    assert whole.point is not None
    assert whole.point.threshold == 0.871


def test_types_that_may_be_coded_though_not_all_may_are_named(inputs: Any) -> None:
    def lower(content: Any) -> None:
        content["test"]["automation"].update(precision_low=0.91, precision_high=0.99)
        content["test"].pop("guaranteed")

    assert "verdicts of their own" not in " ".join(
        advise(read_sources(**inputs.arguments), level=0.95).whole.sentences
    )
    inputs.change("confidence", lower)
    whole = advise(read_sources(**inputs.arguments), level=0.95).whole
    assert whole.assessment.verdict == "assisted"
    assert whole.sentences[-1] == (
        "By verdicts of their own, these may be coded without review: Sign (from 0.611 on)."
    )
