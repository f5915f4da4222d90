"""Edits that say something else: the result is hardly ever a subsequence of its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from spanwise.tasks.compression.equivalence.losses import Edit, names, sentences
from spanwise.tasks.compression.equivalence.numbers import quantities
from spanwise.tasks.compression.equivalence.words import FUNCTION_WORDS


def _both_ways(pairs: str) -> dict[str, str]:
    """`a/b c/d` -> each word to its partner."""
    table: dict[str, str] = {}
    for pair in pairs.split():
        one, other = pair.replace("_", " ").split("/")
        table.setdefault(one, other)
        table.setdefault(other, one)
    return table


UNITS = _both_ways(
    "mg/g kg/g ml/l mm/cm km/m hours/minutes hour/minute days/weeks day/week months/years "
    "month/year seconds/minutes "
    "euros/dollars pounds/crowns GB/MB °C/°F metres/kilometres kHz/Hz heures/minutes jours/semaines mois/ans"
)
QUANTIFIERS = {
    "all": "some",
    "every": "some",
    "each": "some",
    "both": "one",
    "any": "one",
    "most": "few",
    "many": "few",
    "nobody": "everybody",
    "everybody": "nobody",
    "none": "all",
    "no": "every",
    "some": "all",
    "tous": "quelques",
    "chaque": "quelque",
}
CONDITIONS = _both_ways("if/unless only_if/even_if provided_that/unless si/sauf_si")
TIMES = _both_ways("before/after until/from avant/après")
BOUNDS = _both_ways(
    "at_least/at_most up_to/at_least no_more_than/no_less_than more_than/less_than over/under above/below"
)
OPPOSITES = _both_ways(
    "rose/fell rise/fall rises/falls higher/lower high/low increase/decrease "
    "increased/decreased raised/lowered "
    "open/closed opened/closed left/right hot/cold warm/cool longer/shorter larger/smaller faster/slower "
    "stronger/weaker better/worse more/less first/last morning/evening early/late on/off started/stopped "
    "start/stop start/end included/excluded allowed/forbidden won/lost bought/sold "
    "accepted/refused inside/outside "
    "smallest/largest lowest/highest day/night front/back upper/lower older/younger above/below dry/wet "
    "gained/lost begins/ends begin/end approved/rejected north/south east/west with/without"
)
STRANGERS = ("Aldermoor", "Quistgaard", "Zephania", "Brackenfield", "Ostrava")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|will|can|may|must|should|has|have|est|sont|peut|doit)\b(?! not| never| no)"
)
_PAIR = re.compile(
    r"\b(?P<one>[^\W\d_]{3,}) (?P<link>to|from|by|than|into|for|against|de|par) (?:the |a |an "
    r")?(?P<other>[^\W\d_]{3,})\b"
)
_STEP = re.compile(
    r"\b(?:first|second|third|then|next|finally|afterwards|after that|before|lastly|puis|ensuite|enfin)\b",
    re.IGNORECASE,
)


def number(text: str) -> Iterator[Edit]:
    """Another value in digits."""
    for quantity in quantities(text):
        digits = re.match(r"\d+", text[quantity.start : quantity.end])
        if digits:
            yield quantity.start, quantity.start + digits.end(), str(int(digits.group()) + 3)


def unit(text: str) -> Iterator[Edit]:
    """Another unit of the same dimension, or another currency."""
    for quantity in quantities(text):
        if quantity.unit:
            for start, end, other in _replaced(text[quantity.start : quantity.end], UNITS):
                yield quantity.start + start, quantity.start + end, other


def bound(text: str) -> Iterator[Edit]:
    """`at least` -> `at most`."""
    for quantity in quantities(text):
        if quantity.bound:
            for start, end, other in _replaced(text[quantity.bound_start : quantity.start], BOUNDS):
                yield quantity.bound_start + start, quantity.bound_start + end, other


def quantifier(text: str) -> Iterator[Edit]:
    """`all` -> `some`."""
    yield from _replaced(text, QUANTIFIERS)


def condition(text: str) -> Iterator[Edit]:
    """`if` -> `unless`."""
    yield from _replaced(text, CONDITIONS)


def time(text: str) -> Iterator[Edit]:
    """`before` -> `after`."""
    yield from _replaced(text, TIMES)


def opposite(text: str) -> Iterator[Edit]:
    """`rose` -> `fell`."""
    yield from _replaced(text, OPPOSITES)


def negation(text: str) -> Iterator[Edit]:
    """A `not` comes in."""
    for found in _AUXILIARY.finditer(text):
        french = found.group() in {"est", "sont", "peut", "doit"}
        yield found.end(), found.end(), " pas" if french else " not"


def entities(text: str) -> Iterator[Edit]:
    """Two names change places."""
    places = names(text)
    for (start, end), (other_start, other_end) in pairwise(places):
        one, other = text[start:end], text[other_start:other_end]
        if one != other:
            yield start, other_end, other + text[end:other_start] + one


def roles(text: str) -> Iterator[Edit]:
    """The words on both sides of `to`, `by`, `than` change places."""
    for found in _PAIR.finditer(text):
        one, other = found["one"], found["other"]
        if not FUNCTION_WORDS & {one.casefold(), other.casefold()} and one.casefold() != other.casefold():
            middle = text[found.end("one") : found.start("other")]
            yield found.start(), found.end(), other + middle + one


def steps(text: str) -> Iterator[Edit]:
    """Two neighbouring sentences change places where words tell that their order matters."""
    places = sentences(text)
    for (start, middle), (_, end) in pairwise(places):
        if _STEP.search(text[start:end]):
            yield start, end, f"{text[middle:end].strip()} {text[start:middle].strip()}"


def name(text: str) -> Iterator[Edit]:
    """Somebody or somewhere else."""
    for index, (start, end) in enumerate(names(text)):
        yield start, end, STRANGERS[index % len(STRANGERS)]


def _replaced(text: str, table: Mapping[str, str]) -> Iterator[Edit]:
    pattern = "|".join(re.escape(word) for word in sorted(table, key=lambda word: (-len(word), word)))
    for found in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text):
        yield found.start(), found.end(), table[found.group()]
