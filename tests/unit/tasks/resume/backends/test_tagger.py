"""The tagger's backend with anything that predicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spanwise.documents import ReadDocument
from spanwise.schema import Confidence, Example, PredictedSpan, Prediction
from spanwise.tasks.resume.backends import TaggerBackend
from spanwise.tasks.resume.fields import EMPLOYER, NAME, POSITION
from spanwise.tasks.resume.parser import parse_many

TEXT = "xyzzy\nAnn Lee\nExperience\nVeltri – Wordsmithery\t2019 – 2020"


def span(text: str, words: str, label: str, confidence: float) -> PredictedSpan:
    start = text.index(words)
    raw = Confidence(
        words=(confidence,), minimum=confidence, mean=confidence, product=confidence, span=confidence
    )
    return PredictedSpan(start=start, end=start + len(words), label=label, tier="high", confidence=raw)


def predict(examples: Iterable[Example]) -> Iterator[Prediction]:
    """A tagger that knows an employer where the rules guess wrongly."""
    for example in examples:
        found = [
            span(example.text, words, label, 0.8)
            for words, label in (("Ann Lee", NAME), ("Veltri", EMPLOYER), ("Wordsmithery", POSITION))
            if words in example.text
        ]
        yield Prediction(id=example.id, text=example.text, group=example.group, predicted=tuple(found))


def document(text: str = TEXT) -> ReadDocument:
    return ReadDocument(status="ok", text=text)


def test_tagger_and_rules_are_combined() -> None:
    [parsed] = parse_many([document()], TaggerBackend(predict))
    [job] = parsed.resume.work
    assert (job.employer, job.position, job.start, job.end) == ("Veltri", "Wordsmithery", "2019", "2020")
    assert parsed.resume.basics.name == "Ann Lee"
    sources = {field.path: field.source for field in parsed.origin.fields}
    assert (sources["work[0].name"], sources["work[0].startDate"]) == ("tagger", "rules")
    assert parsed.origin.backend == "tagger+rules"


def test_a_tagger_may_be_alone() -> None:
    [parsed] = parse_many([document()], TaggerBackend(predict, with_rules=False))
    assert {field.source for field in parsed.origin.fields} <= {"tagger"} | {"rules"}
    assert parsed.resume.work[0].start is None
    assert parsed.origin.backend == "tagger"


def test_calibrated_confidence_replaces_the_raw_one() -> None:
    backend = TaggerBackend(
        predict,
        lambda predictions: [0.25 for prediction in predictions for _ in prediction.predicted],
        with_rules=False,
    )
    first, second = parse_many([document("Ann Lee"), document()], backend)
    assert [field.confidence for field in first.origin.fields] == [0.25]
    assert {field.confidence for field in second.origin.fields if field.source == "tagger"} == {0.25}
