"""Skills, languages and short lists."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.lists import (
    find_languages,
    find_named,
    find_skills,
    named_entries,
    skill_label,
)


def rows_of(text: str) -> list[Row]:
    rows, start = [], 0
    for line in text.split("\n"):
        rows.append(Row(line, start))
        start += len(line) + 1
    return rows


def words(text: str, found: Iterable[Candidate]) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in found]


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Python, C++ (Qt, Boost); CI/CD | SQL", ["Python", "C++ (Qt, Boost)", "CI/CD", "SQL"]),
        ("Programming: Java, Go", ["Java", "Go"]),
        ("• Negotiation\n• Time management", ["Negotiation", "Time management"]),
        ("Python ●●●○○, Excel – advanced", ["Python", "Excel"]),
        ("Languages:\nPython, Go", ["Python", "Go"]),
        ("a sentence about many skills that goes on for too long to be one", []),
    ],
)
def test_skills_are_what_a_list_is_divided_into(text: str, skills: list[str]) -> None:
    assert words(text, find_skills(rows_of(text))) == [("Skill", skill) for skill in skills]


def test_a_label_stands_before_its_skills_or_above_them() -> None:
    text = "Web: HTML, CSS\nTools:\nGit, Make"
    rows = rows_of(text)
    labels = [skill_label(rows, index) for index in range(3)]
    assert [label and text[slice(*label)] for label in labels] == ["Web", None, "Tools"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("English (C1), German: native", ["English", "C1", "German", "native"]),
        (
            "Français : langue maternelle\nAnglais courant",
            ["Français", "langue maternelle", "Anglais", "courant"],
        ),
        ("Português: Língua materna, Klingon: B1", ["Português", "Língua materna", "Klingon", "B1"]),
        ("Mandarin Chinese – fluent", ["Mandarin Chinese", "fluent"]),
        ("• Deutsch\tMuttersprache", ["Deutsch", "Muttersprache"]),
        ("Quenya (basic)", ["Quenya", "basic"]),
    ],
)
def test_languages_come_with_how_well_they_are_known(text: str, expected: list[str]) -> None:
    assert [word for _, word in words(text, find_languages(rows_of(text)))] == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (
            "certificates",
            "First Aid, Red Cross, 2019\nScrum Master (2021)",
            ["First Aid", "2019", "Scrum Master", "2021"],
        ),
        ("awards", "• Best Thesis (2018)\n• Young Talent", ["Best Thesis", "2018", "Young Talent"]),
        ("projects", "Tracker: a tool\nMap: another one", ["Tracker", "Map"]),
        (
            "projects",
            "FlashTool\tJan 2023 – May 2023\nA library of kernels",
            ["FlashTool", "Jan 2023", "May 2023"],
        ),
        ("publications", "On Teams, Acta Practica (2019)", ["On Teams", "2019"]),
        (
            "references",
            "Ann Lee\nHead, Acme\n+1 415 555 0100\nBo Ek\nCook, Inn\nbo@inn.example",
            ["Ann Lee", "Bo Ek"],
        ),
    ],
)
def test_entries_are_called_by_their_first_piece(kind: str, text: str, expected: list[str]) -> None:
    assert [word for _, word in words(text, find_named(kind, rows_of(text)))] == expected


def test_a_section_without_rows_has_no_entries() -> None:
    assert named_entries("awards", []) == []
