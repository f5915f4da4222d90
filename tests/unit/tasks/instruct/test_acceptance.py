from __future__ import annotations

from typing import Any

import pytest

from spanwise.schema import Prediction
from spanwise.tasks.instruct.acceptance import FAILURES, acceptable, failures
from tests.unit.tasks.instruct.answers import PROTOCOL, predicted

ENGLISH = "1. Stop the infusion and wait.\n2. Check who the patient is.\n3. Call the doctor on duty at once."


def test_the_reference_is_acceptable() -> None:
    assert acceptable(predicted(PROTOCOL))


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        (" \n", {}, ("empty",)),
        (PROTOCOL, {"finished": False}, ("unfinished",)),
        (ENGLISH, {"must_include": ["doctor"]}, ("language",)),
        (PROTOCOL * 5, {}, ("repetition", "form")),
        (PROTOCOL.replace("1. ", ""), {}, ("form",)),
        (PROTOCOL.replace("médecin", "collègue"), {}, ("missing",)),
        (PROTOCOL, {"must_include": None}, ("unchecked",)),
        ("a. Oui", {"category": "mcq", "must_include": None, "correct": ["a", "b"]}, ("wrong_choice",)),
        ("a. Oui\nb. Non", {"category": "mcq", "must_include": None, "correct": ["a", "b"]}, ()),
    ],
)
def test_what_speaks_against_an_answer_is_named(
    text: str, options: dict[str, Any], found: tuple[str, ...]
) -> None:
    prediction = predicted(text, **options)
    assert failures(prediction) == found
    assert set(found) <= set(FAILURES)
    assert acceptable(prediction) is (not found)


def test_one_term_of_five_may_be_missing() -> None:
    five = ["identité", "arrêter", "perfusion", "médecin"]
    assert acceptable(predicted(PROTOCOL, must_include=[*five, "fièvre"]))
    assert failures(predicted(PROTOCOL, must_include=[*five[1:], "fièvre"])) == ("missing",)


def test_a_prediction_of_spans_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="n1: no answer"):
        acceptable(Prediction(id="n1", text="t", group="g"))
