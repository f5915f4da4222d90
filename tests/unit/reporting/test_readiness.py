from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.reporting.advice import advise
from spanwise.reporting.readiness import ASSISTING, Evidence, assess, enough, judge, recommend
from spanwise.reporting.sources import read_sources
from spanwise.reporting.sources.confidence import Automation
from spanwise.reporting.sources.evaluation import Score

shares = st.floats(0, 1)
optional = st.one_of(st.none(), shares)
VERDICTS = ("not ready", "assisted", "threshold", "automatic")


def evidence(
    *,
    f1: tuple[float, float | None, float | None] = (0.75, 0.7, 0.8),
    support: int = 900,
    precision: float | None = None,
    point: tuple[float, float | None, float] | None = (0.97, 0.955, 0.4),
    target: float = 0.95,
    leaks: bool = False,
) -> Evidence:
    middle, low, high = f1
    own = middle if precision is None else precision
    score = Score(precision=own, recall=middle, f1=middle, f1_low=low, f1_high=high, support=support)
    points = []
    if point is not None:
        right, bound, share = point
        points = [
            Automation(
                target_precision=target, threshold=0.9, precision=right, precision_low=bound, share=share
            )
        ]
    return Evidence(None, target, score, documents=40, points=tuple(points), leaks=leaks)


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


@pytest.mark.parametrize(("support", "verdict"), [(150, "threshold"), (148, "assisted")])
def test_few_accepted_right_ones_do_not_prove_a_precision(support: int, verdict: str) -> None:
    # 60 of 150 entities are accepted and right, as many as it takes for 95 %; 59 of 148.
    assert judge(evidence(support=support, point=(1.0, 1.0, 0.4))).verdict == verdict


def test_a_few_faultless_documents_are_not_coded_automatically() -> None:
    faultless = (1.0, 1.0, 1.0)
    assert judge(evidence(f1=faultless, support=59, point=None)).verdict == "assisted"
    assert judge(evidence(f1=faultless, support=60, point=None)).verdict == "automatic"


def test_it_takes_more_for_a_higher_target_and_certainty_is_never_proven() -> None:
    assert (enough(0.85), enough(0.95), enough(0.99)) == (20, 60, 300)
    assert judge(evidence(f1=(1.0, 1.0, 1.0), support=10**9, target=1.0)).verdict == "assisted"


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
    bounds = {"precision_low": 0.9512, "precision_high": 0.97}
    inputs.change("confidence", lambda content: content["test"]["automation"].update(bounds))
    whole, _ = assess(read_sources(**inputs.arguments))
    assert whole.point is not None
    assert whole.point.threshold == 0.871


def make_poor(inputs: Any) -> None:
    """The other extreme: wide intervals, and no threshold with a guarantee."""

    def poor(content: Any) -> None:
        content["test"]["automation"].update(precision_low=0.91, precision_high=0.99)
        content["test"]["guaranteed"] = {
            "target_precision": 0.95,
            "threshold": None,
            "reason": "too few spans",
        }
        content["test"]["high_value"]["Sign"]["precision_low"] = 0.81
        content["test"]["ece"] = 0.0911

    inputs.change("confidence", poor)
    inputs.change(
        "evaluate", lambda content: content["test"]["strict"]["micro"].update(f1_low=0.41, f1_high=0.79)
    )


def test_contrasting_figures_give_different_recommendations(inputs: Any) -> None:
    good = advise(read_sources(**inputs.arguments), level=0.95)
    make_poor(inputs)
    poor = advise(read_sources(**inputs.arguments), level=0.95)
    assert (good.whole.assessment.use, poor.whole.assessment.use) == (
        "auto-code above the threshold, review the rest",
        "not ready",
    )
    assert good.whole.sentences[0].startswith(
        "Auto-code what the model finds from a calibrated confidence of 0.911"
    )
    assert poor.whole.sentences[0] == (
        "Do not use the model for this yet: F1 may be as low as 0.410, below 0.500, where correcting "
        "costs more than it saves."
    )
    assert (
        "on the test documents, 97.1% of what is accepted is right (interval 96.1% to 98.1%)"
        in good.whole.sentences[0]
    )
    assert "37.1% of the entities (interval 33.1% to 42.1%)" in good.whole.sentences[0]
    assert [opinion.assessment.verdict for opinion in good.types] == ["not ready", "threshold"]
    assert [opinion.assessment.verdict for opinion in poor.types] == ["not ready", "assisted"]
    assert not set(good.steps) & {step for step in poor.steps if "Annotate about" in step}


def test_the_basis_names_documents_entities_and_the_interval(inputs: Any) -> None:
    advice = advise(read_sources(**inputs.arguments), level=0.95)
    assert advice.whole.sentences[-1] == (
        "It rests on 3 test documents with 1,234 entities: strict F1 0.712 "
        "(95% interval 0.662\N{EN DASH}0.752)."
    )
    date, sign = (opinion.sentences for opinion in advice.types)
    assert date == [
        (
            "Do not use the model for Date yet: 0 test entities in 3 documents are too few to draw an "
            "interval from."
        )
    ]
    assert sign[0].startswith("Auto-code Sign from a calibrated confidence of 0.611 on, and review the rest")
    assert "900 entities of type Sign" in sign[1]


def test_what_a_threshold_is_short_of_is_said(inputs: Any) -> None:
    assisted = judge(evidence(point=(0.97, 0.9311, 0.4)))
    told = " ".join(recommend(assisted, level=0.95))
    assert "someone confirms every entity" in told
    assert (
        "97% of the accepted are right on the test documents, but the interval begins at 93.1%, below the"
        in told
    )
    few = judge(evidence(point=(1.0, 1.0, 0.4), support=100))
    assert "fewer than the 60 right ones that it takes to tell 95%" in " ".join(recommend(few, level=0.95))
    none = judge(evidence(point=None))
    assert "No threshold lets review stop: none reaches 95%." in recommend(none, level=0.95)


def test_coding_everything_and_a_leak_are_told(inputs: Any) -> None:
    everything = judge(evidence(f1=(0.97, 0.96, 0.98)))
    assert recommend(everything, level=0.95)[0].startswith("Auto-code what the model finds without review:")
    leaky = judge(evidence(leaks=True))
    assert "the split leaks, so that no score of it can be trusted" in recommend(leaky, level=0.95)[0]
