"""Sections: where they begin, whatever they are called."""

from __future__ import annotations

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.sections import find_sections


def rows_of(*lines: str | tuple[str, float]) -> list[Row]:
    rows, start = [], 0
    for line in lines:
        text, size = (line, None) if isinstance(line, str) else line
        rows.append(Row(text, start, size=size))
        start += len(text) + 1
    return rows


def kinds(rows: list[Row]) -> list[tuple[str, list[str]]]:
    return [(section.kind, [row.text for row in section.rows]) for section in find_sections(rows)]


def test_rows_belong_to_the_heading_above_them() -> None:
    rows = rows_of("Anna Berg", "WORK EXPERIENCE", "Cook", "EDUCATION", "BSc")
    assert kinds(rows) == [("header", ["Anna Berg"]), ("work", ["Cook"]), ("education", ["BSc"])]
    sections = find_sections(rows)
    assert [(section.start, section.end) for section in sections] == [(0, 9), (10, 30), (31, 44)]


def test_an_empty_section_ends_with_its_heading() -> None:
    [section] = find_sections(rows_of("Skills"))
    assert (section.start, section.end, section.rows) == (0, 6, ())


def test_a_heading_in_strange_words_is_known_by_its_look() -> None:
    rows = rows_of(
        ("Skills", 14.0),
        ("SQL", 10.0),
        ("Languages", 14.0),
        ("English", 10.0),
        ("Patents held", 14.0),
        ("x y z", 10.0),
    )
    assert kinds(rows)[-1] == ("other", ["x y z"])


def test_a_label_in_small_letters_is_no_heading() -> None:
    rows = rows_of(
        ("Work", 14.0),
        ("Cook", 10.0),
        ("Education", 14.0),
        ("BSc", 10.0),
        ("Skills", 14.0),
        ("Languages", 10.0),
        ("Python, Go", 10.0),
    )
    assert kinds(rows)[-1] == ("skills", ["Languages", "Python, Go"])


def test_a_heading_may_stand_on_the_row_of_its_text() -> None:
    rows = rows_of("Anna Berg", "Skills: SQL, Go", "Languages: English", "Languages: Python, C")
    assert kinds(rows) == [
        ("header", ["Anna Berg"]),
        ("skills", ["SQL, Go"]),
        ("languages", ["English", "Languages: Python, C"]),
    ]


def test_among_skills_only_spoken_languages_open_a_section() -> None:
    rows = rows_of("Skills", "Languages: Python, C", "Languages\tEnglish, German")
    assert kinds(rows) == [("skills", ["Languages: Python, C"]), ("languages", ["English, German"])]


def test_a_sidebar_may_stand_before_the_name() -> None:
    rows = rows_of(
        ("SKILLS", 12.0), ("SQL", 10.0), ("Anna Berg", 26.0), ("a cook with many years of work", 10.0)
    )
    assert kinds(rows) == [("skills", ["SQL"]), ("header", ["Anna Berg", "a cook with many years of work"])]


def test_nothing_has_no_sections() -> None:
    assert find_sections([]) == []
