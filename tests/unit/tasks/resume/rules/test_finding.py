"""All rules together."""

from __future__ import annotations

from spanwise.documents import ReadDocument
from spanwise.tasks.resume.fields import EMAIL, HEADLINE, NAME, SUMMARY, URL
from spanwise.tasks.resume.rows import find_rows
from spanwise.tasks.resume.rules.finding import find_candidates
from spanwise.tasks.resume.sections import find_sections


def found(text: str, links: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    rows = find_rows(ReadDocument(status="ok", text=text))
    candidates = find_candidates(text, rows, find_sections(rows), links)
    return [(each.label, text[each.start : each.end]) for each in candidates]


def test_a_referee_is_not_the_person() -> None:
    text = "Ann Lee\nann@mail.example\nReferences\nBo Ek\nbo@mail.example"
    assert [words for label, words in found(text) if label == NAME] == ["Ann Lee"]


def test_a_summary_needs_no_heading() -> None:
    text = "Ann Lee\nA cook with many years of work in busy kitchens.\nSkills\nSQL"
    assert (SUMMARY, "A cook with many years of work in busy kitchens.") in found(text)


def test_a_summary_with_a_heading_is_the_only_one() -> None:
    text = "Ann Lee\nA cook with many years of work in busy kitchens.\nProfile\nCalm.\nEven at noon."
    assert [words for label, words in found(text) if label == SUMMARY] == ["Calm.\nEven at noon."]


def test_a_bare_name_with_a_link_is_an_address() -> None:
    text = "Ann Lee\nann@mail.example\tann"
    assert (URL, "ann") in found(text, ("https://github.com/ann",))
    assert [label for label, _ in found(text)] == [NAME, EMAIL]


def test_the_headline_stands_below_the_name() -> None:
    assert (HEADLINE, "Head Cook") in found("Ann Lee\nHead Cook\nann@mail.example")
