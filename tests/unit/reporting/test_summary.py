from __future__ import annotations

from typing import Any

import pytest

from spanwise.reporting.sources import read_sources
from spanwise.reporting.summary import summarise


def told(inputs: Any) -> str:
    return " ".join(summarise(read_sources(**inputs.arguments), level=0.95))


def test_the_most_important_comes_first(inputs: Any) -> None:
    first = summarise(read_sources(**inputs.arguments), level=0.95)[0]
    assert "On 3 test documents with 1,234 entities" in first
    assert "0.712 (95% interval 0.662\N{EN DASH}0.752)" in first
    assert "71.2% of what the model finds is right" in first


@pytest.mark.parametrize(
    "sentence",
    [
        "is 0.646, below the micro-F1.",
        "From frequent to rare types, F1 is 0.801 in the high tier and 0.303 in the low tier.",
        "1 type has fewer than 10 test entities",
        "43.1% of the entities (interval 35.1% to 50.2%) can be had without review",
        "calibrated confidence of at least 0.871",
        "96.3% of the accepted are right, which meets the required 95%",
        "Calibration lowers the expected calibration error: 0.119 before, 0.021 after.",
        "On Made-up CPU with 2 threads, 10,000 documents take 1.54 min, at up to 108 documents a second.",
        "No document, group or near-duplicate stands on two sides of the split",
        "Date does not occur in the test documents",
        "repaired 17 annotations and left out 41.",
    ],
)
def test_a_sentence_is_made_of_the_figures(inputs: Any, sentence: str) -> None:
    assert sentence in told(inputs)


def test_strong_and_weak_types_need_support(inputs: Any) -> None:
    scores = {f"T{number}": (number / 10, 50) for number in range(1, 8)} | {"Rare": (1.0, 9)}

    def rename(content: Any) -> None:
        sign = content["test"]["types"]["Sign"]
        content["test"]["types"] = {
            name: sign | {"f1": f1, "support": support} for name, (f1, support) in scores.items()
        }

    inputs.change("evaluate", rename)
    assert (
        "It is strongest at T7 (0.700), T6 (0.600) and T5 (0.500), "
        "and weakest at T1 (0.100), T2 (0.200) and T3 (0.300)." in told(inputs)
    )


def test_few_types_are_not_ranked(inputs: Any) -> None:
    assert "strongest" not in told(inputs)


def test_a_precision_below_the_target_is_called_short(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(precision=0.9412))
    assert "94.1% of the accepted are right, which is short of the required 95%" in told(inputs)


@pytest.mark.parametrize("change", [{"threshold": None}, {"share": 0.0}, {"share": None}])
def test_without_a_threshold_everything_is_reviewed(inputs: Any, change: dict[str, Any]) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(change))
    assert "nothing should be accepted without review" in told(inputs)
    assert "can be had without review" not in told(inputs)


def test_calibration_that_does_not_help_is_said_so(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"].update(ece=0.2))
    assert "Calibration does not lower the expected calibration error" in told(inputs)


def test_a_leak_is_said_first_of_the_split(inputs: Any) -> None:
    inputs.change("tier_split", lambda content: content["leak"].update(groups_across=1, twins_across=3))
    assert "The split leaks: 1 group and 3 pairs of near-duplicates" in told(inputs)
    assert "No document" not in told(inputs)


def test_what_is_undefined_or_nothing_is_left_unsaid(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"].update(ece=None))
    inputs.change("benchmark", lambda content: content.update(hours_per_10k_documents=None))
    inputs.change("prepare", lambda content: content.update(repaired={}, left_out={}))
    inputs.change("tier_split", lambda content: content["labels_missing"].update(test=[]))
    inputs.change("confidence", lambda content: content["test"]["automation"].update(precision=None))
    inputs.change("evaluate", lambda content: content["test"]["strict"]["macro"].update(f1=None))
    inputs.change("evaluate", lambda content: content["test"]["tiers"].pop("low"))
    text = told(inputs)
    for word in (
        "Calibration",
        "10,000",
        "repaired",
        "not occur",
        "accepted are right",
        "macro",
        "rare",
        "None",
    ):
        assert word not in text


def test_speed_without_threads_and_rates_is_the_time_alone(inputs: Any) -> None:
    def bare(content: Any) -> None:
        content.update(threads=None)
        content["backends"]["torch"]["documents_per_s"] = None

    inputs.change("benchmark", bare)
    assert "On Made-up CPU, 10,000 documents take 1.54 min." in told(inputs)


def test_several_missing_types_are_listed(inputs: Any) -> None:
    inputs.change(
        "tier_split", lambda content: content["labels_missing"].update(test=["Area", "Date", "Mass"])
    )
    assert "Area, Date and Mass do not occur" in told(inputs)
