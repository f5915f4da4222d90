"""What a language model says is believed only where it stands in the text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.grounding import Grounding
from spanwise.tasks.resume.value import Value, plain

TEXT = (
    "José Núñez\nBonn, Deutschland\nlinkedin.com/in/jose\nCook\nInn  GmbH\nMärz 2019 – heute\nCook, Bar, 2017"
)


def grounded(node: Any, text: str = TEXT) -> tuple[Any, int]:
    grounding = Grounding(text, 0.5, "llm")
    return grounding.ground(node), grounding.dropped


@pytest.mark.parametrize(
    ("name", "value", "raw"),
    [
        ("name", "Jose Nunez", "José Núñez"),
        ("employer", "Inn GmbH", "Inn  GmbH"),
        ("start", "2019-03", "März 2019"),
        ("country_code", "DE", "Deutschland"),
        ("network", "LinkedIn", "linkedin"),
        ("url", "https://www.linkedin.com/in/jose/", "linkedin.com/in/jose"),
    ],
)
def test_a_value_is_found_after_normalisation(name: str, value: str, raw: str) -> None:
    found, dropped = grounded({name: value})
    assert isinstance(found[name], Value)
    assert TEXT[found[name].start : found[name].end] == raw
    assert found[name].source == "llm"
    assert dropped == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "Anna Berg"), ("start", "2019-04"), ("end", "soon"), ("country_code", "FR"), ("city", "Bo")],
)
def test_what_stands_nowhere_is_dropped_and_counted(name: str, value: str) -> None:
    assert grounded({name: value, "other": None, "blank": " "}) == ({}, 1)


def test_items_take_their_places_in_turn_and_empty_ones_vanish() -> None:
    items = [{"position": "Cook", "employer": "Inn GmbH"}, {"position": "Cook"}, {"position": "Waiter"}]
    found, dropped = grounded({"work": items})
    assert plain(found) == {"work": items[:2]}
    assert found["work"][0]["position"].start < found["work"][1]["position"].start
    assert dropped == 1


def test_numbers_are_no_values() -> None:
    assert grounded({"name": 5}) == ({}, 0)


@given(text=st.text(max_size=30), value=st.text(max_size=6))
def test_a_found_place_lies_inside_any_text(text: str, value: str) -> None:
    found, _ = grounded({"name": value}, text)
    if found:
        assert 0 <= found["name"].start < found["name"].end <= len(text)
