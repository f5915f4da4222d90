from __future__ import annotations

import pytest

from spanwise.schema import Span
from spanwise.tasks.pii.entities import canonical, is_part, mentions


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        ("PERSON", "Byrne, Ada", "ADA BYRNE"),
        ("PERSON", "Dr. Ada Byrne", "Ada Byrne"),
        ("PERSON", "A D A  B Y R N E", "Adabyrne"),
        ("EMAIL_ADDRESS", "ada [at] post (dot) example", "Ada@post.example"),
        ("EMAIL_ADDRESS", "ada@po-\nst.example", "ada@post.example"),
        ("PHONE_NUMBER", "+44 20 7946 0011", "020 7946 0011"),
        ("URL", "https://www.post.example/ada/", "post.example/ada"),
        ("USERNAME", "@ada", "Ada"),
        ("SCHOOL", "Brack  School", "brack school"),
    ],
)
def test_one_entity_is_known_by_one_key(label: str, one: str, other: str) -> None:
    assert canonical(label, one) == canonical(label, other)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("ada", "ada byrne", True),
        ("a byrne", "ada byrne", True),
        ("ada quell", "ada byrne", False),
        ("adabyrne", "ada byrne", True),
    ],
)
def test_a_name_is_part_of_a_fuller_one(part: str, whole: str, *, expected: bool) -> None:
    assert is_part(part, whole) is expected


def test_mentions_of_one_person_have_one_key() -> None:
    text = "Byrne met Ada Byrne and Tom Byrne"
    spans = [Span(start=0, end=5, label="PERSON"), Span(start=10, end=19, label="PERSON")]
    spans.append(Span(start=24, end=33, label="PERSON"))
    assert [each.key for each in mentions(text, spans)] == ["ada byrne", "ada byrne", "tom byrne"]


def test_overlapping_spans_are_one_mention_with_the_longest_label() -> None:
    spans = [Span(start=0, end=4, label="PERSON"), Span(start=2, end=9, label="URL")]
    (mention,) = mentions("ada.byrne", spans)
    assert (mention.start, mention.end, mention.label) == (0, 9, "URL")
