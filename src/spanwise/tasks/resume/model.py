"""A résumé as the library holds it: strict, frozen, and mapped to JSON Resume 1.0.0 and back.

JSON Resume requires nothing and leaves its inner objects open, so that `{}` and misspelt keys are valid. This
model knows its fields, has neither blank text nor impossible dates, and writes only what is there: an ongoing
job has no end, as "Present", "" and null are no dates to the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, ValidationError

from spanwise.errors import UserError
from spanwise.schema import Record
from spanwise.tasks.resume.dates import is_iso_date


def _iso_date(value: str) -> str:
    if not is_iso_date(value):
        raise ValueError("not a date: YYYY, YYYY-MM or YYYY-MM-DD was expected")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
IsoDate = Annotated[str, AfterValidator(_iso_date)]
"""A date at the precision that is known: `2019`, `2019-03` or `2019-03-14`."""
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Location(Record):
    """Where somebody lives, as far as the résumé tells."""

    street: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country_code: CountryCode | None = None


class Profile(Record):
    """An account of a network."""

    network: Text | None = None
    username: Text | None = None
    url: Text | None = None


class Basics(Record):
    """Who it is, and how to reach them; `headline` is the title that they give themselves."""

    name: Text | None = None
    headline: Text | None = None
    email: Email | None = None
    phone: Text | None = None
    url: Text | None = None
    summary: Text | None = None
    location: Location = Location()
    profiles: tuple[Profile, ...] = ()


class Work(Record):
    """A job; `end` is `None` where it goes on, or nothing is said of it."""

    employer: Text | None = None
    position: Text | None = None
    start: IsoDate | None = None
    end: IsoDate | None = None
    location: Text | None = None
    summary: Text | None = None
    highlights: tuple[Text, ...] = ()


class Education(Record):
    """A course of study."""

    school: Text | None = None
    degree: Text | None = None
    area: Text | None = None
    start: IsoDate | None = None
    end: IsoDate | None = None


class Skill(Record):
    """A skill, or a name for the `keywords` that are the skills."""

    name: Text | None = None
    level: Text | None = None
    keywords: tuple[Text, ...] = ()


class Language(Record):
    """A language spoken, and how well."""

    language: Text | None = None
    fluency: Text | None = None


class Certificate(Record):
    """A certificate and who gave it."""

    name: Text | None = None
    issuer: Text | None = None
    date: IsoDate | None = None


class Project(Record):
    """A project."""

    name: Text | None = None
    description: Text | None = None
    start: IsoDate | None = None
    end: IsoDate | None = None


class Award(Record):
    """A prize and who gave it."""

    title: Text | None = None
    awarder: Text | None = None
    date: IsoDate | None = None


class Publication(Record):
    """What was published, where and when."""

    name: Text | None = None
    publisher: Text | None = None
    date: IsoDate | None = None


class Reference(Record):
    """A referee and what they say, or how to reach them."""

    name: Text | None = None
    reference: Text | None = None


class Resume(Record):
    """All that a résumé tells, in the order in which it does."""

    basics: Basics = Basics()
    work: tuple[Work, ...] = ()
    education: tuple[Education, ...] = ()
    skills: tuple[Skill, ...] = ()
    languages: tuple[Language, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    projects: tuple[Project, ...] = ()
    awards: tuple[Award, ...] = ()
    publications: tuple[Publication, ...] = ()
    references: tuple[Reference, ...] = ()


# The names that differ from JSON Resume's, by the part of the model; all others are the same there.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "basics": {"headline": "label"},
    "location": {"street": "address", "postcode": "postalCode", "country_code": "countryCode"},
    "work": {"employer": "name", "start": "startDate", "end": "endDate"},
    "education": {"school": "institution", "degree": "studyType", "start": "startDate", "end": "endDate"},
    "projects": {"start": "startDate", "end": "endDate"},
    "publications": {"date": "releaseDate"},
}
_SECTIONS = tuple(name for name in Resume.model_fields if name != "basics")


def to_json_resume(resume: Resume) -> dict[str, Any]:
    """The résumé as a JSON Resume 1.0.0 object, without what is empty; addresses of the web get a scheme."""
    values = resume.model_dump(mode="json")
    basics = values.pop("basics")
    location = _renamed(basics.pop("location"), "location")
    profiles = [filled for item in basics.pop("profiles") if (filled := _renamed(item, "profiles"))]
    found: dict[str, Any] = {
        "basics": _filled(_renamed(basics, "basics") | {"location": location, "profiles": profiles})
    }
    for section, items in values.items():
        found[section] = [filled for item in items if (filled := _renamed(item, section))]
    return _filled(found)


def from_json_resume(value: Mapping[str, Any]) -> Resume:
    """The résumé that a JSON Resume object holds.

    Fields that the model does not have (volunteer work, interests, images, courses, ...) are left out.

    Raises:
        UserError: If a field that it has holds something else, a blank or an impossible date.
    """
    try:
        basics = _known(value.get("basics", {}), Basics, "basics")
        basics["location"] = _known(basics.get("location", {}), Location, "location")
        basics["profiles"] = [_known(each, Profile, "profiles") for each in basics.get("profiles", ())]
        sections = {
            name: [_known(item, _ITEMS[name], name) for item in value.get(name, ())] for name in _SECTIONS
        }
        return Resume.model_validate({"basics": basics, **sections})
    except ValidationError as error:
        # Fields and faults, never values: they are somebody's.
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise UserError(f"not a JSON Resume that can be held: {faults}") from None
    except (AttributeError, TypeError):
        raise UserError("not a JSON Resume: an object or a list of objects was expected") from None


_ITEMS: Mapping[str, type[Record]] = {
    "work": Work,
    "education": Education,
    "skills": Skill,
    "languages": Language,
    "certificates": Certificate,
    "projects": Project,
    "awards": Award,
    "publications": Publication,
    "references": Reference,
}


def _renamed(item: Mapping[str, Any], part: str) -> dict[str, Any]:
    """What is filled of a part of the model, under JSON Resume's names."""
    names = _NAMES.get(part, {})
    filled = _filled(item)
    if "url" in filled and "://" not in filled["url"]:
        filled["url"] = f"https://{filled['url']}"
    return {names.get(name, name): value for name, value in filled.items()}


def _filled(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value not in (None, "", [], {})}


def _known(item: Mapping[str, Any], record: type[Record], part: str) -> dict[str, Any]:
    """What the model has of a JSON Resume object, under the model's names."""
    if not isinstance(item, Mapping):
        raise TypeError
    names = _NAMES.get(part, {})
    fields = {name: names.get(name, name) for name in record.model_fields}
    return {name: item[other] for name, other in fields.items() if other in item}
