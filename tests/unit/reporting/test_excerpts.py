from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.calibration import Calibration
from spanwise.metrics.errors import Judgement, judge, sample
from spanwise.reporting.excerpts import REACH, excerpt
from spanwise.schema import Span
from tests.unit.reporting.conftest import prediction

PLAIN = Calibration(method="identity", feature="minimum", spans=0)
BEFORE, BEHIND = "lorem ipsum " * 10, " dolor sit amet" * 10


def test_both_readings_are_marked_in_a_context_of_whole_words() -> None:
    text = BEFORE + "dry cough" + BEHIND
    at = len(BEFORE)
    note = prediction(text, [(at, at + 9, "Sign")], [(at + 4, at + 9, "Drug"), (0, 5, "Sign")])
    [wrong] = [each for each in judge([note]) if each.category == "boundary_and_type"]
    [shown] = excerpt([wrong], [note], PLAIN)
    assert (shown.document, shown.category) == ("note", "boundary_and_type")
    assert (shown.gold, shown.predicted) == (["Sign"], ["Drug"])
    assert [(mark.outcome, mark.confidence) for mark in shown.marks] == [("missed", None), ("wrong", 0.75)]
    assert [piece.text for piece in shown.pieces if piece.marks] == ["dry ", "cough"]
    before, behind = shown.pieces[0].text, shown.pieces[-1].text
    assert before == "lorem ipsum " * 5
    assert behind == (" dolor sit amet" * 4)
    assert len(before) == len(behind) == REACH
    assert not shown.begins
    assert not shown.ends


def test_a_short_document_is_shown_whole() -> None:
    note = prediction("had fever", [(4, 9, "Sign")], [])
    [shown] = excerpt(judge([note]), [note], PLAIN)
    assert (shown.begins, shown.ends) == (True, True)
    assert (shown.gold, shown.predicted) == (["Sign"], [])
    assert "".join(piece.text for piece in shown.pieces) == "had fever"


def test_text_without_spaces_is_cut_where_reach_ends() -> None:
    note = prediction("x" * 200 + "fever" + "y" * 200, [(200, 205, "Sign")], [])
    [shown] = excerpt(judge([note]), [note], PLAIN)
    assert [len(piece.text) for piece in shown.pieces] == [REACH, 5, REACH]


def test_a_judgement_of_an_unknown_document_is_refused() -> None:
    with pytest.raises(KeyError, match="other"):
        excerpt(
            [Judgement(document="other", category="missed", gold=(Span(start=0, end=1, label="A"),))],
            [],
            PLAIN,
        )


edges = st.tuples(st.integers(0, 150), st.integers(1, 9)).map(lambda span: (span[0], span[0] + span[1]))
spans = st.lists(st.tuples(edges, st.sampled_from("AB")).map(lambda span: (*span[0], span[1])), max_size=5)


@given(st.text("ab ", min_size=160, max_size=160), spans, spans)
def test_every_error_is_shown_with_its_readings_in_a_part_of_the_text(
    text: str, gold: list[tuple[int, int, str]], found: list[tuple[int, int, str]]
) -> None:
    note = prediction(text, gold, found)
    errors = sample(judge([note]), 30, 1)
    for judgement, shown in zip(errors, excerpt(errors, [note], PLAIN), strict=True):
        whole = "".join(piece.text for piece in shown.pieces)
        assert whole in text
        marked = {(mark.start, mark.end, mark.label) for mark in shown.marks}
        assert marked == {(s.start, s.end, s.label) for s in (*judgement.gold, *judgement.predicted)}
