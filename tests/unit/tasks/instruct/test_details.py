from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.instruct.details import details
from spanwise.tasks.instruct.words import locate
from tests.unit.tasks.instruct.answers import PROTOCOL, predicted


def test_a_right_answer_has_no_failures_and_all_terms() -> None:
    found = details(predicted(PROTOCOL))
    assert found["failures"] == []
    assert found["measures"]["chrf"] == 1
    assert found["measures"]["agreement"] is None
    assert found["language"] == "fr"
    assert [(term["term"], term["found"]) for term in found["terms"]] == [
        ("identité", True),
        ("arrêter", True),
        ("médecin", True),
    ]
    start, end = found["terms"][2]["answer"]
    assert PROTOCOL[start:end] == "médecin"
    assert json.loads(json.dumps(found)) == found


def test_an_empty_answer_lacks_everything() -> None:
    found = details(predicted(""))
    assert found["failures"] == ["empty"]
    assert not any(term["found"] or term["answer"] for term in found["terms"])
    assert all(term["reference"] for term in found["terms"])


def test_without_terms_there_are_none() -> None:
    assert details(predicted(PROTOCOL, must_include=None))["terms"] == []


@pytest.mark.parametrize(
    ("term", "text", "place"),
    [
        ("gants", "Mettre des GANTS propres", "GANTS"),
        ("arreter la perfusion", "Puis arrêtez la perfusion.", "arrêtez la perfusion"),
        ("94-98", "entre 94 à 98 %", "94 à 98"),
        ("savon", "de l'eau", None),
        ("", "de l'eau", None),
    ],
)
def test_a_term_is_located_as_it_is_compared(term: str, text: str, place: str | None) -> None:
    found = locate(term, text, "fr")
    assert (None if found is None else text[slice(*found)]) == place


@given(term=st.text(max_size=8), text=st.text(max_size=40))
def test_what_is_located_is_not_missing(term: str, text: str) -> None:
    found = locate(term, text, "en")
    if found is not None:
        assert 0 <= found[0] < found[1] <= len(text)
