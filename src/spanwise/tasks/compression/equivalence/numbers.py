"""Quantities of a text: value, unit and bound, in English and French."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from spanwise.tasks.compression.equivalence.words import RECENT

_ONES = {
    "two deux twice": 2,
    "three trois": 3,
    "four quatre": 4,
    "five cinq": 5,
    "six": 6,
    "seven sept": 7,
    "eight huit": 8,
    "nine neuf": 9,
    "ten dix": 10,
    "eleven onze": 11,
    "twelve douze dozen douzaine": 12,
    "thirteen treize": 13,
    "fourteen quatorze": 14,
    "fifteen quinze": 15,
    "sixteen seize": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty vingt": 20,
    "thirty trente": 30,
    "forty quarante": 40,
    "fifty cinquante": 50,
    "sixty soixante": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "zero zéro": 0,
}
WORDS = {word: value for forms, value in _ONES.items() for word in forms.split()}
"""`one`, `un` and `une` are no numbers here: they are pronouns and articles first."""
SCALES = {"hundred": 100, "cent": 100, "thousand": 1000, "mille": 1000, "million": 10**6, "milliard": 10**9}

_UNITS = {
    "%": "% percent per_cent pour_cent",
    "ms": "ms millisecond milliseconds milliseconde millisecondes",
    "s": "s sec second seconds seconde secondes",
    "min": "min minute minutes",
    "h": "h hour hours heure heures",
    "day": "day days jour jours",
    "week": "week weeks semaine semaines",
    "month": "month months mois",
    "year": "year years an ans année années",
    "mg": "mg",
    "g": "g gram grams gramme grammes",
    "kg": "kg kilogram kilograms kilogramme kilogrammes kilo kilos",
    "µg": "µg μg mcg",
    "t": "t tonne tonnes",
    "ml": "ml millilitre millilitres milliliter milliliters",
    "l": "l litre litres liter liters",
    "mm": "mm millimetre millimetres",
    "cm": "cm centimetre centimetres centimètre centimètres",
    "m": "m metre metres meter meters mètre mètres",
    "km": "km kilometre kilometres kilometer kilometers kilomètre kilomètres",
    "m²": "m² square_metres",
    "m³": "m³ cubic_metres",
    "°": "° degree degrees degré degrés",
    "°C": "°c",
    "°F": "°f",
    "€": "€ eur euro euros",
    "£": "£ gbp pound pounds",
    "$": "$ usd dollar dollars",
    "crown": "crown crowns",
    "kB": "kb kib",
    "MB": "mb mib mo",
    "GB": "gb gib go",
    "TB": "tb tib",
    "Hz": "hz",
    "kHz": "khz",
    "MHz": "mhz",
    "GHz": "ghz",
    "dB": "db",
    "V": "v volt volts",
    "A": "amp amps",
    "W": "w watt watts",
    "kW": "kw",
    "kWh": "kwh",
    "bar": "bar",
    "kPa": "kpa",
    "token": "token tokens",
    "word": "word words mot mots",
}
UNITS = {form.replace("_", " "): unit for unit, forms in _UNITS.items() for form in forms.split()}

_BOUNDS = {
    "at least": "at_least no_less_than no_fewer_than not_less_than minimum_of minimum au_moins au_minimum",
    "at most": "at_most up_to no_more_than not_more_than not_exceeding maximum_of maximum no_later_than "
    "limit_of limit au_plus au_maximum jusqu'à",
    "more than": "more_than over above exceeding greater_than longer_than older_than plus_de supérieur_à",
    "less than": "less_than under below fewer_than shorter_than younger_than moins_de inférieur_à",
}
BOUNDS = {form.replace("_", " "): bound for bound, forms in _BOUNDS.items() for form in forms.split()}


def any_of(phrases: Iterator[str]) -> str:
    """A pattern of any of the phrases, the longest first, with any white space for theirs."""
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+").replace("'", "['\u2019]") for phrase in ordered)


_DIGITS = r"(?<![\w.,])[-+\u2212]?\d+(?:[.,:\u202f\u00a0]\d+)*"
_SPELLED = rf"\b(?:{any_of(iter(WORDS))})\b(?:[-\s](?:{any_of(iter(WORDS))}|{any_of(iter(SCALES))})s?\b)*"
_AMOUNT = r"(?:an?\s+|the\s+)?(?:age|amount|course|limit|mark|maximum|minimum|period|share|sum|total)\s+of\s+"
_UNIT = any_of(iter(UNITS))
_QUANTITY = re.compile(
    rf"(?:\b(?P<bound>{any_of(iter(BOUNDS))})\s+(?:about\s+|around\s+|{_AMOUNT})?)?(?P<currency>[€£$]\s?)?"
    rf"(?P<value>{_DIGITS}|{_SPELLED})"
    rf"(?:[\s-]?(?P<unit>(?:{_UNIT})(?:/(?:{_UNIT}))?)(?![\w°%]))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """One number of a text.

    Attributes:
        value: Digits without leading zeros of what is written in digits or words, else as it is written.
        unit: As in `UNITS`; None without one.
        bound: As in `BOUNDS`; None without one.
        start: First character of the number.
        end: Behind the last character of the number or its unit.
        bound_start: First character of the bound, else of the number.
    """

    value: str
    unit: str | None
    bound: str | None
    start: int
    end: int
    bound_start: int


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text in order; digits within identifiers such as `x86_64` are none."""
    return list(_quantities(text))


@functools.lru_cache(maxsize=RECENT)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(_quantity(found) for found in _QUANTITY.finditer(text))


def _quantity(found: re.Match[str]) -> Quantity:
    bound, currency, written = found["bound"], found["currency"], found["unit"]
    unit = currency.strip() if currency else None
    if written:
        unit = "/".join(UNITS[_spaced(part)] for part in written.split("/"))
    return Quantity(
        value=_value(found["value"]),
        unit=unit,
        bound=BOUNDS[_spaced(bound)] if bound else None,
        start=found.start("value"),
        end=found.end(),
        bound_start=found.start(),
    )


def _spaced(phrase: str) -> str:
    return re.sub(r"\s+", " ", phrase).casefold().replace("\u2019", "'")


def _value(written: str) -> str:
    if any(character.isdigit() for character in written):
        return written.replace("\u202f", "").replace("\u00a0", "").replace("\u2212", "-")
    total = part = 0
    for word in re.split(r"[-\s]+", written.casefold()):
        singular = word.removesuffix("s")
        scale = SCALES.get(singular)
        if scale is None:
            part += WORDS.get(word, WORDS.get(singular, 0))
        elif scale == 100:
            part = max(part, 1) * scale
        else:
            total, part = total + max(part, 1) * scale, 0
    return str(total + part)
