from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.service.observability.labels import NONE, OTHER, Capped, Known


def test_an_unknown_value_is_other_and_none_is_none() -> None:
    known = Known(("extract",))
    assert [known(value) for value in ("extract", "/etc/passwd", "", None)] == ["extract", OTHER, NONE, NONE]


def test_only_so_many_values_are_told_apart() -> None:
    capped = Capped(2)
    assert [capped(value) for value in ("a", "b", "c", "a")] == ["a", "b", OTHER, "a"]


def test_what_was_not_met_before_stays_new() -> None:
    capped = Capped(2)
    assert capped.seen("v1.0.0") == OTHER
    capped("v1.0.0")
    assert (capped.seen("v1.0.0"), capped.seen(""), capped(None)) == ("v1.0.0", NONE, NONE)


@given(st.text())
def test_a_label_is_a_word_whatever_comes(value: str) -> None:
    found = Capped(3)(value)
    assert found in {value, OTHER, NONE}
    assert not set(found) & set(' "\n\\{}=,/')
