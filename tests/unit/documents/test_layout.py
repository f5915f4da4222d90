"""Reading order against known truth: the words of each layout come in the order in which people read them."""

from __future__ import annotations

import pytest

from spanwise.documents.document import LIMITS, Layout, ReadDocument
from spanwise.documents.pdf import read_pdf
from tests.paperwork import PROSE, Placed, column, pdf, wrapped

MAIN = (
    "Experience",
    "Harbour Systems, Lead Engineer",
    "Kept the tide tables of four ports in step with",
    "the pilots who read them, and moved them from",
    "paper to a service that answers in seconds.",
    "",
    "Quay Software, Engineer",
    "Wrote the first booking form that worked on a",
    "telephone, and the tests that kept it working.",
)
ASIDE = (
    "Contact",
    "ana@example.org",
    "+44 20 7946 0001",
    "",
    "",
    "Skills",
    "Python",
    "Go",
    "",
    "Languages",
    "Spanish",
)


def read(*pages: list[Placed], bold: tuple[str, ...] = ()) -> ReadDocument:
    return read_pdf(pdf(*pages, bold=bold), LIMITS)


def words(*texts: str) -> list[str]:
    return " ".join(texts).split()


def test_one_column_is_read_from_the_top() -> None:
    document = read(column(wrapped(PROSE, 80)))
    assert document.text == PROSE
    assert (document.layout, document.columns) == ("single", 1)


@pytest.mark.parametrize("by_row", [False, True])
def test_two_columns_are_read_one_after_the_other_however_the_file_orders_them(by_row: bool) -> None:
    left, right = wrapped(PROSE, 40), wrapped(PROSE.upper(), 34)
    placed = [*column(left), *column(right, left=310)]
    if by_row:
        placed.sort(key=lambda each: each[1])
    document = read(placed)
    assert document.text.split() == words(*left, *right)
    assert (document.layout, document.columns) == ("columns", 2)


def test_paragraphs_that_begin_together_by_chance_make_no_table() -> None:
    left, right = wrapped(PROSE, 40), wrapped(PROSE.upper(), 40)
    document = read([*column(left, leading=12), *column(right, left=310, leading=12)])
    assert len(left) == len(right)
    assert document.text.split() == words(*left, *right)


def test_a_heading_across_two_columns_is_read_before_both() -> None:
    name = [
        (50.0, 40.0, "Ana Torres, an engineer of harbours with a very long name and a longer title still")
    ]
    left, right = wrapped(PROSE, 40), wrapped(PROSE.upper(), 34)
    document = read([*name, *column(left, top=80), *column(right, left=310, top=80)])
    assert document.text.split() == words(name[0][2], *left, *right)


def test_a_sidebar_does_not_run_into_what_stands_beside_it() -> None:
    document = read([*column(ASIDE, leading=14.5), *column(MAIN, left=200)], bold=("Experience", "Contact"))
    assert document.text.split() == words(*ASIDE, *MAIN)
    assert (document.layout, document.columns) == ("sidebar", 2)


def test_three_columns_are_read_from_left_to_right() -> None:
    texts = [wrapped(text, 22) for text in (PROSE, PROSE.upper(), PROSE.swapcase())]
    document = read(
        [each for index, lines in enumerate(texts) for each in column(lines, left=40 + 180 * index)]
    )
    assert document.text.split() == words(*(line for lines in texts for line in lines))
    assert document.columns == 3


def test_dates_flush_right_stay_with_the_title_they_stand_beside() -> None:
    lines = [*column(MAIN[1:]), (430.0, 60.0, "2019 - 2024"), (430.0, 60.0 + 5 * 13, "2015 - 2019")]
    document = read(lines)
    assert document.text.split("\n")[0] == "Harbour Systems, Lead Engineer\t2019 - 2024"
    assert "Quay Software, Engineer\t2015 - 2019" in document.text
    assert document.columns == 1


def test_dates_in_several_lines_follow_the_title_and_not_the_item_beside_them() -> None:
    entry = [
        "Harbour Systems",
        "\u2022 Kept the tide tables of four ports",
        "\u2022 Moved them from paper",
        "\u2022 Rested",
    ]
    second = ["Quay Software", "\u2022 Wrote the first form that worked", "\u2022 Tested it", "\u2022 Left"]
    dates = [
        (430.0, 60.0, "Lisbon, PT"),
        (420.3, 73.0, "2019 - 2024"),
        (430.0, 118.0, "Lisbon, PT"),
        (420.3, 131.0, "2015 - 2019"),
    ]
    document = read([*column(entry), *column(second, top=118), *dates])
    lines = document.text.split("\n")
    assert lines[:3] == ["Harbour Systems\tLisbon, PT", "2019 - 2024", entry[1]]
    assert lines[5:7] == ["Quay Software\tLisbon, PT", "2015 - 2019"]


def test_a_table_is_read_row_by_row_and_cell_by_cell() -> None:
    rows = [
        ("2019", wrapped(PROSE[:170], 60)),
        ("2015", wrapped(PROSE[:120].upper(), 60)),
        ("2011", ["Museum"]),
    ]
    placed: list[Placed] = []
    top = 60.0
    for year, cell in rows:
        placed += [(50, top, year), *column(cell, left=150, top=top)]
        top += 13 * len(cell) + 12
    document = read(placed)
    assert document.text.split() == words(*(word for year, cell in rows for word in (year, *cell)))
    assert document.layout == "table"


