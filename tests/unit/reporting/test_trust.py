from __future__ import annotations

from typing import Any

import pytest

from spanwise.io import write_json
from spanwise.reporting.sources import read_sources
from spanwise.reporting.trust import tell_trust


def told(inputs: Any) -> str:
    return " ".join(tell_trust(read_sources(**inputs.arguments)))


@pytest.mark.parametrize(
    "sentence",
    [
        (
            "Confidence (the minimum over the words of a span) is calibrated by identity, fitted on 700 "
            "predicted spans"
        ),
        "the log loss is lowest for identity (0.361), against platt (0.373).",
        (
            "the expected calibration error from 0.119 to 0.021, the Brier score from 0.173 to 0.121 and "
            "the area under"
        ),
        "The sweet spot for a precision of 95% is 0.871",
        (
            "on test, 96.3% of what it accepts is right, and that is 43.1% of the entities (interval 35.1% "
            "to 50.2%)."
        ),
        (
            "From 0.911 on, a precision of at least 95% is to be expected with a chance of about 90% over "
            "the draw of the validation"
        ),
        "on test, 97.1% of what it accepts is right (interval 96.1% to 98.1%).",
    ],
)
def test_a_sentence_is_made_of_the_figures(inputs: Any, sentence: str) -> None:
    assert sentence in told(inputs)


def test_why_there_is_no_threshold_is_said(inputs: Any) -> None:
    def none(content: Any) -> None:
        content["test"]["automation"].update(threshold=None, reason="too few spans")
        content["test"]["guaranteed"].update(threshold=None, reason="too few for a proof")

    inputs.change("confidence", none)
    assert "There is no sweet spot for a precision of 95%: too few spans." in told(inputs)
    assert "No threshold can be guaranteed for 95%: too few for a proof." in told(inputs)


def test_a_calibration_that_could_not_be_fitted_says_why(inputs: Any) -> None:
    calibration = {
        "method": "identity",
        "feature": "span",
        "spans": 3,
        "reason": "fewer than 20 predicted spans",
    }
    write_json(inputs.arguments["calibration"], calibration)
    assert "(the probability of the whole span)" in told(inputs)
    assert "validation side: fewer than 20 predicted spans." in told(inputs)


def test_figures_of_an_older_run_are_enough(inputs: Any) -> None:
    def old(content: Any) -> None:
        content.pop("methods")
        for name in ("guaranteed", "brier", "brier_raw", "documents", "high_value", "types"):
            content["test"].pop(name)

    inputs.change("confidence", old)
    assert "guaranteed" not in told(inputs)
    assert "Brier" not in told(inputs)
    assert "log loss" not in told(inputs)
    inputs.change(
        "confidence",
        lambda content: content["test"].update(guaranteed={"target_precision": 0.9, "threshold": 0.5}),
    )
    assert "a precision of at least 90% is to be expected, as long as" in told(inputs)
