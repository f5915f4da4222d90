from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.instruct import words as module
from spanwise.tasks.instruct.words import keys, words


def same(one: str, other: str, language: str | None) -> bool:
    left, right = keys(one, language), keys(other, language)
    return len(left) == len(right) and all(a & b for a, b in zip(left, right, strict=True))


def test_words_keep_accents_and_lose_case_and_marks() -> None:
    assert words("L'ÉCHELLE, 0,5 mg : cœur (X-ray)") == ["l", "échelle", "0,5", "mg", "coeur", "x", "ray"]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("arrêter", "ARRETER", "fr"),
        ("souillées", "souillé", "fr"),
        ("souillees", "souillées", "fr"),
        ("gloves", "glove", "en"),
        ("94 to 98%", "94\N{EN DASH}98 %", "en"),
        ("100 à 120", "100-120", "fr"),
        ("7 h 40", "7h40", "fr"),
        ("5,5", "5.5", "fr"),
        ("cœur", "coeur", "fr"),
        ("Hände", "hande", "de"),
    ],
)  # fmt: skip
def test_case_accents_inflection_and_notation_make_no_difference(one: str, other: str, language: str) -> None:
    assert same(one, other, language)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("hypotension", "hypertension", "fr"),
        ("15 g", "150 g", "fr"),
        ("gloves", "glove", "xx"),
        ("dry", "day", "en"),
    ],
)
def test_other_words_are_others(one: str, other: str, language: str) -> None:
    assert not same(one, other, language)


@given(st.text(max_size=40), st.sampled_from(["fr", "en", None]))
def test_every_word_has_a_key_and_equals_itself(text: str, language: str | None) -> None:
    assert all(keys(text, language))
    assert same(text, text, language)


def test_without_nltk_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    module._stemmer.cache_clear()
    monkeypatch.setitem(sys.modules, "nltk.stem.snowball", None)
    with pytest.raises(UserError, match="NLTK"):
        keys("arrêter", "fr")
    module._stemmer.cache_clear()
