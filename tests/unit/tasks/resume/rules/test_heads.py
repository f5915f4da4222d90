"""The pieces of a head, and which of them is which."""

from __future__ import annotations

import pytest

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules import vocabulary
from spanwise.tasks.resume.rules.heads import cut_head, cut_name, fill_slots

SCORERS = {
    "title": lambda text: vocabulary.evidence(text, "titles"),
    "employer": lambda text: vocabulary.evidence(text, "organisations"),
}


def pieces(text: str, wanted: int = 2) -> list[str]:
    return [piece.text for piece in cut_head([Row(text, 0)], wanted=wanted).pieces]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Software Engineer at Acme Inc", ["Software Engineer", "Acme Inc"]),
        ("Acme, Inc. | Developer (2019 – 2020)", ["Acme, Inc.", "Developer"]),
        ("Developer, Acme", ["Developer", "Acme"]),
        ("Costa - EI – Analista", ["Costa - EI", "Analista"]),
        ("Smith, Johnson and Brown\tEngineer, civil", ["Smith, Johnson and Brown", "Engineer, civil"]),
        ("Editor, Acme Services – Bonn", ["Editor", "Acme Services", "Bonn"]),
    ],
)
def test_a_head_is_cut_at_what_divides_it(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_places_stand_apart() -> None:
    head = cut_head([Row("NVIDIA Research, Research Intern\tSanta Clara, CA", 5)], wanted=2)
    assert [piece.text for piece in head.pieces] == ["NVIDIA Research", "Research Intern"]
    assert [piece.text for piece in head.places] == ["Santa Clara, CA"]
    assert head.places[0].start == 5 + len("NVIDIA Research, Research Intern\t")


@pytest.mark.parametrize(
    ("text", "place"), [("Miller and Payne, Denver, CO", "Denver, CO"), ("Acme, Co.", None)]
)
def test_colorado_is_no_company(text: str, place: str | None) -> None:
    assert [piece.text for piece in cut_head([Row(text, 0)], wanted=1).places] == ([place] if place else [])


def test_entries_decide_together_where_words_do_not_tell() -> None:
    heads = [
        cut_head([Row(text, 0)], wanted=2)
        for text in ("Veltri – Developer", "Okra – Consultant", "Blue Fern – Wordsmithery")
    ]
    filled = fill_slots(heads, SCORERS, ("title", "employer"))
    assert [each["employer"][0].text for each in filled] == ["Veltri", "Okra", "Blue Fern"]
    sure = [each["title"][1] for each in filled]
    assert sure[0] > sure[2]


def test_without_any_evidence_the_usual_order_decides() -> None:
    [filled] = fill_slots([cut_head([Row("Abc – Def", 0)], wanted=2)], SCORERS, ("title", "employer"))
    assert (filled["title"][0].text, filled["employer"][0].text) == ("Abc", "Def")


def test_a_name_keeps_its_commas_and_prepositions() -> None:
    row = Row("Sparse Mixtures at Scale: Routing, Fast\tJuly 2023", 0)
    assert [piece.text for piece in cut_name(row)] == ["Sparse Mixtures at Scale: Routing, Fast"]
    given = cut_name(Row("First Aid, Red Cross (2019)", 0), at_comma=True)
    assert [piece.text for piece in given] == ["First Aid", "Red Cross"]
