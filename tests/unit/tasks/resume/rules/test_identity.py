"""Name and headline: by place, by size, by the e-mail address."""

from __future__ import annotations

import pytest

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.identity import find_identity


def identity(*lines: str, emails: tuple[str, ...] = (), sizes: tuple[float, ...] = ()) -> dict[str, str]:
    rows, start = [], 0
    for index, line in enumerate(lines):
        rows.append(Row(line, start, size=sizes[index] if sizes else None))
        start += len(line) + 1
    text = "\n".join(lines)
    found = find_identity(rows, emails, [], max(sizes, default=None))
    return {each.label: text[each.start : each.end] for each in found}


def test_the_first_row_is_the_name_and_the_title_below_it_the_headline() -> None:
    assert identity("Anna Berg", "Software Engineer") == {
        "Name": "Anna Berg",
        "Headline": "Software Engineer",
    }


def test_the_title_of_the_document_is_not_the_name() -> None:
    assert identity("Curriculum Vitae", "Anna Berg") == {"Name": "Anna Berg"}


def test_the_largest_letters_win_over_the_first_row() -> None:
    found = identity("Spring Collection", "Anna Berg", sizes=(10.0, 24.0))
    assert found["Name"] == "Anna Berg"


def test_the_email_address_tells_which_row_is_the_name() -> None:
    found = identity("Northern Lights", "Anna Berg", emails=("anna.berg@mail.example",))
    assert found["Name"] == "Anna Berg"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("John Doe - Software Engineer", "John Doe"),
        ("Name: Ludwig van der Berg", "Ludwig van der Berg"),
        ("Dr. Anna Berg", "Dr. Anna Berg"),
        ("ANNA BERG", "ANNA BERG"),
    ],
)
def test_a_name_is_cut_out_of_its_row(line: str, name: str) -> None:
    assert identity(line)["Name"] == name


@pytest.mark.parametrize("line", ["5 rows of text", "lower case words", "France", "Anna"])
def test_other_rows_are_no_names(line: str) -> None:
    assert identity(line) == {}


def test_a_short_row_below_the_name_is_a_headline_even_in_unknown_words() -> None:
    assert identity("Anna Berg", "Weaver of carpets")["Headline"] == "Weaver of carpets"
    assert "Headline" not in identity("Anna Berg", "I weave carpets for a living.")
