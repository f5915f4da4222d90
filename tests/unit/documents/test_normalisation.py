"""What typesetting did to characters is undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents.language import tell_language
from spanwise.documents.normalisation import join_broken, normalise_line, normalise_word


@pytest.mark.parametrize(
    ("word", "normal"),
    [
        ("e\ufb03cient", "efficient"),
        ("co\u00adoperate", "cooperate"),
        ("cafe\u0301", "café"),
        ("\uf0b7", "•"),
        ("▪", "•"),
        ("\uf3c5", ""),
        ("\u200bAna\ufeff", "Ana"),
        ("½", "½"),
        ("a·b", "a·b"),
    ],
)
def test_words(word: str, normal: str) -> None:
    assert normalise_word(word) == normal


@pytest.mark.parametrize(
    ("word", "following", "joined"),
    [
        ("collabo-", "ration", "collaboration"),
        ("Resource-", "Constrained", "Resource-Constrained"),
        ("state-of-", "the-art", "state-of-the-art"),
        ("state-of-the-", "art", "state-of-the-art"),
        ("linkedin.com/in/ana-", "torres", "linkedin.com/in/ana-torres"),
        ("ana-", "torres@example.org", "ana-torres@example.org"),
        ("2019-", "2024", None),
        ("plain", "word", None),
        ("-", "word", None),
        ("A-", "levels", "A-levels"),
    ],
)
def test_words_broken_at_the_end_of_a_line(word: str, following: str, joined: str | None) -> None:
    assert join_broken(word, following) == joined


@given(st.text(max_size=80))
def test_a_normal_line_stays_as_it_is(line: str) -> None:
    once = normalise_line(line)
    assert normalise_line(once) == once
    assert once == once.strip()
    assert "\n" not in once


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Softwareentwickler mit langjähriger Erfahrung in der Entwicklung großer Systeme", "de"),
        ("Ingénieur logiciel avec dix ans d'expérience dans le développement de systèmes", "fr"),
        ("ana@example.org https://example.org/ana/torres/and/more/of/this 2019 2024", None),
        ("Ana", None),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    assert tell_language(text) == language
