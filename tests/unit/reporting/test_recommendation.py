from __future__ import annotations

from typing import Any

from spanwise.reporting.advice import advise
from spanwise.reporting.readiness import judge
from spanwise.reporting.recommendation import recommend
from spanwise.reporting.sources import read_sources
from tests.unit.reporting.conftest import evidence


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
    assert "were it just 95%, so few errors would come about in 12.9% of samples" in " ".join(
        recommend(few, level=0.95)
    )
    none = judge(evidence(point=None))
    assert "No threshold lets review stop: none reaches 95%." in recommend(none, level=0.95)


def test_coding_everything_and_a_leak_are_told(inputs: Any) -> None:
    everything = judge(evidence(f1=(0.97, 0.96, 0.98)))
    assert recommend(everything, level=0.95)[0].startswith("Auto-code what the model finds without review:")
    leaky = judge(evidence(leaks=True))
    assert "the split leaks, so that no score of it can be trusted" in recommend(leaky, level=0.95)[0]


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
        "Do not use the model yet: F1 may be as low as 0.410, below the 0.5 from which on findings are taken "
        "to help a reviewer more than they hinder."
    )
    assert (
        "on the test documents, 97.1% of what is accepted is right (interval 96.1% to 98.1%)"
        in good.whole.sentences[0]
    )
    assert "37.1% of the entities (interval 33.1% to 42.1%)" in good.whole.sentences[0]
    assert [opinion.assessment.verdict for opinion in good.types] == ["not ready", "threshold"]
    assert [opinion.assessment.verdict for opinion in poor.types] == ["not ready", "assisted"]
    assert not set(good.steps) & {step for step in poor.steps if "Annotate about" in step}
