"""Drawing a candidate: a strict résumé and the personal details that JSON Resume has no place for.

Nobody is meant by them. E-mail addresses and web sites use names reserved for examples (RFC 2606), telephone
numbers those that a regulator keeps for fiction, where it does; names and streets are combined by Faker.
"""

from __future__ import annotations

import functools
import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from spanwise.tasks.resume.generation.vocabulary import Locale, Vocabulary, locale, tools, vocabulary
from spanwise.tasks.resume.model import (
    Award,
    Basics,
    Certificate,
    Education,
    Language,
    Location,
    Profile,
    Project,
    Publication,
    Reference,
    Resume,
    Skill,
    Work,
)

LAST_YEAR, LAST_MONTH = 2026, 6  # nothing in a résumé is later: the same seed gives the same files for ever

_HOSTS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
_COINED = (
    ("Nova", "Alta", "Meri", "Ventro", "Lumi", "Orbi", "Cirra", "Quanta", "Terra", "Poly", "Hexa", "Arbo"),
    ("tec", "soft", "gen", "data", "net", "works", "care", "logic", "line", "mark", "form", "pharm"),
    ("", "", " Group", " Systems", " Services", " Solutions"),
)


class Referee(NamedTuple):
    """Somebody who speaks for the candidate."""

    name: str
    position: str
    employer: str
    phone: str
    email: str


class Personal(NamedTuple):
    """Details that some countries put into a résumé; `None` where it does not tell."""

    born: str | None = None
    age: str | None = None
    nationality: str | None = None
    marital: str | None = None
    gender: str | None = None
    identity: str | None = None


class Candidate(NamedTuple):
    """A résumé and what stands beside it."""

    locale: Locale
    words: Vocabulary
    resume: Resume
    personal: Personal
    referees: tuple[Referee, ...]


def draw_candidate(code: str, seed: str, *, year_only: bool) -> Candidate:
    """A candidate of that locale; the same for the same seed.

    Args:
        code: A locale, such as `fr_FR`.
        seed: Any text.
        year_only: Tell dates by the year alone.
    """
    return _Draw(code, seed, year_only=year_only).candidate()


