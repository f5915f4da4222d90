from __future__ import annotations

from typing import Any

from spanwise.reporting.review import tell_review, tell_risks
from spanwise.reporting.sources import read_sources
from spanwise.reporting.sources.confidence import SplitConfidence


def trust(inputs: Any) -> SplitConfidence:
    return read_sources(**inputs.arguments).confidence.test


def test_what_is_left_to_people_is_told_by_document(inputs: Any) -> None:
    assert tell_review(trust(inputs)) == [
        (
            "At the chosen threshold of 0.871, 1 of 3 test documents would be coded whole without review, 1 "
            "would need some, and nothing was found in 1."
        ),
        (
            "52.1% of the findings (interval 48% to 56.3%) would be accepted; people would look at 12.3 a "
            "document on average (median 11), and in nine documents of ten at no more than 21."
        ),
        "0.71 wrong findings a document would pass unseen.",
        (
            "1.32 entities a document are missed with nothing found in their place: who reviews findings "
            "alone does not see them."
        ),
    ]


def test_without_a_threshold_people_review_everything(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(threshold=None))
    assert (
        tell_review(trust(inputs))[0] == "Without a threshold, people review every entity of every document."
    )


def test_an_older_run_says_nothing_of_it(inputs: Any) -> None:
    inputs.change(
        "confidence", lambda content: [content["test"].pop(name) for name in ("documents", "types")]
    )
    assert tell_review(trust(inputs)) == []
    assert tell_risks(trust(inputs)) == []


def test_the_types_that_let_most_errors_pass_are_named(inputs: Any) -> None:
    assert tell_risks(trust(inputs)) == [
        "At the chosen threshold, 14 of 533 accepted findings are wrong, most often of Sign (14 of 401).",
        "Of 2 types, nothing wrong was accepted.",
    ]
    assert [name for name, _ in trust(inputs).by_risk()] == ["Sign", "Drug", "Date"]


def test_few_accepted_are_called_so_and_none_wrong_is_said(inputs: Any) -> None:
    few = {"accepted": 2, "false_positives": 1, "precision": 0.5, "few": True, "rank": 1}
    inputs.change("confidence", lambda content: content["test"].update(types={"Date": few}))
    assert tell_risks(trust(inputs)) == [
        "At the chosen threshold, 1 of 2 accepted findings is wrong, most often of Date (1 of 2, few)."
    ]
    inputs.change("confidence", lambda content: content["test"]["types"]["Date"].update(false_positives=0))
    assert tell_risks(trust(inputs)) == ["No accepted finding was wrong."]
