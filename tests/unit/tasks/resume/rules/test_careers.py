"""Jobs and studies from their heads."""

from __future__ import annotations

import pytest

from spanwise.tasks.resume.entries import split_entries
from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules.careers import find_jobs, find_studies, job_place


def rows_of(text: str) -> list[Row]:
    rows, start = [], 0
    for line in text.split("\n"):
        rows.append(Row(line, start))
        start += len(line) + 1
    return rows


def jobs(text: str) -> list[tuple[str, str]]:
    found = find_jobs(split_entries(rows_of(text)))
    return [(each.label, text[each.start : each.end]) for each in sorted(found, key=lambda each: each.start)]


def studies(text: str) -> dict[str, str]:
    found = find_studies(split_entries(rows_of(text)))
    return {each.label: text[each.start : each.end] for each in found}


def test_a_job_has_an_employer_a_position_and_dates() -> None:
    text = "Developer, SAP SE, Walldorf\n03/2018 – heute\n• Built things"
    assert jobs(text) == [
        ("Position", "Developer"),
        ("Employer", "SAP SE"),
        ("StartDate", "03/2018"),
        ("EndDate", "heute"),
    ]
    [entry] = split_entries(rows_of(text))
    place = job_place(entry, (text.index("SAP"), text.index("SAP") + 6))
    assert place is not None
    assert place.text == "Walldorf"


def test_an_employer_of_several_names_keeps_them() -> None:
    assert ("Employer", "Smith, Johnson and Brown") in jobs("Smith, Johnson and Brown\tEngineer\t2019 – 2020")


@pytest.mark.parametrize(
    ("text", "degree", "area"),
    [
        ("PhD in Computer Science\nMIT College\t2018 – 2023", "PhD", "Computer Science"),
        ("Master of Science Informatik\nUniversität Bonn\n2018 – 2020", "Master of Science", "Informatik"),
        ("Diploma in Accounting\nBoise College\n2010 – 2014", "Diploma", "Accounting"),
        ("Licenciatura en Derecho\nUniversidad de Granada\n2010 – 2014", "Licenciatura", "Derecho"),
        ("Master en Soins infirmiers\nUniversité de Lyon\n2010 – 2014", "Master", "Soins infirmiers"),
        ("Laurea magistrale in Economia\nUniversità di Pisa\n2010 – 2014", "Laurea magistrale", "Economia"),
        ("BS\tBonn University, Computer Engineering\n2014 – 2018", "BS", "Computer Engineering"),
        ("PhD\tBonn University, PhD in Physics\t2014 – 2018", "PhD", "Physics"),
    ],
)
def test_a_degree_is_told_from_its_area(text: str, degree: str, area: str) -> None:
    found = studies(text)
    assert (found["Degree"], found["Area"]) == (degree, area)
    assert "School" in found
    assert {"StartDate", "EndDate"} <= found.keys()


def test_an_area_may_stand_before_its_school() -> None:
    assert studies("BA\tHistory, Bonn University\t2001 – 2004")["Area"] == "History"
