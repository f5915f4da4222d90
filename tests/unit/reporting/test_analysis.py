from __future__ import annotations

from typing import Any

import pytest

from spanwise.io import write_json
from spanwise.reporting.analysis import MEANINGS, tell_errors, tell_robustness
from spanwise.reporting.sources import read_sources
from spanwise.reporting.sources.robustness import Robustness


def told(inputs: Any) -> str:
    return " ".join(tell_errors(read_sources(**inputs.arguments)))


@pytest.mark.parametrize(
    "sentence",
    [
        "Of 489 errors, 31.7% are of the wrong type, 28.8% are missed and 17.8% are too long.",
        "127 errors (26%) are of the boundaries alone",
        "where an overlap with the right type suffices, F1 is 0.790 instead of 0.712.",
        "The types with most errors are Sign (69.5%), Drug (24.5%) and Date (5.9%).",
        "Most often taken for another type: Sign as Drug (133) and Drug as Sign (22).",
        "entities of 6+ fail most often (61.8%), those of 1 least (25.1%).",
        "Abbreviations fail more often: 38.2% of 55, against 34.1% elsewhere.",
        "Entities with a number fail no more often: 15% of 140, against 36.7% elsewhere.",
        "wording occurs in training, 82.2% are found; of the 400 others, 48.3%.",
    ],
)
def test_a_sentence_is_made_of_the_figures(inputs: Any, sentence: str) -> None:
    assert sentence in told(inputs)


def test_rates_of_a_handful_are_not_compared(inputs: Any) -> None:
    assert "negation" not in told(inputs)


@pytest.mark.parametrize("errors", [{"counts": {"correct": 12, "missed": 0}}, {}])
def test_without_errors_there_is_nothing_to_tell(inputs: Any, errors: dict[str, Any]) -> None:
    write_json(inputs.folder / "metrics" / "errors.json", {"gold": 12, "predicted": 12, **errors})
    assert told(inputs) == ""


def test_bare_counts_are_enough(inputs: Any) -> None:
    bare = {"gold": 4, "predicted": 3, "counts": {"correct": 3, "missed": 1, "spurious": 0}}
    write_json(inputs.folder / "metrics" / "errors.json", bare)
    inputs.change("evaluate", lambda content: content["test"].update(strata={}, semeval={}))
    assert told(inputs) == "Of 1 error, 100% are missed."


def test_losses_are_told_apart_from_none(inputs: Any) -> None:
    assert tell_robustness(read_sources(**inputs.arguments).robustness) == [
        "F1 falls with typos (9 points, interval 7.8 to 10.1).",
        "With lower case, no loss of F1 is shown: the interval is not all below 0.",
    ]
    assert tell_robustness(Robustness.model_validate({"unchanged": {}, "typos": {}, "rate": 0.1})) == []


def test_every_category_has_a_meaning() -> None:
    from spanwise.metrics.errors import CATEGORIES

    assert set(MEANINGS) == set(CATEGORIES)


def test_a_way_of_writing_that_changes_nothing_is_said(inputs: Any) -> None:
    nothing = {"difference": 0.0, "difference_low": 0.0, "difference_high": 0.0}
    variants = Robustness.model_validate({"unchanged": {}, "upper": nothing, "whitespace": nothing})
    assert tell_robustness(variants) == ["With upper case and other white space, F1 stays the same."]
