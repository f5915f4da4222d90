from __future__ import annotations

import pytest

from spanwise.schema import Span
from spanwise.tasks.pii.propagation import Propagation
from spanwise.tasks.pii.source import Source


def _spread(text: str, surface: str, label: str) -> set[str]:
    start = text.index(surface)
    spans = Propagation(Source(text)).spread([Span(start=start, end=start + len(surface), label=label)])
    return {text[span.start : span.end] for span in spans} - {surface}


@pytest.mark.parametrize(
    "form",
    [
        "ADA BYRNE",
        "Byrne, Ada",
        "A. Byrne",
        "Byrne A.",
        "Ada",
        "Byrne",
        "ada.byrne",
        "adabyrne",
        "byrne_ada",
        "A d a  B y r n e",
        "Ada By-\nrne",
        "Adá Byrne",
    ],
)
def test_other_forms_of_a_name_are_found(form: str) -> None:
    assert form in _spread(f"Ada Byrne\nx {form} y", "Ada Byrne", "PERSON")


@pytest.mark.parametrize("word", ["ada", "Adapter", "byrnes"])
def test_other_words_are_no_forms_of_it(word: str) -> None:
    assert word not in _spread(f"Ada Byrne\nx {word} y", "Ada Byrne", "PERSON")


def test_a_technology_named_as_a_person_stays_among_skills() -> None:
    text = "Ada Byrne\nSkills\nAda, Python"
    found = Propagation(Source(text)).spread([Span(start=0, end=9, label="PERSON")])
    assert max(span.end for span in found) == 9


@pytest.mark.parametrize(
    ("label", "surface", "form"),
    [
        ("PHONE_NUMBER", "+44 20 7946 0958", "(020) 79460958"),
        ("EMAIL_ADDRESS", "quell7@post.example", "quell7"),
        ("URL", "code.example/quell7", "quell7"),
        ("USERNAME", "@quell7", "quell7"),
        ("ID_NUMBER", "AB-1234-56", "AB 123456"),
        ("ORGANIZATION", "Brackwater Analytics Ltd", "Brackwater Analytics"),
        ("SCHOOL", "Brack  School", "BRACK SCHOOL"),
    ],
)
def test_other_forms_of_what_was_found_are_found(label: str, surface: str, form: str) -> None:
    assert any(
        form in found or found in form for found in _spread(f"x {surface} y\nand {form} too", surface, label)
    )


def test_the_local_part_of_an_office_is_no_handle() -> None:
    assert _spread("info@post.example has info", "info@post.example", "EMAIL_ADDRESS") == set()
