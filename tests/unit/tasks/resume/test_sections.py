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


def test_a_heading_in_bold_may_stand_before_its_text() -> None:
    rows = [
        *rows_of("Anna Berg", "Work", "Cook"),
        Row("Honours and Awards: Golden Spoon", 100, bold=True),
        Row("Personal details: born in Bergen", 200, bold=True),
    ]
    assert kinds(rows)[1:] == [
        ("work", ["Cook"]),
        ("awards", ["Golden Spoon"]),
        ("contact", ["born in Bergen"]),
    ]
    plain = [Row("Work", 0), Row("Honours and Awards: Golden Spoon", 10)]
    assert kinds(plain) == [("work", ["Honours and Awards: Golden Spoon"])]


def test_headings_of_a_column_in_small_letters_are_headings() -> None:
    wide = [(name, 14.0) for name in ("Profile", "Experience", "Education")]
    rows = rows_of(("Skills", 8.0), ("SQL", 7.0), *(each for name in wide for each in (name, ("text", 10.0))))
    assert kinds(rows)[0] == ("skills", ["SQL"])


def test_a_job_title_that_begins_as_a_heading_does_is_none() -> None:
    rows = rows_of(("Fritz Krein", 20.0), ("Personalreferent", 12.0), ("Köln", 10.0), ("text of more", 10.0))
    assert kinds(rows) == [("header", ["Fritz Krein", "Personalreferent", "Köln", "text of more"])]


def test_a_single_word_below_a_blank_line_may_be_a_heading() -> None:
    rows = [*rows_of("Skills", "SQL"), Row("Referenzpersonen", 50, gap=1.0), Row("Eva Stein", 70)]
    assert kinds(rows)[-1] == ("references", ["Eva Stein"])
