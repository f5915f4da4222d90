from __future__ import annotations

from spanwise.doctor.finding import listed


def test_few_names_are_listed_and_many_are_counted() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
