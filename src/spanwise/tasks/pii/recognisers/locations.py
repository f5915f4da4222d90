"""Cities, regions and countries: those that are known, and what stands beside a postcode or a state."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.schema import Span
from spanwise.tasks.pii.places import find_cities, find_countries
from spanwise.tasks.pii.source import HEADER, Line, Source

_PLACE = (
    r"[^\W\d_a-z][\w'’.-]+(?:[ /-](?:(?:am|an|der|sur|sous|en|la|le|les|de|del|di|do|da|in|upon"
    r"|on)[ -])*[^\W\d_][\w'’.-]*){0,3}"
)
_BESIDE_CODE = re.compile(
    rf"(?:(?<!\d)\d{{4,6}}|\d{{3}} \d{{2}}|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{4}} ?[A-Z]{{2}})(?:,? | -"
    rf" )(?P<place>{_PLACE})"
)
_BEFORE_CODE = re.compile(
    rf"(?:^|[,|•·\t] ?)(?P<place>{_PLACE})(?:, ?(?P<state>[A-Z]{{2}}|{_PLACE}))?,?"
    rf" (?:[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}|\d{{5}}(?:-\d{{3,4}})?)(?!\w)"
)
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND"
    " OH OK OR PA RI SC"
    " SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB MB SK NS NB NL PE"
).replace(" ", "|")
_CITY_STATE = re.compile(rf"(?P<place>[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){{0,2}}), (?P<state>{_STATES})\b")
_CITY_UNIT = re.compile(rf"(?P<place>{_PLACE}) - (?P<state>[A-Z]{{2}})(?!\w)")  # as in Brazil
_CITY_COUNTRY = re.compile(rf"(?:^|[|•·\t(]\s?|\s[–—-]\s|, )(?P<place>{_PLACE})(?P<comma>, ?)$")
_NOT_PLACE = re.compile(r"(?i)\s*\b(?:tel|phone|mob|e-?mail|fax|remote|hybrid)\b.*")


def find_locations(source: Source) -> Iterator[Span]:
    """Each city, region or country by itself."""
    text = source.folded.text
    for start, end in find_cities(text):
        yield source.span(start, end, "LOCATION")
    for match in (*_CITY_STATE.finditer(text), *_CITY_UNIT.finditer(text)):
        yield source.span(*match.span("place"), "LOCATION")
        yield source.span(*match.span("state"), "LOCATION")
    for line in source.lines:
        yield from _countries(source, line)
    for line in source.header:
        for pattern in (_BESIDE_CODE, _BEFORE_CODE):
            for match in pattern.finditer(line.text):
                place = _NOT_PLACE.sub("", match["place"]).rstrip(" .,-")
                if len(place) > 1:
                    start = line.start + match.start("place")
                    yield source.span(start, start + len(place), "LOCATION")


def _countries(source: Source, line: Line) -> Iterator[Span]:
    """Countries, and the cities that stand before them and a comma."""
    for start, end in find_countries(line.text):
        yield source.span(line.start + start, line.start + end, "LOCATION")
        before = _CITY_COUNTRY.search(line.text[:start])
        if before and line.section in (HEADER, "work", "education", "contact"):
            yield source.span(
                line.start + before.start("place"), line.start + before.end("place"), "LOCATION"
            )
