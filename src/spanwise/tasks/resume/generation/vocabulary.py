"""What résumés are made of in each locale: headings, titles, schools, phrases, the forms of addresses."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, NamedTuple

import yaml

LOCALES = ("en_US", "en_GB", "fr_FR", "de_DE", "es_ES", "pt_BR", "sv_SE", "nl_NL", "it_IT", "da_DK")


class City(NamedTuple):
    """A city and the state, province or county that addresses name with it."""

    name: str
    region: str


class Locale(NamedTuple):
    """The forms of a country.

    `address` and `city` are patterns of `{street}`, `{city}`, `{region}` and `{postcode}`; in `phones` and
    `identity` a `#` stands for a digit.
    """

    code: str
    language: str
    country: str
    nationality: str
    address: str
    city: str
    phones: tuple[str, ...]
    identity: str
    cities: tuple[City, ...]

    @property
    def country_code(self) -> str:
        """ISO 3166-1 alpha-2."""
        return self.code[-2:]


class Vocabulary(NamedTuple):
    """The words of a language; `{...}` in them is filled when a résumé is drawn."""

    headings: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]]
    marital: tuple[str, ...]
    gender: Mapping[str, str]
    years_old: str
    languages: Mapping[str, str]
    fluency: tuple[str, ...]
    degrees: tuple[str, ...]
    in_area: str
    schools: tuple[str, ...]
    soft: tuple[str, ...]
    tracks: Mapping[str, Mapping[str, tuple[str, ...]]]
    summaries: tuple[str, ...]
    highlights: tuple[str, ...]
    certificates: tuple[str, ...]
    awards: tuple[str, ...]
    publications: tuple[str, ...]
    projects: tuple[str, ...]
    described: tuple[str, ...]


@functools.cache
def locale(code: str) -> Locale:
    """The forms of the locale of that code."""
    values = _read("locales")[code]
    cities = tuple(City(*city) for city in values.pop("cities"))
    return Locale(code=code, cities=cities, **values)


@functools.cache
def vocabulary(language: str) -> Vocabulary:
    """The words of the language of that ISO 639-1 code."""
    return Vocabulary(**_read(language))


@functools.cache
def tools() -> Mapping[str, Any]:
    """Skills, certificates, issuers and publishers with the same name in every language."""
    found: Mapping[str, Any] = _read("tools")
    return found


def _read(name: str) -> dict[str, Any]:
    """A file of `words/`, with tuples for lists."""
    file = resources.files("spanwise.tasks.resume.generation").joinpath("words", f"{name}.yaml")
    values: dict[str, Any] = _frozen(yaml.safe_load(file.read_text(encoding="utf-8")))
    return values


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
