from __future__ import annotations

from spanwise.tasks.compression.names import names


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in names(text)]


def test_capitals_inside_of_sentences_are_names_wherever_they_stand() -> None:
    text = "Marwa came. Then Jun met Marwa in O'Hare. The rest left."
    assert found(text) == ["Marwa", "Jun", "Marwa", "O'Hare"]


def test_capitals_of_sentences_items_and_first_persons_are_none() -> None:
    assert found("The end. When I came, I'm sure:\n- Nobody left.\nEverybody.") == []


def test_letters_with_accents_are_letters() -> None:
    assert found("avec Élodie et le chat") == ["Élodie"]
