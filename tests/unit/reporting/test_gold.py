from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.reporting.gold import count_overlapping, gold_kind, gold_note
from spanwise.reporting.sources import Sources, read_sources
from spanwise.schema import GoldSpan, Prediction, Span

edges = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted).filter(lambda ends: ends[0] < ends[1])
spans = st.lists(edges.map(lambda ends: Span(start=ends[0], end=ends[1], label="Sign")), max_size=8)


@given(spans)
def test_overlapping_spans_are_those_that_share_a_character_with_another(found: list[Span]) -> None:
    slow = sum(
        any(one is not other and one.start < other.end and other.start < one.end for other in found)
        for one in found
    )
    assert count_overlapping(found) == slow


def read(inputs: Any, *, nested: bool, left_out: int, head: str = "softmax") -> Sources:
    inputs.change("prepare", lambda content: content.update(left_out={"overlapping": left_out}))
    inputs.change("train", lambda content: content.update(head=head))
    if nested:
        gold = [GoldSpan(start=start, end=9, label="Sign", tier="high") for start in (0, 4)]
        gold += [GoldSpan(start=11, end=16, label="Sign", tier="high")]
        note = Prediction(id="note", text="dry cough, fever", group="note", gold=tuple(gold))
        inputs.predict([note])
    return read_sources(**inputs.arguments)


def test_gold_without_overlaps_is_whole_and_needs_no_note(inputs: Any) -> None:
    sources = read(inputs, nested=False, left_out=0)
    assert (gold_kind(sources), gold_note(sources)) == ("whole", "")


def test_gold_that_lost_overlapping_annotations_is_flattened(inputs: Any) -> None:
    sources = read(inputs, nested=False, left_out=1)
    assert gold_kind(sources) == "flattened"
    assert "1 overlapping annotation (0%) was left out of it" in gold_note(sources)


@pytest.mark.parametrize(("head", "limited"), [("softmax", True), ("crf", True), ("pointer", False)])
def test_gold_that_keeps_them_is_nested_and_a_head_of_tags_cannot_find_all(
    inputs: Any, head: str, limited: bool
) -> None:
    sources = read(inputs, nested=True, left_out=0, head=head)
    assert gold_kind(sources) == "nested"
    note = gold_note(sources)
    assert "nested gold: 2 of the 3 entities in the test documents (66.7%) overlap another one" in note
    assert ("and a head of tags finds one at each word at most." in note) is limited
    assert "left out" not in note