class _Draw:
    """One candidate in the making."""

    def __init__(self, code: str, seed: str, *, year_only: bool) -> None:
        self.random = random.Random(f"{code} {seed}")  # noqa: S311 - not for secrets
        self.locale = locale(code)
        self.words = vocabulary(self.locale.language)
        self.faker = _faker(code)
        self.faker.seed_instance(self.random.getrandbits(32))
        self.year_only = year_only
        self.track = self.random.choice(sorted(self.words.tracks))

    def candidate(self) -> Candidate:
        gender = self.random.choice(("female", "male"))
        name = self._name(gender)
        work = self._work()
        first = int((work[-1].start or "2020")[:4])
        education = self._education(first)
        referees = self._referees() if self._chance(0.25) else ()
        skills = self._skills()
        resume = Resume(
            basics=self._basics(name, work, first, skills),
            work=work,
            education=education,
            skills=tuple(Skill(name=skill) for skill in skills),
            languages=self._languages(),
            references=tuple(Reference(name=referee.name) for referee in referees),
            **self._extras(),
        )
        born = first - self.random.randint(20, 26)
        personal = self._personal(gender, born) if self._chance(0.45) else Personal()
        return Candidate(self.locale, self.words, resume, personal, referees)

    def _basics(self, name: str, work: Sequence[Work], first: int, skills: Sequence[str]) -> Basics:
        handle = _plain(name)
        account = f"{handle.replace(' ', '-')}-{self.random.randrange(1000, 10000)}"
        place = self.random.choice(self.locale.cities)
        networks = [("LinkedIn", f"linkedin.com/in/{account}"), ("GitHub", f"github.com/{account}")]
        told = networks[: self.random.choice((0, 1, 1, 2))]
        return Basics(
            name=name,
            headline=work[0].position if self._chance(0.75) else None,
            email=self._email(handle),
            phone=self._phone(),
            url=f"www.{handle.replace(' ', '')}.example" if self._chance(0.25) else None,
            summary=self._summary(work, first, skills) if self._chance(0.7) else None,
            location=Location(
                street=self._street(),
                postcode=self._printable(self.faker.postcode),
                city=place.name,
                region=place.region if "{region}" in self.locale.address else None,
                country_code=self.locale.country_code if self._chance(0.4) else None,
            ),
            profiles=tuple(
                Profile(network=network, username=account, url=f"https://{url}") for network, url in told
            ),
        )

    def _work(self) -> tuple[Work, ...]:
        """Two to five jobs, the last one first, without a gap of more than half a year."""
        month = LAST_YEAR * 12 + LAST_MONTH - 1
        jobs: list[Work] = []
        for index in range(self.random.choice((2, 2, 3, 3, 4, 5))):
            ongoing = index == 0 and self._chance(0.65)
            end = month - (0 if ongoing else self.random.randint(0, 6))
            start = end - self.random.randint(11, 54)
            jobs.append(
                Work(
                    employer=self._employer(),
                    position=self.random.choice(self._of_track("positions")),
                    start=self._date(start),
                    end=None if ongoing else self._date(end),
                    location=self._place() if self._chance(0.6) else None,
                    highlights=self._highlights(),
                )
            )
            month = start - 1
        return tuple(jobs)

    def _highlights(self) -> tuple[str, ...]:
        chosen = self.random.sample(self.words.highlights, self.random.randint(1, 4))
        return tuple(self._filled(each, n=self.random.randint(3, 60)) for each in chosen)

    def _education(self, first: int) -> tuple[Education, ...]:
        """One to three courses of study, the last one first, that end before the first job."""
        year, found = first, []
        for _ in range(self.random.choice((1, 2, 2, 3))):
            length = self.random.randint(2, 4)
            pattern = self.random.choice(self.words.schools)
            found.append(
                Education(
                    school=pattern.format(city=self.random.choice(self.locale.cities).name),
                    degree=self.random.choice(self.words.degrees),
                    area=self.random.choice(self._of_track("areas")),
                    start=self._date((year - length) * 12 + 8),
                    end=self._date(year * 12 + 5),
                )
            )
            year -= length
        return tuple(found)

    def _skills(self) -> list[str]:
        tracked = tools()[self.track]
        chosen = self.random.sample(tracked, self.random.randint(4, min(9, len(tracked))))
        return chosen + self.random.sample(self.words.soft, self.random.randint(1, 4))

    def _languages(self) -> tuple[Language, ...]:
        others = [code for code in self.words.languages if code != self.locale.language]
        codes = [self.locale.language, *self.random.sample(others, self.random.randint(1, 3))]
        levels = self.random.choice((self.words.fluency[1:], ("C2", "C1", "B2", "B1", "A2")))
        fluency = [self.words.fluency[0], *(self.random.choice(levels) for _ in codes[1:])]
        return tuple(
            Language(language=self.words.languages[code], fluency=level)
            for code, level in zip(codes, fluency, strict=True)
        )

    def _extras(self) -> dict[str, Any]:
        words, known = self.words, tools()
        return {
            "certificates": tuple(
                Certificate(name=name, issuer=self._issuer(), date=self._year())
                for name in self._some((*known["certificates"][self.track], *words.certificates), 0.5)
            ),
            "projects": tuple(
                Project(name=name, description=self._filled(self.random.choice(words.described)))
                for name in self._some(words.projects, 0.3)
            ),
            "awards": tuple(Award(title=name, date=self._year()) for name in self._some(words.awards, 0.25)),
            "publications": tuple(
                Publication(name=name, publisher=self.random.choice(known["publishers"]), date=self._year())
                for name in self._some(words.publications, 0.2)
            ),
        }

    def _personal(self, gender: str, born: int) -> Personal:
        values = {
            "born": f"{born}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}",
            "age": self.words.years_old.format(age=LAST_YEAR - born),
            "nationality": self.locale.nationality,
            "marital": self.random.choice(self.words.marital),
            "gender": self.words.gender[gender],
            "identity": self._digits(self.locale.identity),
        }
        shares = {"born": 0.8, "age": 0.2, "nationality": 0.7, "marital": 0.5, "gender": 0.3, "identity": 0.3}
        told = {name: value for name, value in values.items() if self._chance(shares[name])}
        return Personal(**(told or {"born": values["born"]}))

    def _referees(self) -> tuple[Referee, ...]:
        found = []
        for _ in range(self.random.choice((1, 2, 2))):
            name = self._name(self.random.choice(("female", "male")))
            position = self.random.choice(self._of_track("positions"))
            found.append(Referee(name, position, self._employer(), self._phone(), self._email(_plain(name))))
        return tuple(found)

    def _summary(self, work: Sequence[Work], first: int, skills: Sequence[str]) -> str:
        skill, other = self.random.sample(list(skills), 2)
        position, years = work[0].position, max(2, LAST_YEAR - first)
        pattern = self.random.choice(self.words.summaries)
        return pattern.format(position=position, years=years, skill=skill, other=other)

    def _name(self, gender: str) -> str:
        first = self.faker.first_name_female if gender == "female" else self.faker.first_name_male
        return f"{self._printable(first)} {self._printable(self.faker.last_name)}"

    def _employer(self) -> str:
        if self._chance(0.35):
            return "".join(self.random.choice(part) for part in _COINED)
        return self._printable(self.faker.company)

    def _street(self) -> str:
        return self._printable(self.faker.street_address)

    def _email(self, handle: str) -> str:
        names = handle.split(" ")
        first, last = names[0], names[-1]
        local = self.random.choice(
            (f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last}", f"{last}_{first}")
        )
        number = str(self.random.randrange(1, 100)) if self._chance(0.3) else ""
        return f"{local}{number}@{self.random.choice(_HOSTS)}"

    def _phone(self) -> str:
        """A number as people of the country write it: at home, or for abroad."""
        import phonenumbers

        digits = self._digits(self.random.choice(self.locale.phones))
        number = phonenumbers.parse(digits, self.locale.country_code)
        form = self.random.choice(
            (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)
        )
        return phonenumbers.format_number(number, form)

    def _place(self) -> str:
        city = self.random.choice(self.locale.cities)
        return self.locale.city.format(city=city.name, region=city.region)

    def _issuer(self) -> str | None:
        return self.random.choice(tools()["issuers"]) if self._chance(0.4) else None

    def _year(self) -> str:
        return str(self.random.randint(LAST_YEAR - 12, LAST_YEAR - 1))

    def _date(self, month: int) -> str:
        year, index = divmod(month, 12)
        return str(year) if self.year_only else f"{year}-{index + 1:02d}"

    def _of_track(self, part: str) -> tuple[str, ...]:
        return self.words.tracks[self.track][part]

    def _some(self, names: Sequence[str], share: float) -> list[str]:
        """One or two of the names in that share of résumés, else none."""
        return self.random.sample(names, self.random.randint(1, 2)) if self._chance(share) else []

    def _filled(self, pattern: str, n: int | None = None) -> str:
        return pattern.format(n=self.random.randint(4, 90) if n is None else n)

    def _digits(self, pattern: str) -> str:
        return "".join(str(self.random.randrange(10)) if char == "#" else char for char in pattern)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _printable(self, make: Callable[[], str]) -> str:
        """What the maker makes, on one line, once a letter that the fonts of PDF lack is not in it."""
        while True:
            made = " ".join(make().replace("\n", ", ").split())
            if _in_fonts(made):
                return made


def _in_fonts(text: str) -> bool:
    """Whether the standard fonts of PDF have all letters: those of Windows-1252."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


_SPELT: Mapping[str, str] = {"ß": "ss", "ø": "o", "æ": "ae", "å": "a", "œ": "oe"}


def _plain(name: str) -> str:
    """A name as addresses have it: lower case, ASCII letters and single spaces."""
    spelt = "".join(_SPELT.get(char, char) for char in name.lower())
    letters = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode("ascii")
    return " ".join("".join(char for char in letters if char.isalpha() or char == " ").split())


@functools.cache
def _faker(code: str) -> Any:
    from faker import Faker

    return Faker(code)
