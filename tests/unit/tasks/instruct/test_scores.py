from __future__ import annotations

import json
from typing import Any

import pytest

from spanwise.io import rounded
from spanwise.schema import Prediction
from spanwise.tasks.base import load_scoring, load_task
from spanwise.tasks.instruct.failures import (
    LANGUAGE_COLUMNS,
    STRATUM_COLUMNS,
    UNTOLD,
    failure_figures,
    language_rows,
    stratum_rows,
)
from spanwise.tasks.instruct.headline import headline
from spanwise.tasks.instruct.scores import score
from tests.unit.tasks.instruct.answers import PROTOCOL, predicted

DRAWING: dict[str, Any] = {"samples": 200, "level": 0.95, "seed": 3}
ENGLISH = "Stop the infusion, check who the patient is, and then call the doctor who is on duty."


@pytest.fixture(scope="module")
def answers() -> list[Prediction]:
    """Six right answers in French, and an English one in its own category, in six groups."""
    french = [predicted(PROTOCOL, name=f"f{i}", group=f"g{i}") for i in range(6)]
    english = predicted(
        ENGLISH + " Thanks.", name="e", group="g0", reference=ENGLISH, language="en", category="training",
        must_include=["doctor", "fever"],
    )  # fmt: skip
    return [*french, english]


@pytest.fixture(scope="module")
def scored(answers: list[Prediction]) -> dict[str, Any]:
    return score(answers, **DRAWING)


def test_figures_are_over_all_and_by_language_category_and_both(scored: dict[str, Any]) -> None:
    assert list(scored["languages"]) == ["en", "fr"]
    assert list(scored["categories"]) == ["protocol", "training"]
    assert list(scored["strata"]) == ["protocol/fr", "training/en"]
    assert (scored["all"]["answers"], scored["all"]["groups"]) == (7, 6)
    assert scored["strata"]["protocol/fr"]["coverage"] == {"value": 1, "low": 1, "high": 1, "answers": 6}
    assert scored["all"]["coverage"]["value"] == pytest.approx(6.5 / 7)


def test_fewer_than_five_groups_have_no_interval_of_a_mean(scored: dict[str, Any]) -> None:
    assert scored["languages"]["en"]["chrf"]["low"] is None
    assert scored["languages"]["en"]["chrf"]["answers"] == 1


def test_shares_of_few_have_wilsons_interval(scored: dict[str, Any]) -> None:
    acceptable = scored["strata"]["protocol/fr"]["acceptable"]
    assert acceptable["interval"] == "wilson"
    assert acceptable["low"] < acceptable["value"] == 1
    assert scored["all"]["acceptable"]["value"] == pytest.approx(6 / 7)


def test_shares_of_many_have_drawn_intervals() -> None:
    many = [predicted(PROTOCOL, name=str(i), group=str(i), finished=i % 2 > 0) for i in range(30)]
    finished = score(many, **DRAWING)["all"]["finished"]
    assert "interval" not in finished
    assert finished["low"] < finished["value"] == 0.5 < finished["high"]


def test_what_does_not_apply_is_none(scored: dict[str, Any]) -> None:
    assert scored["all"]["agreement"] == {"value": None, "low": None, "high": None, "answers": 0}
    assert scored["all"]["exact_choice"]["answers"] == 0
    assert scored["categories"]["training"]["form"]["value"] is None


def test_the_same_answers_give_the_same_figures_and_json(
    answers: list[Prediction], scored: dict[str, Any]
) -> None:
    again = json.dumps(rounded(score(answers, **DRAWING)), allow_nan=False)
    assert again == json.dumps(rounded(scored), allow_nan=False)


def test_nothing_has_no_figures() -> None:
    assert headline([]) == 0
    found = score([], **DRAWING)
    assert found["all"]["answers"] == 0
    assert found["all"]["acceptable"]["value"] is None
    assert found["strata"] == {}


def test_the_headline_is_the_mean_chrf(answers: list[Prediction], scored: dict[str, Any]) -> None:
    assert headline(answers) == pytest.approx(scored["all"]["chrf"]["value"])
    assert 0.9 < headline(answers) < 1
    with pytest.raises(ValueError, match="no answer"):
        headline([Prediction(id="n", text="t", group="g")])


def test_the_task_is_found_by_its_kind() -> None:
    assert load_task("instruct").headline is headline
    assert load_scoring("instruct").score is score


def test_failures_are_counted_without_texts(answers: list[Prediction]) -> None:
    found = failure_figures(answers)
    assert (found["answers"], found["acceptable"]) == (7, 6)
    assert found["counts"]["missing"] == 1
    assert found["shares"]["missing"] == pytest.approx(1 / 7)
    assert found["strata"]["training/en"]["missing"] == 1
    assert found["languages"] == [
        {"gold": "en", "predicted": "en", "answers": 1},
        {"gold": "fr", "predicted": "fr", "answers": 6},
    ]
    assert "médecin" not in json.dumps(found, ensure_ascii=False)
    assert failure_figures([])["shares"]["missing"] is None


def test_rows_of_languages_hold_one_answer_each() -> None:
    rows = language_rows([predicted("Oui."), predicted(ENGLISH)])
    assert rows == [("fr", UNTOLD), ("fr", "en")]
    assert len(LANGUAGE_COLUMNS) == 2


def test_rows_of_strata_stand_in_for_those_of_types(scored: dict[str, Any]) -> None:
    rows = stratum_rows(scored)
    assert [row[0] for row in rows] == ["protocol/fr", "training/en"]
    assert rows[0] == ("protocol/fr", 1, 1, 1, 6, "protocol/fr")
    assert all(len(row) == len(STRATUM_COLUMNS) for row in rows)