def test_a_grid_of_short_cells_is_read_row_by_row() -> None:
    rows = [("Python", "expert", "12 years"), ("Go", "good", "4 years"), ("Spanish", "native", "always")]
    placed = [
        (50.0 + 150 * x, 60.0 + 15 * y, cell) for y, row in enumerate(rows) for x, cell in enumerate(row)
    ]
    assert read(placed).text == "\n".join("\t".join(row) for row in rows)


def test_labels_stand_before_their_values() -> None:
    placed = [
        (50.0, 60.0, "Languages"),
        (150.0, 60.0, "Python, Go and"),
        (150.0, 73.0, "some C"),
        (50.0, 95.0, "Tools"),
        (150.0, 95.0, "Make"),
        (150.0, 108.0, "Bazel"),
    ]
    assert read(placed).text.split() == words("Languages Python, Go and some C Tools Make Bazel")


@pytest.mark.parametrize("number", [1, 2])
def test_pages_are_divided_by_a_form_feed(number: int) -> None:
    document = read(*[column([f"Page {page}"]) for page in range(number)])
    assert document.text == "\f".join(f"Page {page}" for page in range(number))
    assert [line.page for line in document.lines] == list(range(1, number + 1))


def test_a_heading_that_climbs_a_margin_stands_last() -> None:
    import io

    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.saveState()
    canvas.rotate(90)
    canvas.drawString(300, -30, "RESUME SIDEWAYS")
    canvas.restoreState()
    canvas.drawString(100, 700, "Ana Torres")
    canvas.save()
    assert read_pdf(buffer.getvalue(), LIMITS).text.startswith("Ana Torres\n")


def test_layouts_are_ranked() -> None:
    from spanwise.documents.layout import richest

    found: list[Layout] = ["table", "single", "sidebar"]
    assert richest(found) == "sidebar"
    assert richest([]) == "single"


def timeline(*, font: float = 10, tight: float = 13) -> list[Placed]:
    """Headings over a narrow column of dates, with entries beside these."""
    placed: list[Placed] = []
    top = 60.0
    for heading, entries in (
        ("EDUCATION", [("Sept 2014 - June 2018", "Quay College", "Physics")] * 2),
        ("WORK", [("May 2018 - June 2021", "Harbour Systems", "Engineer")] * 3),
    ):
        placed.append((50, top, heading))
        top += 1.45 * tight
        for dates, name, role in entries:
            placed += [(50, top, dates), (190, top, name), (190, top + tight, role)]
            top += 2.2 * tight
        top += 0.6 * tight
    return placed


def test_dates_on_the_left_stay_with_their_entries_below_headings_that_stand_over_them() -> None:
    document = read(timeline(), bold=("EDUCATION", "WORK"))
    study, job = "Sept 2014 - June 2018 Quay College Physics", "May 2018 - June 2021 Harbour Systems Engineer"
    assert document.text.split() == words("EDUCATION", study, study, "WORK", job, job, job)


def test_years_beside_single_lines_below_a_heading_are_read_row_by_row() -> None:
    placed = [
        (50.0, 60.0, "AWARDS"),
        (50.0, 79.0, "2018"),
        (150.0, 79.0, "Best Thesis"),
        (50.0, 96.0, "2022"),
        (150.0, 96.0, "Medal of Pilots"),
    ]
    assert read(placed).text.split("\n") == ["AWARDS", "2018\tBest Thesis", "2022\tMedal of Pilots"]


def test_a_centred_letterhead_is_no_column_beside_the_headings_below() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    head = ["Ana Torres, engineer of harbours", "ana@mail.example, Lisbon", "+44 20 7946 0001"]
    centred = [
        (297.5 - stringWidth(line, "Helvetica", 10) / 2, 50.0 + 14 * index, line)
        for index, line in enumerate(head)
    ]
    title = [(50.0, 100.0, "Work"), (50.0, 119.0, "Engineer"), (487.0, 119.0, "2019 - 2024")]
    body = column(wrapped(PROSE, 90), top=132)
    assert read([*centred, *title, *body]).text.split("\n")[:5] == [*head, "Work", "Engineer\t2019 - 2024"]


def test_dates_flush_right_in_many_words_are_no_column_of_prose() -> None:
    placed: list[Placed] = []
    dates = (
        "March 2025 - Present",
        "August 2021 - February 2025",
        "May 2018 - June 2021",
        "June 2013 - April 2018",
    )
    for index, date in enumerate(dates):
        top = 60.0 + 40 * index
        placed += [(50, top, f"Harbour Systems number {index}, Engineer"), (540 - 4.9 * len(date), top, date)]
        placed += [
            (50, top + 13 * line, "Kept the tide tables of four ports in step and more") for line in (1, 2)
        ]
    assert [line.partition("\t")[2] for line in read(placed).text.split("\n") if "\t" in line] == [*dates]
