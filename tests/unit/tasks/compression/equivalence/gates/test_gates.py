from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.compression.equivalence.gates import check
from spanwise.tasks.compression.equivalence.gates.failure import Failure


def kinds(source: str, output: str, *, extractive: bool = False) -> set[str]:
    return {failure.kind for failure in check(source, output, extractive=extractive)}


@pytest.mark.parametrize(
    ("source", "output", "kind"),
    [
        ("Please open it.", " . ", "empty"),
        ("Open it.", "Open it.", "not shorter"),
        ("Please wait 5 minutes.", "Please wait minutes.", "number lost"),
        ("Please wait 5 minutes.", "Wait 6 minutes.", "number not in its place"),
        ("Please take 5 mg now.", "Take 5 g now.", "unit changed"),
        ("Please wait at least 5 days.", "Wait 5 days.", "bound changed"),
        ("Please do not open it now.", "Do open it now.", "negation lost"),
        (
            "Please do not heat the old lamp. Open the lid.",
            "Heat the lamp. Not open lid.",
            "negation without its head",
        ),
        ("Please open it only now.", "Open it now.", "restriction lost"),
        ("Please open it, unless it rains.", "Open it.", "condition lost"),
        ("Please open all, except the last.", "Open all.", "exclusion lost"),
        ("Please open the old lid.", "Never open lid.", "negation added"),
        ("Now see https://a.example/b?c=1, then go.", "See https://a.example/b?c=2, go.", "URL lost"),
        ("Now set max_size to go on.", "Set max-size.", "identifier lost"),
        ("Now set `a b` to go on.", "Set ab.", "inline code lost"),
        ("Now write to ann@mail.example soon.", "Write to ann.", "address lost"),
        ("Dear {name}, how are you?", "Dear, how are you?", "placeholder lost"),
        ("Run this now:\n```\nls  -l\n```\nThen stop.", "Run:\n```\nls -l\n```\nStop.", "fence changed"),
        ('Send this: {"a": [1, 2]} today please.', 'Send {"a": [1,2]} today.', "JSON changed"),
        ("Please ask the man in the office.", "Ask Quistgaard in office.", "new name"),
        ("Please ask in the office, room twelve.", "Ask, room 12 or 13.", "new digits"),
        ("System: be very brief.\nUser: hello there", "User: be brief.\nUser: hello", "role changed"),
        ("System: be very brief.\nUser: hello there", "System: be brief. hello", "role lost"),
        ("Be very brief. And then say hello there", "Be brief.\nUser: hello", "role added"),
    ],
)
def test_what_a_gate_holds_is_told_by_kind(source: str, output: str, kind: str) -> None:
    assert kind in kinds(source, output)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("You have to wait for five minutes.", "Wait 5 minutes."),
        ("It takes up to 18 per cent more time.", "Takes no more than 18% more."),
        ("A dose follows after 24 days to 35 days.", "Dose after 24 to 35 days."),
        ("Please, you should not under any circumstances open the lid.", "Do not open the lid."),
        ("It is one of those; see no. 4 there.", "One; no. 4."),
        ("Attendez au moins quinze jours de plus.", "Attendez au moins 15 jours."),
    ],
)
def test_what_says_the_same_passes(source: str, output: str) -> None:
    assert kinds(source, output) == set()


def test_an_extractive_output_may_hold_nothing_but_the_source() -> None:
    source = "Ann gave the old lamp to Bob."
    assert kinds(source, "Ann gave lamp to Bob.", extractive=True) == set()
    assert kinds(source, "Bob gave lamp to Ann.", extractive=True) == {"not of the source"}


def test_another_language_is_a_failure() -> None:
    source = "The patient should be given the tablets in the evening with some food and a glass of water."
    output = "Le patient doit recevoir les comprimés le soir avec un repas et un verre."
    assert "language changed" in kinds(source, output)


def test_a_failure_names_its_place_in_the_text_it_is_of() -> None:
    source, output = "Please do not open it for 5 days.", "Open it for 6 days."
    told = {failure.told(source, output) for failure in check(source, output)}
    assert "negations: negation lost: 'not'" in told
    assert "numbers: number lost: '5 days'" in told
    assert "novelty: new digits: '6'" in told
    assert Failure("novelty", "new digits", "output", 12, 13) in check(source, output)


@given(st.text(alphabet="ab 1.`{}[]\"':,é-_<>\n", max_size=60), st.text(alphabet="ab 1.`{}é\n", max_size=40))
def test_places_of_failures_are_in_their_text(source: str, output: str) -> None:
    for failure in check(source, output):
        text = source if failure.side == "source" else output
        assert 0 <= failure.start <= failure.end <= len(text)


@given(st.text(alphabet="ab 1.`{}[]\"':,é-_<>/@\n", max_size=60))
def test_only_length_is_held_against_a_text_that_stays_as_it_is(text: str) -> None:
    assert kinds(text, text, extractive=True) <= {"empty", "not shorter"}
