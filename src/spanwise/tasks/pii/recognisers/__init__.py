"""What finds personal data: rules, a trained tagger, Presidio. Each is a function of the source alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers.addresses import find_postcodes, find_streets
from spanwise.tasks.pii.recognisers.attributes import find_attributes
from spanwise.tasks.pii.recognisers.contacts import find_emails, find_phones, find_urls
from spanwise.tasks.pii.recognisers.dates import find_dates
from spanwise.tasks.pii.recognisers.identifiers import find_identifiers
from spanwise.tasks.pii.recognisers.locations import find_locations
from spanwise.tasks.pii.recognisers.names import find_names
from spanwise.tasks.pii.recognisers.organisations import find_organisations
from spanwise.tasks.pii.recognisers.works import find_works
from spanwise.tasks.pii.source import Source

Recogniser = Callable[[Source], Iterable[Span]]

RULES: tuple[Recogniser, ...] = (
    find_emails,
    find_urls,
    find_identifiers,
    find_attributes,
    find_phones,
    find_postcodes,
    find_streets,
    find_names,
    find_locations,
    find_dates,
    find_organisations,
    find_works,
)
"""By the form of what is found, the words before it and its place; no lists of names."""


def detect(source: Source, recognisers: Sequence[Recogniser]) -> list[Span]:
    """All that the recognisers find, in the order of the text, each span once; spans may overlap."""
    found = {span for recogniser in recognisers for span in recogniser(source)}
    return sorted(found, key=lambda span: (span.start, -span.end, span.label))
