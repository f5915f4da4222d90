from __future__ import annotations

import pytest

from spanwise.tasks.pii.labels import LABELS as PERSONAL
from spanwise.tasks.resume.fields import LABELS
from spanwise.tasks.resume.generation.candidates import draw_candidate
from spanwise.tasks.resume.generation.composition import compose
from spanwise.tasks.resume.generation.families import FAMILIES, Family, Style, draw_style
from spanwise.tasks.resume.generation.sheet import Run, Sheet, text_of
from spanwise.tasks.resume.generation.vocabulary import LOCALES


def sheet(family: Family, code: str, seed: str = "a", **style: object) -> Sheet:
    drawn: Style = draw_style(family, seed)._replace(**style)  # type: ignore[arg-type]
    return compose(draw_candidate(code, seed, year_only=drawn.dates == "year"), drawn)


def runs(sheet: Sheet) -> list[Run]:
    return [run for line in sheet.lines() for run in line]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("code", LOCALES)
def test_all_that_the_truth_has_is_told(family: Family, code: str) -> None:
    style = draw_style(family, "a")
    candidate = draw_candidate(code, "a", year_only=style.dates == "year")
    resume = candidate.resume
    told = [(run.field, run.text) for run in runs(compose(candidate, style))]
    for job in resume.work:
        assert ("Employer", job.employer) in told
        assert ("Position", job.position) in told
    for course in resume.education:
        assert ("School", course.school) in told
        assert ("Degree", course.degree) in told
        assert ("Area", course.area) in told
    assert [text for field, text in told if field == "Skill"] == [skill.name for skill in resume.skills]
    assert ("Email", resume.basics.email) in told
    assert ("Phone", resume.basics.phone) in told
    assert sum(field == "StartDate" for field, _ in told) == len(resume.work) + len(resume.education)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_labels_are_those_of_the_tasks(family: Family) -> None:
    found = [run for seed in "abcdef" for run in runs(sheet(family, "de_DE", seed))]
    assert {run.field for run in found if run.field} <= set(LABELS)
    assert {run.personal for run in found if run.personal} <= set(PERSONAL)


def test_families_differ_in_what_comes_first() -> None:
    orders = {tuple(section.key for section in sheet(family, "en_GB").sections) for family in FAMILIES}
    assert len(orders) >= 6


def test_a_place_that_is_not_told_leaves_no_comma() -> None:
    for family in FAMILIES:
        for line in sheet(family, "it_IT").lines():
            text = text_of(line)
            assert not text.startswith((",", "|", "·", "–"))
            assert not text.rstrip().endswith((",", "|", " ·", "(", ":"))


def test_a_surname_in_capitals_is_the_name_all_the_same() -> None:
    upper = sheet(FAMILIES[0], "fr_FR", surname_capitals=True)
    plain = sheet(FAMILIES[0], "fr_FR", surname_capitals=False)
    assert text_of(upper.name) != text_of(plain.name)
    assert text_of(upper.name).lower() == text_of(plain.name).lower()


def test_headings_may_be_in_capitals() -> None:
    assert all(section.heading.isupper() for section in sheet(FAMILIES[0], "es_ES", capitals=True).sections)


def test_an_ongoing_job_ends_with_the_word_of_the_language() -> None:
    ongoing = [
        run.text
        for seed in "abcdefgh"
        for run in runs(sheet(FAMILIES[0], "it_IT", seed))
        if run.field == "EndDate" and run.personal is None
    ]
    assert set(ongoing) == {"oggi"}


def test_a_footer_tells_the_name_but_no_field() -> None:
    footer = sheet(FAMILIES[0], "en_US", footer=True).footer
    assert footer[0].personal == "PERSON"
    assert footer[0].field is None
    assert sheet(FAMILIES[0], "en_US", footer=False).footer == ()
