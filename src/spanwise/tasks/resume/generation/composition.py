"""A candidate in a style: what is written, line by line, and what each piece of it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spanwise.tasks.resume import fields
from spanwise.tasks.resume.dates import PRESENT, format_date
from spanwise.tasks.resume.generation.candidates import Candidate, Referee
from spanwise.tasks.resume.generation.families import Style
from spanwise.tasks.resume.generation.sheet import Entry, Line, Run, Section, Sheet
from spanwise.tasks.resume.model import Education, Work

_PERSONAL: Mapping[str, str] = {
    fields.NAME: "PERSON",
    fields.EMAIL: "EMAIL_ADDRESS",
    fields.PHONE: "PHONE_NUMBER",
    fields.URL: "URL",
    fields.STREET: "STREET_ADDRESS",
    fields.POSTCODE: "POSTCODE",
    fields.CITY: "LOCATION",
    fields.REGION: "LOCATION",
    fields.COUNTRY: "LOCATION",
    fields.EMPLOYER: "ORGANIZATION",
    fields.SCHOOL: "SCHOOL",
    fields.START_DATE: "DATE_TIME",
    fields.END_DATE: "DATE_TIME",
    fields.AWARD: "AWARD",
    fields.PUBLICATION: "PUBLICATION",
    fields.REFERENCE: "PERSON",
}
"""What a field is as personal data, with the labels of the task `pii`."""
_DETAILS: Mapping[str, str] = {
    "born": "DATE_OF_BIRTH",
    "age": "AGE",
    "nationality": "NATIONALITY",
    "marital": "MARITAL_STATUS",
    "gender": "GENDER",
    "identity": "ID_NUMBER",
}
_FIELD = re.compile(r"\{(\w+)\}")
_SEPARATORS: Mapping[str, str] = {"commas": ", ", "bars": " | ", "dots": " · "}
_ITEM = re.compile(r"(\{\w+\})")


def told(text: str, field: str) -> Run:
    """A run that tells a field."""
    return Run(text, field, _PERSONAL.get(field))


def compose(candidate: Candidate, style: Style) -> Sheet:
    """What the résumé of that candidate says in that style, in the order of its sections."""
    return _Composition(candidate, style).sheet()


class _Contact(NamedTuple):
    """A way to reach the candidate: the key of its label, and what it is."""

    key: str
    line: Line


class _Composition:
    """One sheet in the making."""

    def __init__(self, candidate: Candidate, style: Style) -> None:
        self.candidate = candidate
        self.resume = candidate.resume
        self.words = candidate.words
        self.style = style

    def sheet(self) -> Sheet:
        basics = self.resume.basics
        name = basics.name or ""
        if self.style.surname_capitals:
            first, _, last = name.partition(" ")
            name = f"{first} {last.upper()}"
        sections = {section.key: section for section in self._sections()}
        aside = self.style.family.aside
        return Sheet(
            name=(told(name, fields.NAME),),
            headline=(told(basics.headline, fields.HEADLINE),) if basics.headline else (),
            contact=() if "contact" in aside else tuple(self._contact_lines()),
            sections=tuple(sections[key] for key in self._order(sections)),
            footer=(Run(basics.name or "", None, "PERSON"), Run(" – CV")) if self.style.footer else (),
        )

    def _order(self, sections: Mapping[str, Section]) -> Iterator[str]:
        family = self.style.family
        wanted = dict.fromkeys(("summary", *family.order, *family.aside, *sections))
        return (key for key in wanted if key in sections)

    def _sections(self) -> Iterator[Section]:
        makers: Mapping[str, Callable[[], list[Entry]]] = {
            "contact": self._contact_entries,
            "summary": self._summary,
            "work": lambda: [self._job(job) for job in self.resume.work],
            "education": lambda: [self._course(course) for course in self.resume.education],
            "skills": self._skills,
            "languages": self._languages,
            "certificates": self._certificates,
            "projects": self._projects,
            "awards": self._awards,
            "publications": self._publications,
            "personal": self._personal,
            "references": lambda: [self._referee(referee) for referee in self.candidate.referees],
        }
        for key, make in makers.items():
            if key == "contact" and "contact" not in self.style.family.aside:
                continue
            if entries := make():
                yield Section(key, self._heading(key), tuple(entries))

    def _heading(self, key: str) -> str:
        wordings = self.words.headings[key]
        wording = wordings[min(self.style.heading, len(wordings) - 1)]
        return wording.upper() if self.style.capitals else wording

    def _contacts(self) -> Iterator[_Contact]:
        basics = self.resume.basics
        yield _Contact("address", self._address())
        if basics.phone:
            yield _Contact("phone", (told(basics.phone, fields.PHONE),))
        if basics.email:
            yield _Contact("email", (told(basics.email, fields.EMAIL),))
        urls = [basics.url, *(profile.url for profile in basics.profiles)]
        for url in filter(None, urls):
            yield _Contact("url", (told(url.removeprefix("https://"), fields.URL),))

    def _address(self) -> Line:
        location = self.resume.basics.location
        values = {
            "street": told(location.street or "", fields.STREET),
            "city": told(location.city or "", fields.CITY),
            "region": told(location.region or "", fields.REGION),
            "postcode": told(location.postcode or "", fields.POSTCODE),
        }
        line = _filled(self.candidate.locale.address, values)
        if location.country_code:
            line += (Run(", "), told(self.candidate.locale.country, fields.COUNTRY))
        return line

    def _contact_lines(self) -> Iterator[Line]:
        """Labelled lines, or the address above the rest on one line."""
        contacts = list(self._contacts())
        if self.style.labelled_contact:
            yield from (self._labelled(contact) for contact in contacts)
            return
        yield contacts[0].line
        separator = Run(self.style.contact_separator)
        yield _joined([contact.line for contact in contacts[1:]], separator)

    def _contact_entries(self) -> list[Entry]:
        """For a narrow column: each on a line, and the address on several."""
        labelled = self.style.labelled_contact
        return [
            Entry(lines=(self._labelled(contact),) if labelled else tuple(_broken(contact.line)))
            for contact in self._contacts()
        ]

    def _labelled(self, contact: _Contact) -> Line:
        labels = self.words.labels[contact.key]
        return (Run(f"{labels[self.style.heading % len(labels)]}: "), *contact.line)

    def _summary(self) -> list[Entry]:
        summary = self.resume.basics.summary
        return [Entry(lines=((told(summary, fields.SUMMARY),),))] if summary else []

    def _job(self, job: Work) -> Entry:
        values = {
            "position": _run(job.position, fields.POSITION),
            "employer": _run(job.employer, fields.EMPLOYER),
            "place": self._place(job.location),
        }
        bullets = tuple((Run(highlight),) for highlight in job.highlights)
        return self._dated(self.style.work, values, self._range(job.start, job.end), bullets)

    def _course(self, course: Education) -> Entry:
        values = {
            "school": _run(course.school, fields.SCHOOL),
            "degree": _run(course.degree, fields.DEGREE),
            "area": _run(course.area, fields.AREA),
            "in_area": (Run(self.words.in_area),),
        }
        return self._dated(self.style.education, values, self._range(course.start, course.end), ())

    def _place(self, place: str | None) -> Line:
        """A place of work by its parts."""
        if not place:
            return ()
        locale = self.candidate.locale
        for city in locale.cities:
            if locale.city.format(city=city.name, region=city.region) == place:
                values = {"city": told(city.name, fields.CITY), "region": told(city.region, fields.REGION)}
                return _filled(locale.city, values)
        raise ValueError("not a place of the locale")

    def _dated(
        self, patterns: Sequence[str], values: Mapping[str, Line], date: Line, bullets: tuple[Line, ...]
    ) -> Entry:
        """An entry with its date where the style has it."""
        lines = [line for pattern in patterns if (line := _pattern(pattern, values))]
        if self.style.date_place == "own":
            lines.append(date)
        elif self.style.date_place == "inline":
            lines[-1] += (Run(" ("), *date, Run(")"))
        else:
            return Entry(tuple(lines), date, bullets, titled=True)
        return Entry(tuple(lines), (), bullets, titled=True)

    def _range(self, start: str | None, end: str | None) -> Line:
        language = self.candidate.locale.language
        if end:
            last = told(format_date(end, self.style.dates, language), fields.END_DATE)
        else:
            last = Run(PRESENT[language][0], fields.END_DATE)
        return (
            told(format_date(start or "", self.style.dates, language), fields.START_DATE),
            Run(self.style.dash),
            last,
        )

    def _skills(self) -> list[Entry]:
        runs = [told(skill.name or "", fields.SKILL) for skill in self.resume.skills]
        if self.style.list_form == "bullets":
            return [Entry(lines=(), bullets=tuple((run,) for run in runs))]
        separator = Run(_SEPARATORS[self.style.list_form])
        return [Entry(lines=(_joined([(run,) for run in runs], separator),))]

    def _languages(self) -> list[Entry]:
        lines = [
            _pattern(
                self.style.fluency,
                {
                    "language": _run(item.language, fields.LANGUAGE),
                    "fluency": _run(item.fluency, fields.FLUENCY),
                },
            )
            for item in self.resume.languages
        ]
        if self.style.list_form == "commas" and not self.style.family.aside:
            return [Entry(lines=(_joined(lines, Run(", ")),))]
        return [Entry(lines=tuple(lines))]

    def _certificates(self) -> list[Entry]:
        return [
            self._titled(told(item.name or "", fields.CERTIFICATE), item.issuer, item.date)
            for item in self.resume.certificates
        ]

    def _projects(self) -> list[Entry]:
        return [
            Entry(lines=((told(item.name or "", fields.PROJECT), Run(f": {item.description}")),))
            for item in self.resume.projects
        ]

    def _awards(self) -> list[Entry]:
        return [
            self._titled(told(item.title or "", fields.AWARD), item.awarder, item.date)
            for item in self.resume.awards
        ]

    def _publications(self) -> list[Entry]:
        return [
            self._titled(told(item.name or "", fields.PUBLICATION), item.publisher, item.date)
            for item in self.resume.publications
        ]

    def _titled(self, title: Run, by: str | None, date: str | None) -> Entry:
        """A title, who stands behind it, and the year."""
        line: Line = (title, Run(f", {by}")) if by else (title,)
        if date and self.style.date_place == "aside":
            return Entry(lines=(line,), date=(told(date, fields.END_DATE),))
        if date:
            line += (Run(" ("), told(date, fields.END_DATE), Run(")"))
        return Entry(lines=(line,))

    def _personal(self) -> list[Entry]:
        lines = []
        for key, label in _DETAILS.items():
            value = getattr(self.candidate.personal, key)
            if value:
                shown = self._born(value) if key == "born" else value
                wordings = self.words.labels[key]
                wording = wordings[self.style.heading % len(wordings)]
                lines.append((Run(f"{wording}: "), Run(shown, None, label)))
        return [Entry(lines=tuple(lines))] if lines else []

    def _born(self, date: str) -> str:
        """A day as the country writes it in figures."""
        year, month, day = date.split("-")
        forms = {"en_US": f"{month}/{day}/{year}", "sv_SE": date, "nl_NL": f"{day}-{month}-{year}"}
        german = self.candidate.locale.language in ("de", "da")
        return forms.get(
            self.candidate.locale.code, f"{day}.{month}.{year}" if german else f"{day}/{month}/{year}"
        )

    def _referee(self, referee: Referee) -> Entry:
        return Entry(
            lines=(
                (told(referee.name, fields.REFERENCE),),
                (Run(f"{referee.position}, "), Run(referee.employer, None, "ORGANIZATION")),
                (
                    Run(referee.phone, None, "PHONE_NUMBER"),
                    Run(", "),
                    Run(referee.email, None, "EMAIL_ADDRESS"),
                ),
            ),
            titled=True,
        )


def _run(text: str | None, field: str) -> Line:
    return (told(text, field),) if text else ()


def _filled(pattern: str, values: Mapping[str, Run]) -> Line:
    """The runs of a pattern whose parts are all there."""
    return _pattern(pattern, {name: (run,) for name, run in values.items()})


def _pattern(pattern: str, values: Mapping[str, Line]) -> Line:
    """The runs of a pattern; with a part that is empty, the words before it go too."""
    line: list[Run] = []
    words = ""
    for piece in _ITEM.split(pattern):
        match = _FIELD.fullmatch(piece)
        if not match:
            words = piece
            continue
        if value := values[match[1]]:
            line += [Run(words), *value] if words else [*value]
        words = ""
    return (*line, Run(words)) if words else tuple(line)


def _joined(lines: Sequence[Line], separator: Run) -> Line:
    found: list[Run] = []
    for line in filter(None, lines):
        found += [separator, *line] if found else [*line]
    return tuple(found)


def _broken(line: Line) -> Iterator[Line]:
    """An address as lines of its own, broken behind its commas."""
    part: list[Run] = []
    for run in line:
        if run.field is None and run.text == ", ":
            yield tuple(part)
            part = []
        else:
            part.append(run)
    yield tuple(part)
