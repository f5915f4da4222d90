from __future__ import annotations

import pytest

from spanwise.schema import Example, Span
from spanwise.tasks.pii.attacks import ATTACKS, attack, attacked
from spanwise.tasks.pii.masking import find

TEXT = "Ada Byrne\nada.byrne@post.example\nSkills\nPython"
EXAMPLE = Example(
    id="a",
    text=TEXT,
    target=(Span(start=0, end=9, label="PERSON"), Span(start=10, end=32, label="EMAIL_ADDRESS")),
    group="a",
)


@pytest.mark.parametrize("name", ATTACKS)
def test_spans_follow_the_text(name: str) -> None:
    altered = attack(EXAMPLE, ATTACKS[name])
    surfaces = [altered.text[span.start : span.end] for span in altered.spans]
    expected = [ATTACKS[name](TEXT[span.start : span.end], span.label) for span in EXAMPLE.spans]
    assert surfaces == expected
    assert altered.text.endswith("\nSkills\nPython")


@pytest.mark.parametrize("name", ATTACKS)
def test_rules_find_what_an_attack_hides(name: str) -> None:
    altered = attack(EXAMPLE, ATTACKS[name])
    covered = {place for span in find(altered.text) for place in range(span.start, span.end)}
    missed = [
        altered.text[span.start : span.end]
        for span in altered.spans
        if not all(i in covered or not altered.text[i].isalnum() for i in range(span.start, span.end))
    ]
    assert missed == []


def test_every_attack_changes_the_document() -> None:
    assert all(example.text != TEXT for examples in attacked([EXAMPLE]).values() for example in examples)


def test_a_span_inside_of_another_is_left_out() -> None:
    spans = (Span(start=0, end=9, label="PERSON"), Span(start=4, end=9, label="PERSON"))
    assert len(attack(EXAMPLE.model_copy(update={"target": spans}), ATTACKS["lower case"]).spans) == 1
