"""Word lists: what they speak for."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.tasks.resume.rules.headings import folded
from spanwise.tasks.resume.rules.lexicon import load_lists
from spanwise.tasks.resume.rules.vocabulary import (
    country_code,
    country_names,
    evidence,
    is_country,
    is_language,
    language_words,
)


@pytest.mark.parametrize(
    "title",
    ["Développeuse senior", "Softwareentwicklerin", "Head of Data", "Sjuksköterska", "Co-Founder & CTO"],
)
def test_a_title_speaks_for_a_position(title: str) -> None:
    assert evidence(title, "titles") >= 1


def test_more_words_speak_a_little_louder() -> None:
    assert evidence("Head Nurse", "titles") > evidence("Nurse", "titles") > evidence("Acme", "titles") == 0


@pytest.mark.parametrize("name", ["Acme GmbH", "Costa S.r.l. & Figli Group", "Banco de Bonn"])
def test_a_legal_form_speaks_for_an_employer(name: str) -> None:
    assert evidence(name, "organisations") >= 1
    assert evidence(name, "schools", "degrees") == 0


@pytest.mark.parametrize(("name", "code"), [("Türkiye", "TR"), ("ALLEMAGNE", "DE"), ("Atlantis", None)])
def test_a_country_has_a_code(name: str, code: str | None) -> None:
    assert country_code(name) == code
    assert is_country(name) is (code is not None)


def test_a_code_has_names() -> None:
    assert "germany" in country_names("DE")
    assert country_names("ZZ") == ()


def test_languages_are_told_by_their_first_words() -> None:
    assert is_language("Anglais courant")
    assert language_words("Mandarin Chinese fluent") == 2
    assert language_words("Python") == 0
    assert not is_language("")


@pytest.mark.parametrize("name", ["headings", "vocabulary"])
def test_lists_are_folded_as_what_they_are_compared_with(name: Any) -> None:
    for group, lists in load_lists(name).items():
        for items in lists.values():
            assert items, group
            plain = [
                item.removeprefix("*") for item in items if item.replace("*", "").replace(" ", "").isalnum()
            ]
            strange = [item for item in plain if folded(item).replace(" ", "") != item.replace(" ", "")]
            assert strange == []
