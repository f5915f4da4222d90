from __future__ import annotations

from typing import Any

import pytest

from spanwise.io import write_json
from spanwise.reporting.advice import advise
from spanwise.reporting.sources import read_sources


def limits(inputs: Any) -> str:
    return " ".join(advise(read_sources(**inputs.arguments), level=0.95).limits)


def steps(inputs: Any) -> str:
    return " ".join(advise(read_sources(**inputs.arguments), level=0.95).steps)


@pytest.mark.parametrize(
    "sentence",
    [
        "At a confidence of 0.871, too few documents hold what is accepted for an interval of its precision.",
        "thresholds rest on 13 validation documents, fewer than 30",
        "Date has fewer than 10 test entities: scores say little there.",
        "Date cannot be judged at all: the test documents hold none.",
        "Types of the low tier are 40.9 points of F1 behind all types together.",
        "With typos, F1 falls by 9 points.",
        "Intervals from 3 test documents, fewer than 30, look surer than they are",
    ],
)
def test_what_limits_a_use_is_told(inputs: Any, sentence: str) -> None:
    assert sentence in limits(inputs)


def test_what_is_well_is_no_limit(inputs: Any) -> None:
    told = limits(inputs)
    for word in ("wide", "guarantee", "lower", "calibration error", "warning", "leaks", "short of"):
        assert word not in told


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        (
            "tier_split",
            {"leak": {"groups_across": 1, "twins_across": 3}},
            "The split leaks (1 group and 3 pairs",
        ),
        ("tier_split", {"warnings": ["test is small"]}, "The split came with a warning: test is small."),
        ("train", {"warnings": ["too long"]}, "Training came with a warning: too long."),
    ],
)
def test_leaks_and_warnings_are_limits(inputs: Any, name: str, change: dict[str, Any], sentence: str) -> None:
    inputs.change(name, lambda content: content.update(change))
    assert sentence in limits(inputs)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"precision": 0.93, "precision_low": 0.9}, "the precision on test, 93%, is short of 95%."),
        (
            {"precision": 0.96, "precision_low": 0.94, "precision_high": 0.98},
            "the precision on test, 96% (interval 94% to 98%), may be below 95%.",
        ),
    ],
)
def test_a_precision_below_the_target_is_a_limit(
    inputs: Any, change: dict[str, float], sentence: str
) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(change))
    assert f"At a confidence of 0.871, {sentence}" in limits(inputs)


def test_poor_calibration_a_wide_interval_and_a_risky_type_are_limits(inputs: Any) -> None:
    def worsen(content: Any) -> None:
        content["test"]["ece"] = 0.0511
        content["test"]["types"]["Sign"]["precision"] = 0.9312
        content["test"]["types"]["Date"]["precision"] = 0.5

    inputs.change("confidence", worsen)
    inputs.change("evaluate", lambda content: content["test"]["strict"]["micro"].update(f1_low=0.6))
    told = limits(inputs)
    assert "The expected calibration error on test is 0.051, above 0.05" in told
    assert "0.600\N{EN DASH}0.752, is 15.2 points wide: the 3 test documents" in told
    assert (
        "Of one type, less than 95% of what is accepted at the chosen threshold is right: Sign (93.1%)."
        in told
    )  # Date has too few to tell
    assert "Calibrate on more validation documents" in steps(inputs)


def test_a_missing_guarantee_is_a_limit(inputs: Any) -> None:
    nothing = {"target_precision": 0.95, "threshold": None, "reason": "too few spans"}
    inputs.change("confidence", lambda content: content["test"].update(guaranteed=nothing))
    assert "No threshold comes with a guarantee: too few spans." in limits(inputs)


@pytest.mark.parametrize(
    "sentence",
    [
        "Annotate more test entities of what cannot be judged yet, at least: Date (10).",
        "Annotate more training documents that hold Date, which matter most and still need review.",
        "Review the annotations of Sign and Drug, as the former is most often taken for the latter",
        "Train on documents with typos too, or normalise them before predicting.",
        "Go on reviewing a sample of what is coded without review",
    ],
)
def test_what_to_do_next_follows_from_the_figures(inputs: Any, sentence: str) -> None:
    assert sentence in steps(inputs)


def test_a_leak_is_mended_first_and_nothing_is_coded_then(inputs: Any) -> None:
    inputs.change("tier_split", lambda content: content["leak"].update(twins_across=3))
    told = steps(inputs)
    assert told.startswith("Mend the split")
    assert "Go on reviewing" not in told


def test_how_many_documents_would_narrow_the_interval_is_estimated(inputs: Any) -> None:
    bounds = {"precision": 0.97, "precision_low": 0.93, "precision_high": 0.99}

    def narrow(content: Any) -> None:
        content["test"]["automation"].update(bounds)
        content["test"].pop("guaranteed", None)

    inputs.change("confidence", narrow)
    # (0.97 - 0.93) / (0.97 - 0.95) = 2: four times the documents, 12 instead of 3.
    assert "Annotate about 9 more test documents: if the precision stays at 97%" in steps(inputs)

    bounds |= {"precision": 0.96}  # 3 * 3 ** 2 = 27 documents are nine times as many
    inputs.change("confidence", narrow)
    assert "Annotate about 24 more test documents" in steps(inputs)
    bounds |= {"precision": 0.951}
    inputs.change("confidence", narrow)
    assert "Annotate about" not in steps(inputs)
    assert "so close to 95% that about 1,323 test documents would be needed to tell" in steps(inputs)


def test_without_confusions_and_variants_nothing_is_said_of_them(inputs: Any) -> None:
    write_json(inputs.folder / "metrics" / "errors.json", {"gold": 0, "predicted": 0})
    write_json(inputs.folder / "metrics" / "robustness.json", {})
    assert "F1 falls" not in limits(inputs)
    assert "Review the annotations" not in steps(inputs)
    assert "Train on documents with" not in steps(inputs)


def test_groups_are_counted_where_documents_belong_together(inputs: Any) -> None:
    inputs.change("evaluate", lambda content: content["test"].update(groups=2))
    assert "Intervals from 2 groups, fewer than 30" in limits(inputs)


def test_too_few_accepted_are_a_limit_though_the_interval_reaches_the_target(inputs: Any) -> None:
    few = {"precision": 1.0, "precision_low": 1.0, "precision_high": 1.0, "share": 0.04}
    inputs.change("confidence", lambda content: content["test"]["automation"].update(few))
    # 0.95 ** 49
    assert "At a confidence of 0.871, too few are accepted: were the precision just 95%" in limits(inputs)
    assert "in 8.1% of samples." in limits(inputs)
