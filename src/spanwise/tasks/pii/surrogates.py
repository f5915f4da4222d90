"""Realistic stand-ins: the same one for the same entity, never one for two."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.tasks.pii.entities import name_words
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.secret import HINT, VARIABLE, derive

if TYPE_CHECKING:
    from faker import Faker

LOCALES: Mapping[str, str] = {
    "en": "en_GB",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
    "it": "it_IT",
    "nl": "nl_NL",
    "pt": "pt_PT",
    "pl": "pl_PL",
    "sv": "sv_SE",
    "da": "da_DK",
}
"""ISO 639-1 -> where the stand-ins come from; English elsewhere."""
ATTEMPTS = 1000


class Surrogates:
    """Stand-ins drawn from Faker by HMAC-SHA256 of the entity, with a table against collisions.

    Faker has fewer names than there are people: of 5,000 names it made, 3.7 % came twice. What is taken is
    drawn anew. Addresses are of `example.com` (RFC 2606), numbers of the country code +999, which is none
    (ITU E.164).

    Args:
        secret: Another one gives other stand-ins.
        scope: Entities are the same within it, and have nothing to do with those of another one.
        language: ISO 639-1: where names come from.
    """

    def __init__(self, secret: bytes, *, scope: str = "", language: str | None = None) -> None:
        self._key = derive(secret, f"surrogates {scope}")
        self._locale = LOCALES.get(language or "en", "en_GB")
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, label: str, key: str, surface: str, avoid: Collection[str]) -> str:
        """The stand-in of an entity.

        Args:
            label: What it is.
            key: What it is known by, as `canonical` gives it.
            surface: How it is written in the document: form and case are kept where they can be.
            avoid: Bare words that no new stand-in may have: those of the document's own identifiers.
        """
        known = self._given.get((label, key))
        if known is None:
            known = self._draw(label, key, surface, avoid)
            self._given[label, key] = known
            self._taken.add(bare(known))
        return _in_form(known, key, surface) if label == "PERSON" else known

    def _draw(self, label: str, key: str, surface: str, avoid: Collection[str]) -> str:
        for attempt in range(ATTEMPTS):
            seed = int.from_bytes(
                hmac.digest(self._key, f"{label}\0{key}\0{attempt}".encode(), "sha256"), "big"
            )
            drawn = _make(label, surface, self._faker(seed), seed, key)
            if bare(drawn) not in self._taken and not set(re.findall(r"\w+", bare(drawn))) & set(avoid):
                return drawn
        raise UserError(
            f"no stand-in is left for a {label} after {ATTEMPTS} draws", hint="Use --level thorough."
        )

    def _faker(self, seed: int) -> Faker:
        from faker import Faker

        if self._locale not in _PROVIDERS:
            _PROVIDERS[self._locale] = Faker(self._locale, use_weighting=False)
        faker = _PROVIDERS[self._locale]
        faker.seed_instance(seed)
        return faker


_PROVIDERS: dict[str, Faker] = {}


def need_secret(secret: bytes | None) -> bytes:
    """The secret, where there is one.

    Raises:
        UserError: If there is none.
    """
    if secret is None:
        raise UserError(f"stand-ins need a key: set ${VARIABLE}, or name a file with --key-file", hint=HINT)
    return secret


def _make(label: str, surface: str, faker: Faker, seed: int, key: str) -> str:
    """A stand-in, whether it is taken or not."""
    makers: dict[str, Callable[[], str]] = {
        "PERSON": lambda: _name(faker, len(key.split())),
        "EMAIL_ADDRESS": lambda: (
            f"{_slug(faker.first_name())}.{_slug(faker.last_name())}{seed % 100}@example.com"
        ),
        "PHONE_NUMBER": lambda: (
            f"+999 {seed % 1000:03d} {seed // 1000 % 1000:03d} {seed // 10**6 % 1000:03d}"
        ),
        "URL": lambda: f"https://example.com/{_slug(faker.last_name())}-{seed % 10**6:06d}",
        "USERNAME": lambda: f"{_slug(faker.last_name())}{seed % 10**6:06d}",
        "STREET_ADDRESS": lambda: " ".join(faker.street_address().split()),
        "DATE_OF_BIRTH": lambda: _birth(surface, seed),
        "ORGANIZATION": lambda: str(faker.company()),
        "SCHOOL": lambda: f"University of {faker.city()}",
    }
    return makers.get(label, lambda: _same_shape(surface, seed))()


def _name(faker: Faker, words: int) -> str:
    """As many words as the name has, at least two."""
    return " ".join([*(faker.first_name() for _ in range(max(words, 2) - 1)), faker.last_name()])


def _in_form(name: str, key: str, surface: str) -> str:
    """A stand-in's name as the mention writes the real one: in part, with initials, in capitals."""
    real, drawn = key.split(), name.split()
    parts = []
    for word in name_words(surface):
        place = next((i for i, each in enumerate(real) if each == word), None)
        if place is None and len(word) == 1:
            place = next((i for i, each in enumerate(real) if each[0] == word), None)
        if place is not None and place < len(drawn):
            parts.append(f"{drawn[place][0]}." if len(word) == 1 else drawn[place])
    form = " ".join(parts) if parts else name
    if surface.isupper() and len(surface) > 2:
        return form.upper()
    return form.lower() if surface.islower() else form


def _birth(surface: str, seed: int) -> str:
    """A date within five years' band of the original's year, written as ISO 8601 has it."""
    year = re.search(r"(?:19|20)\d\d", surface)
    base = int(year.group()) // 5 * 5 if year else 1980
    return f"{base + seed % 5}-{seed // 5 % 12 + 1:02d}-{seed // 60 % 28 + 1:02d}"


def _same_shape(surface: str, seed: int) -> str:
    """Other digits for digits, other letters for letters."""
    drawn = []
    for character in surface:
        seed, value = divmod(seed, 260) if seed > 260 else (seed * 7919 + 104729, seed)
        if character.isdigit():
            drawn.append(str(value % 10))
        elif character.isalpha():
            letter = chr(ord("a") + value % 26)
            drawn.append(letter.upper() if character.isupper() else letter)
        else:
            drawn.append(character)
    return "".join(drawn)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]", "", bare(name)) or "x"
