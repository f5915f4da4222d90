"""A trained tagger as a recogniser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from spanwise.schema import Example, Prediction, Span
from spanwise.tasks.pii.labels import LABELS
from spanwise.tasks.pii.recognisers import Recogniser
from spanwise.tasks.pii.source import Source
from spanwise.tasks.resume import fields

RESUME: Mapping[str, str] = {
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
    fields.PUBLICATION: "PUBLICATION",
    fields.AWARD: "AWARD",
    fields.REFERENCE: "PERSON",
}
"""What a tagger of résumés calls them -> the label here."""


def tagger_recogniser(
    predict: Callable[[Iterable[Example]], Iterator[Prediction]], *, least: float = 0.0
) -> Recogniser:
    """What a model finds, whether it was trained on this task or on résumés; other labels are passed over.

    Args:
        predict: Examples -> predictions, in their order.
        least: The raw confidence of a span from which on it counts. Low: what is missed shows a person.
    """

    def find(source: Source) -> Iterator[Span]:
        example = Example(id="document", text=source.text, target=(), group="document")
        for prediction in predict([example]):
            for span in prediction.predicted:
                label = RESUME.get(span.label, span.label)
                if label in LABELS and span.confidence.span >= least:
                    yield Span(start=span.start, end=span.end, label=label)

    return find
