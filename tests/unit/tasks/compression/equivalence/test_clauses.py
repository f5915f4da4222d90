from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.compression.equivalence.clauses import clauses


def test_clauses_end_at_stops_and_before_conjunctions() -> None:
    found = [
        clause.text for clause in clauses("Close the lid, and wait for it. It is hot unless it rains: go.")
    ]
    assert found == ["Close the lid,", "and wait for it.", "It is hot", "unless it rains: go."]


@given(st.text(alphabet="ab .,;!\n", max_size=60))
def test_clauses_hold_every_word_once(text: str) -> None:
    assert "".join("".join(clause.text.split()) for clause in clauses(text)) == "".join(text.split())
