from __future__ import annotations

from typing import Any

import pytest

from spanwise.io import write_json
from spanwise.reporting.findings import Finding, find
from spanwise.reporting.sources import read_sources


def found(inputs: Any) -> list[Finding]:
    return find(read_sources(**inputs.arguments))


def test_at_most_ten_the_one_that_touches_most_first(inputs: Any) -> None:
    findings = found(inputs)
    assert 1 < len(findings) <= 10
    touched = [finding.touched for finding in findings]
    assert touched == sorted(touched, reverse=True)
    assert touched[-1] > 0


@pytest.mark.parametrize(
    ("sentence", "file"),
    [
        # 2 * 133 of 1,234 gold and 1,159 predicted spans; 133 of 489 errors.
        (
            (
                "27.2% of all errors are 133 entities of Sign (type): setting them right adds about 11.1 "
                "points of F1."
            ),
            "errors",
        ),
        ("Sign is taken for Drug 133 times: telling them apart adds about 11.1 points of F1.", "errors"),
        # (0.8222 - 0.4833) * 400 of 1,234.
        (
            "48.3% of the 400 entities whose wording training does not hold are found, against 82.2% of the",
            "evaluate",
        ),
        (
            (
                "41% of the 34 entities of length 6+ in words are found, against 71.2% of all: 0.8 points "
                "of recall."
            ),
            "evaluate",
        ),
        (
            "The low tier, 2.8% of the entities, has an F1 of 0.303 against 0.712: 1.1 points of F1.",
            "evaluate",
        ),
        ("With typos, F1 falls by 9 points.", "robustness"),
        # A recall of 0.7123, a share of 0.4312.
        (
            (
                "28.1% of the entities are found right, but with a confidence below the chosen threshold of "
                "0.871"
            ),
            "confidence",
        ),
    ],
)
def test_a_finding_has_its_figure_and_its_file(inputs: Any, sentence: str, file: str) -> None:
    assert [each.file for each in found(inputs) if sentence in each.sentence] == [f"metrics/{file}.json"]


def test_a_context_that_fails_more_often_is_a_finding(inputs: Any) -> None:
    inputs.change("errors", lambda content: content["contexts"]["abbreviation"].update(error_rate=0.9))
    told = (
        "90% of the 55 gold entities of the context abbreviation are wrong, against 34.1% "
        "elsewhere: 2.5 points"
    )
    assert any(told in each.sentence for each in found(inputs))
    assert not any(
        "context number" in each.sentence for each in found(inputs)
    )  # fails less often than elsewhere


def test_what_costs_nothing_is_no_finding(inputs: Any) -> None:
    sentences = " ".join(each.sentence for each in found(inputs))
    assert "high tier" not in sentences
    assert "lower" not in sentences


def test_without_errors_variants_and_strata_the_other_figures_are_left(inputs: Any) -> None:
    write_json(inputs.folder / "metrics" / "errors.json", {"gold": 0, "predicted": 0})
    write_json(inputs.folder / "metrics" / "robustness.json", {})
    inputs.change("evaluate", lambda content: content["test"].update(strata={}))
    assert {each.file for each in found(inputs)} == {"metrics/evaluate.json", "metrics/confidence.json"}


def test_undefined_figures_are_passed_over(inputs: Any) -> None:
    inputs.change("evaluate", lambda content: content["test"]["strict"]["micro"].update(f1=None, recall=None))
    inputs.change(
        "evaluate", lambda content: content["test"]["strata"]["mention"]["seen"].update(recall=None)
    )
    inputs.change(
        "errors", lambda content: content.update(gold=0, predicted=0, counts={}, types={}, contexts={})
    )
    assert {each.file for each in found(inputs)} == {"metrics/robustness.json"}


@pytest.mark.parametrize(
    ("category", "points"),
    # 3 of 5 entities are found among 5 predictions: F1 is 6 / 10; then 6 / 9, 8 / 11 and 8 / 10.
    [("spurious", "6.7 points"), ("missed", "12.7 points"), ("type", "20 points")],
)
def test_what_is_missed_comes_to_the_predictions_and_what_is_spurious_goes(
    inputs: Any, category: str, points: str
) -> None:
    counts = {"correct": 3, category: 1}
    figures = {"gold": 5, "predicted": 5, "counts": counts, "types": {"Sign": counts}}
    write_json(inputs.folder / "metrics" / "errors.json", figures)
    told = f"({category}): setting them right adds about {points} of F1."
    assert [each.measure for each in found(inputs) if told in each.sentence] == ["F1"]


def test_a_context_of_a_handful_is_no_finding(inputs: Any) -> None:
    inputs.change(
        "errors", lambda content: content["contexts"]["abbreviation"].update(error_rate=0.9, gold=19)
    )
    assert not any("abbreviation" in each.sentence for each in found(inputs))
