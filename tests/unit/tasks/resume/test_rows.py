"""Rows: what a document's text is divided into."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents import Line, ReadDocument
from spanwise.tasks.resume.rows import Row, body_size, find_rows


def document(text: str, lines: tuple[Line, ...] = ()) -> ReadDocument:
    return ReadDocument(status="ok", format="txt", text=text, lines=lines)


@given(st.text(alphabet="ab •-=\n\f\t 1/2", max_size=60))
def test_a_row_is_the_text_at_its_offsets(text: str) -> None:
    end = 0
    for row in find_rows(document(text)):
        assert row.start >= end
        assert text[row.start : row.end] == row.text == row.text.strip() != ""
        end = row.end


def test_a_row_is_set_as_the_line_that_it_begins_in() -> None:
    lines = (
        Line(page=1, number=1, start=0, end=4, size=20.0, bold=True),
        Line(page=2, number=1, start=5, end=9, size=10.0, gap=1.5),
        Line(page=2, number=2, start=9, end=12, size=11.0),
    )
    first, second = find_rows(document("Name\nsome text", lines))
    assert (first.page, first.size, first.bold) == (1, 20.0, True)
    assert (second.page, second.size, second.bold, second.gap) == (2, 10.0, False, 1.5)


def test_page_numbers_and_repeated_titles_are_left_out() -> None:
    text = "Anna Berg\nwork\nAnna Berg – CV\nPage 1 of 2\nAnna Berg – 1/2\fSeite 2"
    assert [row.text for row in find_rows(document(text))] == ["Anna Berg", "work"]


def test_a_title_that_names_the_person_first_stays() -> None:
    assert [row.text for row in find_rows(document("Anna Berg – CV"))] == ["Anna Berg – CV"]


def test_a_line_drawn_below_a_row_makes_it_a_heading() -> None:
    rows = find_rows(document("Skills\n======\nSQL"))
    assert [(row.text, row.heading) for row in rows] == [("Skills", 1), ("SQL", None)]


def test_a_piece_of_a_row_keeps_its_place() -> None:
    row = Row("• Sold  shoes", 10)
    assert row.bullet == 2
    piece = row.piece(6, 13)
    assert (piece.text, piece.start, piece.end) == ("shoes", 18, 23)
    assert row.words == 3
    assert not row.caps
    assert Row("SKILLS", 0).caps


def test_the_size_of_the_text_is_that_of_most_words() -> None:
    assert body_size([Row("Big Name", 0, size=20.0), Row("many words in the text", 9, size=10.0)]) == 10.0
    assert body_size([Row("no size", 0)]) is None


def test_a_footer_that_is_read_before_the_name_is_left_out() -> None:
    assert [row.text for row in find_rows(document("English\nAnna Berg – CV\nAnna Berg"))] == [
        "English",
        "Anna Berg",
    ]
