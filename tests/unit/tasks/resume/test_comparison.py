from __future__ import annotations

import pytest

from spanwise.tasks.resume.comparison import FIELDS, Comparison, Tally, compare, phone, same, similar, url
from spanwise.tasks.resume.model import (
    Award,
    Basics,
    Education,
    Language,
    Location,
    Profile,
    Reference,
    Resume,
    Skill,
    Work,
)

TRUTH = Resume(
    basics=Basics(
        name="Ada Example",
        email="ada@example.com",
        phone="020 7946 0123",
        location=Location(city="Leeds"),
        profiles=(Profile(network="GitHub", url="https://github.com/ada"),),
    ),
    work=(
        Work(employer="Nova Ltd", position="Engineer", start="2019-03"),
        Work(employer="Orbi Ltd", position="Clerk", start="2015-01", end="2019-02"),
    ),
    education=(Education(school="University of Leeds", degree="BSc", area="Physics", end="2014"),),
    skills=(Skill(name="Python"), Skill(name="SQL")),
    languages=(Language(language="English", fluency="Native"),),
    awards=(Award(title="Prize", date="2018"),),
    references=(Reference(name="Bo Other"),),
)


def compared(found: Resume) -> Comparison:
    return compare(TRUTH, found, region="GB")


def test_a_resume_is_right_in_every_field_beside_itself() -> None:
    found = compared(TRUTH)
    assert all(tally.right == tally.found == tally.true for tally in found.fields.values())
    assert found.fields["work.employer"] == Tally(2, 2, 2)
    assert found.entries == {"work": Tally(2, 2, 2), "education": Tally(1, 1, 1)}
    assert found.exact


def test_nothing_found_is_nothing_right() -> None:
    found = compared(Resume())
    assert found.fields["email"] == Tally(0, 0, 1)
    assert found.entries["work"] == Tally(0, 0, 2)
    assert not found.exact
    assert set(found.fields) == set(FIELDS)


def test_a_wrong_value_is_both_found_and_missed() -> None:
    basics = TRUTH.basics.model_copy(update={"email": "eda@example.com"})
    found = compared(TRUTH.model_copy(update={"basics": basics}))
    assert found.fields["email"] == Tally(0, 1, 1)
    assert not found.exact


def test_contact_fields_are_compared_after_normalisation() -> None:
    basics = TRUTH.basics.model_copy(
        update={
            "email": "ADA@example.com",
            "phone": "+44 (0)20 7946 0123",
            "url": "http://www.github.com/ada/",
            "profiles": (),
        }
    )
    found = compared(TRUTH.model_copy(update={"basics": basics}))
    assert [found.fields[name] for name in ("email", "phone", "url")] == [Tally(1, 1, 1)] * 3


def test_items_in_another_order_are_right() -> None:
    found = compared(TRUTH.model_copy(update={"work": TRUTH.work[::-1]}))
    assert found.entries["work"] == Tally(2, 2, 2)
    assert not found.exact  # the last job is a core field


def test_an_organisation_may_be_spelt_a_little_differently_and_a_date_may_not() -> None:
    work = (TRUTH.work[0].model_copy(update={"employer": "Nova Ltd.", "start": "2019"}), TRUTH.work[1])
    found = compared(TRUTH.model_copy(update={"work": work}))
    assert found.fields["work.employer"] == Tally(2, 2, 2)
    assert found.fields["work.start"] == Tally(1, 2, 2)
    assert found.entries["work"] == Tally(1, 2, 2)


def test_skills_are_sets_and_names_of_lists_are_none() -> None:
    found = compared(TRUTH.model_copy(update={"skills": (Skill(name="Code", keywords=("sql", "Go", "Go")),)}))
    assert found.fields["skills"] == Tally(1, 2, 2)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("Software Engineer", "Software Enginer", True), ("Engineer", "Nurse", False)],
)
def test_similar_is_nine_tenths_alike(one: str, other: str, equal: bool) -> None:
    assert similar(one, other) == equal
    assert same(one, one.upper())


def test_a_number_that_is_none_is_compared_by_its_digits() -> None:
    assert phone("ext. 1", "GB") == "1"
    assert phone("0171 3920012", "DE") == "+491713920012"
    assert phone("0171 3920012", None) == "01713920012"


def test_web_addresses_lose_scheme_www_and_slash() -> None:
    assert url(" HTTPS://www.Ada.example/cv/ ") == "ada.example/cv"
