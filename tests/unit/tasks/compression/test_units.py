from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given

from spanwise.tasks.compression.protection import protected
from spanwise.tasks.compression.units import cut, keep_probabilities
from tests.unit.tasks.compression.prompts import PROMPTS


def pieces(text: str, *intervals: tuple[int, int]) -> list[str]:
    return [text[unit.start : unit.end] for unit in cut(text, 0, len(text), intervals)]


def test_words_hold_their_apostrophes_hyphens_and_stops() -> None:
    assert pieces("Don't re-use a.b, e.g. it.") == ["Don't", "re-use", "a.b", ",", "e.g", ".", "it", "."]


def test_a_decomposed_letter_keeps_its_marks() -> None:
    assert pieces("e\u0301te\u0301 x") == ["e\u0301te\u0301", "x"]


def test_what_is_protected_is_one_unit_with_what_it_touches() -> None:
    text = "give 12.5 mg now"
    units = cut(text, 0, len(text), [(7, 12)])
    assert [(text[unit.start : unit.end], unit.fixed) for unit in units] == [
        ("give", False),
        ("12.5 mg", True),
        ("now", False),
    ]


def test_roles_follow_from_signs_and_places() -> None:
    units = cut("- a (b), c.\n* d", 0, 15, [])
    assert [unit.role for unit in units] == [
        *("bullet", "word", "opening", "word", "closing", "separator", "word", "end", "bullet", "word"),
    ]


def test_a_unit_is_as_needed_as_its_most_needed_word() -> None:
    text = "don't go there"
    units = cut(text, 0, len(text), [])
    words = np.array([(0, 3), (3, 4), (4, 5), (6, 8)])
    found = keep_probabilities(units, words, np.array([0.1, 0.2, 0.7, 0.3]))
    assert found.tolist() == [0.7, 0.3, 1.0]  # no word says anything of the last one


def test_without_words_everything_is_needed() -> None:
    units = cut("a b", 0, 3, [])
    assert keep_probabilities(units, np.zeros((0, 2), dtype=np.int64), np.zeros(0)).tolist() == [1.0, 1.0]


@given(PROMPTS)
def test_units_hold_all_but_white_space_once(text: str) -> None:
    units = cut(text, 0, len(text), protected(text))
    assert all(left.end <= right.start for left, right in itertools.pairwise(units))
    covered = {place for unit in units for place in range(unit.start, unit.end)}
    assert {place for place, char in enumerate(text) if not char.isspace()} <= covered
