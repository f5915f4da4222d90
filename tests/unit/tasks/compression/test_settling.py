from __future__ import annotations

import pytest

from spanwise.tasks.compression.settling import rendered, settle
from spanwise.tasks.compression.units import cut


def without(text: str, *dropped: str) -> str:
    units = cut(text, 0, len(text), [])
    keep = settle(text, units, [text[unit.start : unit.end] not in dropped for unit in units])
    return "".join(text[start:end] for start, end in rendered(text, 0, len(text), units, keep))


@pytest.mark.parametrize(
    ("text", "dropped", "expected"),
    [
        ("The old cat sat.", ("The", "old"), "cat sat."),
        ("It was, however, late.", ("however",), "It was, late."),
        ("However, it was late.", ("However",), "it was late."),
        ("He came late, too.", ("too",), "He came late."),
        ("Gone. Here.", ("Gone",), "Here."),
        ("Here. Gone.", ("Gone",), "Here."),
        ("Really?! Yes.", ("Really",), "Yes."),
        ("Here?! Yes.", ("Yes",), "Here?!"),
        ("a (b c) d", ("b", "c"), "a d"),
        ("a (b c) d", ("b",), "a (c) d"),
        ("a (b (c)) d", ("c",), "a (b) d"),
        ("a ) b", (), "a ) b"),
        ("- one\n- two\n", ("one",), "- two\n"),
        ("- one\n- two\n", ("two",), "- one\n"),
        ("Title\n\nAll of this.", ("All", "of", "this"), "Title\n\n"),
        ("one\n\ntwo\n\nthree", ("two",), "one\n\nthree"),
        ("one\ntwo three", ("two",), "one\nthree"),
        ("a,b,c", ("b",), "a,c"),
        ("a,b", (",",), "a,b"),
        ("seen by Dr. Smith", ("Dr",), "seen by. Smith"),
        ("the file a .b", ("file",), "the a .b"),
        ("x", ("x",), ""),
        ("", (), ""),
    ],
)
def test_punctuation_follows_the_words(text: str, dropped: tuple[str, ...], expected: str) -> None:
    assert without(text, *dropped) == expected


def test_protected_units_stay_whatever_is_said() -> None:
    text = "a, 5, b"
    units = cut(text, 0, len(text), [(3, 4)])
    keep = settle(text, units, [False] * len(units))
    assert [text[unit.start : unit.end] for unit, kept in zip(units, keep, strict=True) if kept] == ["5"]
