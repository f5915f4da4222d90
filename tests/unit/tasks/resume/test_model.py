from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.errors import UserError
from spanwise.tasks.resume.model import (
    Basics,
    Education,
    Location,
    Profile,
    Resume,
    Skill,
    Work,
    from_json_resume,
    to_json_resume,
)
from spanwise.tasks.resume.schema import schema_faults

ADA = Resume(
    basics=Basics(
        name="Ada Example",
        headline="Engineer",
        email="ada@example.com",
        url="ada.example",
        location=Location(street="1 Low Road", postcode="LS1 1AA", city="Leeds", country_code="GB"),
        profiles=(Profile(network="GitHub", username="ada", url="https://github.com/ada"),),
    ),
    work=(Work(employer="Nova Ltd", position="Engineer", start="2019-03", highlights=("Built it.",)),),
    education=(Education(school="University of Leeds", degree="BSc", area="Physics", end="2018"),),
    skills=(Skill(name="Python"),),
)


def test_fields_get_the_names_of_json_resume() -> None:
    found = to_json_resume(ADA)
    assert found["basics"]["label"] == "Engineer"
    assert found["basics"]["location"] == {
        "address": "1 Low Road",
        "postalCode": "LS1 1AA",
        "city": "Leeds",
        "countryCode": "GB",
    }
    assert found["work"] == [
        {"name": "Nova Ltd", "position": "Engineer", "startDate": "2019-03", "highlights": ["Built it."]}
    ]
    assert found["education"][0]["institution"] == "University of Leeds"
    assert schema_faults(found) == ()


def test_what_is_empty_is_not_written() -> None:
    assert to_json_resume(Resume()) == {}
    assert to_json_resume(Resume(work=(Work(),), basics=Basics(profiles=(Profile(),)))) == {}


def test_a_web_address_gets_a_scheme() -> None:
    assert to_json_resume(ADA)["basics"]["url"] == "https://ada.example"


def test_a_resume_survives_the_way_to_json_resume_and_back() -> None:
    there = to_json_resume(ADA)
    assert to_json_resume(from_json_resume(there)) == there


def test_what_the_model_lacks_is_left_out() -> None:
    found = from_json_resume(
        {"basics": {"image": "a.png"}, "volunteer": [{}], "work": [{"url": "x.example"}]}
    )
    assert found == Resume(work=(Work(),))


@pytest.mark.parametrize(
    "value",
    [
        {"work": [{"endDate": "Present"}]},
        {"work": [{"startDate": "2019-13"}]},
        {"basics": {"email": "no address"}},
        {"basics": {"name": " "}},
        {"basics": {"location": {"countryCode": "Germany"}}},
        {"work": "none"},
        {"work": None},
        {"basics": [1]},
    ],
)
def test_what_it_cannot_hold_is_an_error_without_the_value(value: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="not a JSON Resume") as raised:
        from_json_resume(value)
    assert not any(word in str(raised.value) for word in ("Present", "no address", "Germany"))


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        Work(employr="Nova")  # type: ignore[call-arg]


TEXTS = st.none() | st.text("ab Ω-.", min_size=1).filter(str.strip)
DATES = st.none() | st.sampled_from(["2019", "2019-03", "2020-02-29"])


@given(
    st.builds(
        Resume,
        basics=st.builds(Basics, name=TEXTS, url=TEXTS, email=st.none() | st.just("a@b.example")),
        work=st.lists(st.builds(Work, employer=TEXTS, start=DATES, end=DATES), max_size=3).map(tuple),
        skills=st.lists(st.builds(Skill, name=TEXTS), max_size=3).map(tuple),
    )
)
def test_every_resume_is_written_as_valid_json_resume(resume: Resume) -> None:
    found = to_json_resume(resume)
    assert schema_faults(found) == ()
    assert to_json_resume(from_json_resume(found)) == found
