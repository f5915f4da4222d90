from __future__ import annotations

import pytest
from hypothesis import given

from spanwise.tasks.compression.protection import merged, protected
from tests.unit.tasks.compression.prompts import PROMPTS


def kept(text: str) -> list[str]:
    return [text[start:end] for start, end in protected(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("take 12.5 mg now", "12.5 mg"),
        ("of up to 5 users here", "up to 5"),
        ("for five days or so", "five days"),
        ("see https://a.example/x?y=1,2 there", "https://a.example/x?y=1,2"),
        ("mail a.b@c.example today", "a.b@c.example"),
        ("the order ord_8f3a2c91 came", "ord_8f3a2c91"),
        ("call getValue() first", "getValue()"),
        ("the userName field", "userName"),
        ("use --dry-run here", "--dry-run"),
        ("in /usr/bin/env there", "/usr/bin/env"),
        ("edit broker.yaml then", "broker.yaml"),
        ("hello {name} there", "{name}"),
        ("hello {{ name }} there", "{{ name }}"),
        ("hello <id> there", "<id>"),
        ("hello %s there", "%s"),
        ("hello $NAME there", "$NAME"),
        ('say "a quoted, thing" now', '"a quoted, thing"'),
        ("dire «très bien» ici", "«très bien»"),
        ("say ‘quite so’ now", "‘quite so’"),
        ("run `ls -la` now", "`ls -la`"),
        ('an object {"a": [1, 2]} here', '{"a": [1, 2]}'),
        ("now:\n```\nlet x\n```\nthen", "```\nlet x\n```"),
        ("text\nuser: hello", "user:"),
        ("with @anna and", "@anna"),
        ("a tag #later and", "#later"),
    ],
)
def test_what_machines_and_people_quote_is_kept(text: str, expected: str) -> None:
    assert any(expected in piece for piece in kept(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You should not ever send the letter.", {"should not", "send"}),
        ("Please don't send it.", {"n't", "send"}),
        ("Cela ne change pas le prix.", {"ne", "change", "pas", "prix"}),
        ("All but one agreed, never.", {"never", "agreed"}),
        ("Only members may enter.", {"Only", "members"}),
        ("You must reply.", {"must"}),
    ],
)
def test_negations_and_the_like_are_kept_with_what_they_are_about(text: str, expected: set[str]) -> None:
    assert expected <= set(kept(text))


def test_a_head_is_looked_for_in_the_sentence_of_its_cue() -> None:
    assert "Tomorrow" not in kept("We agreed never. Tomorrow rains.")


@pytest.mark.parametrize(
    "text", ["", "plain words of little weight", "Well, the weather was nice - really nice."]
)
def test_nothing_else_is(text: str) -> None:
    assert kept(text) == []


def test_intervals_that_overlap_become_one() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (9, 10)]) == [(0, 4), (5, 9), (9, 10)]


@given(PROMPTS)
def test_every_digit_is_kept(text: str) -> None:
    places = protected(text)
    assert places == sorted(places)
    for place, character in enumerate(text):
        if character.isdigit():
            assert any(start <= place < end for start, end in places)
