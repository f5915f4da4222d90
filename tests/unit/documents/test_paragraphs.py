"""What is one line of text again, and what are items below each other."""

from __future__ import annotations

import pytest

from spanwise.documents.document import LIMITS
from spanwise.documents.pdf import read_pdf
from tests.paperwork import Placed, column, pdf


def lines(*placed: Placed, bold: tuple[str, ...] = ()) -> list[str]:
    return read_pdf(pdf(placed, bold=bold), LIMITS).text.split("\n")


def item(mark: str, top: float, text: str, *, indent: float = 10) -> list[Placed]:
    return [(50, top, mark), (50 + indent, top, text)]


@pytest.mark.parametrize("mark", ["-", "\u2013", "*"])
def test_marks_that_are_typed_before_a_hanging_indent_are_those_of_a_list(mark: str) -> None:
    placed = [*item(mark, 60, "Kept the tide tables"), *item(mark, 73, "Moved them from paper")]
    assert lines(*placed) == ["• Kept the tide tables", "• Moved them from paper"]


def test_marks_are_those_of_a_list_without_an_indent_where_there_are_several() -> None:
    assert lines(*column(["- Kept the tables", "- Moved them"])) == ["• Kept the tables", "• Moved them"]
    assert lines((50, 60, "- and that was all")) == ["- and that was all"]


def test_a_dash_before_a_year_is_no_mark_of_a_list() -> None:
    assert lines(*column(["May 2014", "- June 2016", "", "May 2010", "- June 2014"]))[1] == "- June 2016"


def test_an_item_goes_on_below_its_text_with_a_capital_letter() -> None:
    first = "Cut the costs of a year by a third with new contracts of all the suppliers and of the"
    placed = [*item("\u2022", 60, first), (60.0, 73.0, "Harbour."), *item("\u2022", 86, "Rested")]
    assert lines(*placed) == [f"• {first} Harbour.", "• Rested"]


def test_a_mark_that_divides_contact_details_begins_no_item() -> None:
    first = (
        "+44 20 7946 0001 \u2022 ana@mail.example \u2022 linkedin.com/in/ana-torres-the-engineer-of-harbours"
    )
    placed = [(50.0, 60.0, first), (50.0, 73.0, "\u2022 github.com/ana-torres-the-engineer")]
    assert lines(*placed) == [f"{first} \u2022 github.com/ana-torres-the-engineer"]


@pytest.mark.parametrize(
    "items",
    [
        ["English \u2013 native", "Nederlands \u2013 fluent in all"],
        ["English: native", "Nederlands: fluent"],
        ["English (native)", "Nederlands (fluent in all)"],
        ["Born: 1 May 1990", "Nationality: Portuguese"],
        [
            "+44 20 7946 0001",
            "ana.torres@mail.example",
            "www.ana-torres.example",
            "github.com/ana-torres-engineer",
        ],
        ["Rua da Prata 82", "1100 Lisboa"],
    ],
)
def test_items_of_a_narrow_column_are_no_paragraph(items: list[str]) -> None:
    longer = [
        "Kept the tide tables of",
        "four ports in step with",
        "the pilots who read the",
        "tables on every day",
    ]
    placed = [*column(longer), *column(items, top=160)]
    assert lines(*placed)[-len(items) :] == items


def test_what_follows_a_label_goes_on_with_it() -> None:
    placed = column(["Address: Rua da Prata 82 by the", "Lisbon", "", "Phone: +44 20 7946 0001"])
    assert lines(*placed)[0] == "Address: Rua da Prata 82 by the Lisbon"


def test_lines_that_stand_wider_apart_than_in_a_paragraph_are_none() -> None:
    prose = [
        "kept the tide tables of all ports",
        "together with the pilots that read",
        "these in every one of the boats",
    ]
    courses = ["Sailing and Steering of the Boats", "Navigation of Rivers in Winters"] * 2
    placed = [*column(prose), *column(courses, top=120, leading=17)]
    assert lines(*placed) == [" ".join(prose), *courses]


def test_a_title_in_two_lines_stands_before_the_dates_beside_it() -> None:
    titles = ("Master of Science in the Engineering of Harbours and of", "Estuaries", "Doctor of Tides")
    placed = [(50, 60, titles[0]), (350, 60, "2012 - 2014"), (50, 73, titles[1]), (50, 90, "Quay College")]
    placed += [(50, 112, titles[2]), (350, 112, "2014 - 2018"), (50, 125, "Quay College")]
    found = lines(*placed, bold=titles)
    assert found[0] == f"{titles[0]} {titles[1]}\t2012 - 2014"
    assert found[1:] == ["Quay College", f"{titles[2]}\t2014 - 2018", "Quay College"]
