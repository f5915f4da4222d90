from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.resume.generation.grounding import Found, ground
from spanwise.tasks.resume.generation.sheet import Entry, Line, Run, Section, Sheet


def sheet(*lines: Line, name: str = "Ada Example") -> Sheet:
    entry = Entry(lines=lines)
    return Sheet((Run(name, "Name", "PERSON"),), (), (), (Section("work", "Work", (entry,)),))


def told(found: Found, text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in found.fields]


JOB = (Run("Engineer", "Position"), Run(", "), Run("Nova Ltd", "Employer", "ORGANIZATION"))


def test_runs_are_found_at_their_offsets() -> None:
    text = "Ada Example\nWork\nEngineer, Nova Ltd\n"
    found = ground(sheet(JOB), text)
    assert told(found, text) == [("Name", "Ada Example"), ("Position", "Engineer"), ("Employer", "Nova Ltd")]
    assert found.missing == ()


def test_lines_may_be_wrapped_parted_and_bulleted() -> None:
    text = "Ada\tExample\n• Engi-\nneer,\nNova\N{NO-BREAK SPACE}Ltd"
    assert told(ground(sheet(JOB), text), text)[1:] == [
        ("Position", "Engi-\nneer"),
        ("Employer", "Nova\N{NO-BREAK SPACE}Ltd"),
    ]


def test_ligatures_are_the_letters_that_they_stand_for() -> None:
    text = "Ada Example\nO\N{LATIN SMALL LIGATURE FFI}ce Clerk"
    assert told(ground(sheet((Run("Office Clerk", "Position"),)), text), text)[1:] == [
        ("Position", "O\N{LATIN SMALL LIGATURE FFI}ce Clerk")
    ]


def test_a_short_value_is_not_found_inside_a_longer_line_or_word() -> None:
    text = "Ada Example\nI use Go and Google.\nGo\n"
    lines = ((Run("I use Go and Google.", "Summary"),), (Run("Go", "Skill"),))
    assert told(ground(sheet(*lines), text), text) == [
        ("Name", "Ada Example"),
        ("Summary", "I use Go and Google."),
        ("Skill", "Go"),
    ]
    assert text.index("\nGo\n") + 1 in {span.start for span in ground(sheet(*lines), text).fields}


def test_a_line_that_was_torn_is_found_run_by_run() -> None:
    text = "Ada Example\nNova Ltd 2019\nEngineer"
    assert told(ground(sheet(JOB), text), text)[1:] == [("Employer", "Nova Ltd"), ("Position", "Engineer")]


def test_a_run_with_several_places_is_missing_rather_than_guessed() -> None:
    text = "Ada Example\nNova Ltd or Engineer\nEngineer"
    found = ground(sheet(JOB), text)
    assert [run.text for run in found.missing] == ["Engineer"]
    assert told(found, text)[1:] == [("Employer", "Nova Ltd")]


def test_what_is_not_there_is_missing() -> None:
    found = ground(sheet(JOB), "Ada Example")
    assert [run.text for run in found.missing] == ["Engineer", "Nova Ltd"]
    assert ground(sheet(JOB), "").fields == ()


def test_further_mentions_of_a_person_are_personal_data_but_no_field() -> None:
    text = "Ada Example\nEngineer, Nova Ltd\nSigned: Ada Example"
    found = ground(sheet(JOB), text)
    assert len(found.fields) == 3
    assert [span.label for span in found.personal] == ["PERSON", "ORGANIZATION", "PERSON"]


@given(st.lists(st.text("ab -\t\n•ß", min_size=1, max_size=8), max_size=6), st.text("ab -\n•ß", max_size=40))
def test_spans_never_overlap_and_hold_their_runs(values: list[str], text: str) -> None:
    runs = tuple(Run(value, "Skill") for value in values)
    found = ground(sheet(*((run,) for run in runs)), text)
    spans = sorted(found.fields, key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    kept = {"".join(c for c in value if c in "abß") for value in values} | {"AdaExample"}
    assert all("".join(c for c in text[span.start : span.end] if c in "abß") in kept for span in spans)
