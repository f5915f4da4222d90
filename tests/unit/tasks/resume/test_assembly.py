"""Spans to items: the same for rules and taggers."""

from __future__ import annotations

from typing import Any

from spanwise.documents import ReadDocument
from spanwise.tasks.resume import fields
from spanwise.tasks.resume.assembly import assemble
from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.rows import find_rows
from spanwise.tasks.resume.sections import find_sections
from spanwise.tasks.resume.value import plain


def assembled(text: str, *found: tuple[str, str, float]) -> Any:
    candidates, place = [], 0
    for words, label, confidence in found:
        place = text.index(words, place)
        candidates.append(
            Candidate(
                start=place, end=place + len(words), label=label, confidence=confidence, source="tagger"
            )
        )
        place += len(words)
    sections = find_sections(find_rows(ReadDocument(status="ok", text=text)))
    return plain(assemble(text, sections, candidates))


def test_two_roles_in_one_entry_are_two_jobs() -> None:
    text = "Work\nInn, Cook, 2019 – 2020, Bar, Waiter, 2017 – 2018"
    found = assembled(
        text,
        ("Inn", fields.EMPLOYER, 0.9),
        ("Cook", fields.POSITION, 0.9),
        ("2019", fields.START_DATE, 0.9),
        ("2020", fields.END_DATE, 0.9),
        ("Bar", fields.EMPLOYER, 0.9),
        ("Waiter", fields.POSITION, 0.9),
        ("2017", fields.START_DATE, 0.9),
        ("2018", fields.END_DATE, 0.9),
    )
    assert [(job["employer"], job["position"], job["start"], job["end"]) for job in found["work"]] == [
        ("Inn", "Cook", "2019", "2020"),
        ("Bar", "Waiter", "2017", "2018"),
    ]


def test_spans_under_a_heading_that_nobody_knows_still_make_jobs() -> None:
    found = assembled(
        "Ann Lee\nCook at Inn\n2019 – today", ("Cook", fields.POSITION, 0.9), ("Inn", fields.EMPLOYER, 0.9),
        ("2019", fields.START_DATE, 0.9), ("today", fields.END_DATE, 0.9),
    )  # fmt: skip
    [job] = found["work"]
    assert (job["position"], job["employer"], job["start"], "end" in job) == ("Cook", "Inn", "2019", False)


def test_what_stands_in_the_head_comes_before_what_is_told() -> None:
    text = "Work\nCook, Inn\n2019 – 2020\n• helped Bar with its menu"
    found = assembled(
        text, ("Cook", fields.POSITION, 0.8), ("Inn", fields.EMPLOYER, 0.5), ("Bar", fields.EMPLOYER, 0.99)
    )
    assert [job["employer"] for job in found["work"]] == ["Inn"]


def test_a_date_that_tells_none_is_left_out() -> None:
    found = assembled(
        "Work\nCook, Inn, sometime", ("Cook", fields.POSITION, 0.9), ("sometime", fields.END_DATE, 0.9)
    )
    assert found["work"] == [{"position": "Cook"}]


def test_a_shared_year_belongs_to_both_months() -> None:
    found = assembled(
        "Work\nCook\nMay – Aug 2020", ("Cook", fields.POSITION, 0.9), ("May", fields.START_DATE, 0.9),
        ("Aug 2020", fields.END_DATE, 0.9),
    )  # fmt: skip
    assert (found["work"][0]["start"], found["work"][0]["end"]) == ("2020-05", "2020-08")


def test_several_names_in_one_row_are_several_awards_with_their_dates() -> None:
    text = "Awards\nBest Thesis (2018)\nYoung Talent (2019)"
    found = assembled(
        text, ("Best Thesis", fields.AWARD, 0.9), ("2018", fields.END_DATE, 0.9),
        ("Young Talent", fields.AWARD, 0.9), ("2019", fields.END_DATE, 0.9),
    )  # fmt: skip
    assert found["awards"] == [
        {"title": "Best Thesis", "date": "2018"},
        {"title": "Young Talent", "date": "2019"},
    ]


def test_a_fluency_without_a_language_is_nothing() -> None:
    found = assembled(
        "Languages\nnative English", ("native", fields.FLUENCY, 0.9), ("English", fields.LANGUAGE, 0.9)
    )
    assert found["languages"] == [{"language": "English"}]


def test_a_publisher_is_neither_a_number_nor_a_sentence() -> None:
    text = "Publications\nOn Teams\t2019\n10.1234/abc.5 (Acta Practica)"
    found = assembled(text, ("On Teams", fields.PUBLICATION, 0.9), ("2019", fields.END_DATE, 0.9))
    assert found["publications"] == [{"name": "On Teams", "date": "2019", "publisher": "Acta Practica"}]
