"""A found résumé beside the true one: which values are right, field by field.

A value is right where it equals the true one: e-mail addresses, telephone numbers (E.164) and web addresses
exactly after normalisation, dates at the precision that is stated, names of organisations, titles and prose
at a similarity of 0.9, skills as sets. A wrong value counts twice: as found without being true, and as
true without being found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from spanwise.tasks.resume.alignment import Key, align, folded, similarity
from spanwise.tasks.resume.model import Education, Resume, Work

SIMILAR = 0.9

CONTACT = ("email", "phone", "url")
FIELDS = (
    "name",
    "headline",
    *CONTACT,
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "summary",
    "work.employer",
    "work.position",
    "work.start",
    "work.end",
    "education.school",
    "education.degree",
    "education.area",
    "education.start",
    "education.end",
    "skills",
    "languages.language",
    "languages.fluency",
    "certificates.name",
    "certificates.date",
    "projects.name",
    "awards.title",
    "awards.date",
    "publications.name",
    "publications.date",
    "references.name",
)


class Tally(NamedTuple):
    """Values of a field: how many are right, found and true."""

    right: int = 0
    found: int = 0
    true: int = 0


class Comparison(NamedTuple):
    """Two résumés, compared.

    Attributes:
        fields: Of each field of `FIELDS`.
        entries: Of `work` and `education`: an entry is right when organisation, title and dates all are.
        exact: Whether the eight core fields are all right: name, e-mail, telephone, city, and employer,
            position, school and degree of the entries that come first.
    """

    fields: Mapping[str, Tally]
    entries: Mapping[str, Tally]
    exact: bool


Equal = Callable[[str, str], bool]


def compare(truth: Resume, found: Resume, *, region: str | None) -> Comparison:
    """Compare a résumé with the true one.

    Args:
        truth: The true one.
        found: The other.
        region: The country, ISO 3166-1 alpha-2, whose telephone numbers need no country code.
    """
    fields: Counter[tuple[str, str]] = Counter()
    entries: Counter[tuple[str, str]] = Counter()
    for field, one, other, equal in _single(truth, found, region):
        _count(fields, field, one, other, equal)
    for field, ones, others in _sets(truth, found):
        _add(fields, field, len(ones & others), len(others), len(ones))
    for field, one, other, equal in _paired(truth, found):
        _count(fields, field, one, other, equal)
    for section, right, is_found, is_true in _entries(truth, found):
        _add(entries, section, int(right), int(is_found), int(is_true))
    return Comparison(
        fields={field: _tally(fields, field) for field in FIELDS},
        entries={section: _tally(entries, section) for section in ("work", "education")},
        exact=_is_exact(truth, found, region),
    )


def _count(
    counts: Counter[tuple[str, str]], field: str, one: str | None, other: str | None, equal: Equal
) -> None:
    right = one is not None and other is not None and equal(one, other)
    _add(counts, field, int(right), int(other is not None), int(one is not None))


def _add(counts: Counter[tuple[str, str]], name: str, right: int, found: int, true: int) -> None:
    counts.update({(name, "right"): right, (name, "found"): found, (name, "true"): true})


def _tally(counts: Counter[tuple[str, str]], name: str) -> Tally:
    return Tally(counts[name, "right"], counts[name, "found"], counts[name, "true"])


def _single(
    truth: Resume, found: Resume, region: str | None
) -> Iterator[tuple[str, str | None, str | None, Equal]]:
    """The fields of which there is one at most."""
    one, other = truth.basics, found.basics
    yield "name", one.name, other.name, same
    yield "headline", one.headline, other.headline, similar
    yield "email", one.email, other.email, same
    yield "phone", one.phone, other.phone, lambda a, b: phone(a, region) == phone(b, region)
    yield "summary", one.summary, other.summary, similar
    for field in ("street", "city", "region", "postcode"):
        yield field, getattr(one.location, field), getattr(other.location, field), same
    yield "country", one.location.country_code, other.location.country_code, same


def _sets(truth: Resume, found: Resume) -> Iterator[tuple[str, set[str], set[str]]]:
    yield "url", _urls(truth), _urls(found)
    yield "skills", _skills(truth), _skills(found)


def _urls(resume: Resume) -> set[str]:
    basics = resume.basics
    return {url(each) for each in (basics.url, *(profile.url for profile in basics.profiles)) if each}


def _skills(resume: Resume) -> set[str]:
    """What is listed, without the names of the lists."""
    found: set[str] = set()
    for skill in resume.skills:
        names = skill.keywords or ((skill.name,) if skill.name else ())
        found.update(map(folded, names))
    return found


# Of each section: what an item is recognised by, and its fields with how they are compared.
_KEYS: Mapping[str, tuple[str | None, str | None, str | None]] = {
    "work": ("employer", "position", "start"),
    "education": ("school", "degree", "start"),
    "languages": (None, "language", None),
    "certificates": (None, "name", "date"),
    "projects": (None, "name", None),
    "awards": (None, "title", "date"),
    "publications": (None, "name", "date"),
    "references": (None, "name", None),
}
_DATES = frozenset({"start", "end", "date"})


def _pairs(truth: Resume, found: Resume, section: str) -> list[tuple[object, object]]:
    parts = _KEYS[section]

    def key(item: object) -> Key:
        return Key(*(getattr(item, part) if part else None for part in parts))

    return align(getattr(truth, section), getattr(found, section), key)


def _paired(truth: Resume, found: Resume) -> Iterator[tuple[str, str | None, str | None, Equal]]:
    """The fields of items, beside those of the item that each is compared with."""
    for section in _KEYS:
        names = [name for field in FIELDS for part, _, name in [field.partition(".")] if part == section]
        for one, other in _pairs(truth, found, section):
            for name in names:
                equal = same if name in _DATES else similar
                yield f"{section}.{name}", getattr(one, name, None), getattr(other, name, None), equal


def _entries(truth: Resume, found: Resume) -> Iterator[tuple[str, bool, bool, bool]]:
    """Each job and course: whether it is right, found and true."""
    for section in ("work", "education"):
        for one, other in _pairs(truth, found, section):
            right = one is not None and other is not None and _same_entry(one, other)
            yield section, right, other is not None, one is not None


def _same_entry(one: object, other: object) -> bool:
    if isinstance(one, Work) and isinstance(other, Work):
        named = [(one.employer, other.employer), (one.position, other.position)]
    else:
        assert isinstance(one, Education)
        assert isinstance(other, Education)
        named = [(one.school, other.school), (one.degree, other.degree)]
    dated = (one.start, one.end) == (other.start, other.end)
    return dated and all(_both(a, b, similar) for a, b in named)


def _is_exact(truth: Resume, found: Resume, region: str | None) -> bool:
    one, other = truth.basics, found.basics
    job, other_job = _first(truth.work, Work()), _first(found.work, Work())
    course, other_course = _first(truth.education, Education()), _first(found.education, Education())
    return all(
        (
            _both(one.name, other.name, same),
            _both(one.email, other.email, same),
            _both(one.phone, other.phone, lambda a, b: phone(a, region) == phone(b, region)),
            _both(one.location.city, other.location.city, same),
            _both(job.employer, other_job.employer, similar),
            _both(job.position, other_job.position, similar),
            _both(course.school, other_course.school, similar),
            _both(course.degree, other_course.degree, similar),
        )
    )


def _first(items: Collection[Work] | Collection[Education], empty: Work | Education) -> Any:
    return next(iter(items), empty)


def _both(one: str | None, other: str | None, equal: Equal) -> bool:
    """Whether neither has a value, or both have equal ones."""
    if one is None or other is None:
        return one is other
    return equal(one, other)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same, whatever their case and spaces."""
    return folded(one) == folded(other)


def similar(one: str, other: str) -> bool:
    """Whether two texts are at least 0.9 alike."""
    return similarity(one, other) >= SIMILAR


def phone(number: str, region: str | None) -> str:
    """A telephone number in E.164; its digits where it is none."""
    import phonenumbers

    try:
        return phonenumbers.format_number(
            phonenumbers.parse(number, region), phonenumbers.PhoneNumberFormat.E164
        )
    except phonenumbers.NumberParseException:
        return "".join(char for char in number if char.isdigit())


def url(address: str) -> str:
    """A web address without scheme, `www.` and final slash, in lower case."""
    bare = address.strip().casefold()
    for prefix in ("https://", "http://", "www."):
        bare = bare.removeprefix(prefix)
    return bare.rstrip("/")
