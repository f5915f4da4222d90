from __future__ import annotations

from collections.abc import Iterable, Iterator

from spanwise.schema import Confidence, Example, PredictedSpan, Prediction, Span
from spanwise.tasks.pii.recognisers.tagger import tagger_recogniser
from spanwise.tasks.pii.source import Source


def _span(start: int, end: int, label: str, confidence: float) -> PredictedSpan:
    raw = Confidence(
        words=(confidence,), minimum=confidence, mean=confidence, product=confidence, span=confidence
    )
    return PredictedSpan(start=start, end=end, label=label, tier="high", confidence=raw)


def _predict(examples: Iterable[Example]) -> Iterator[Prediction]:
    for example in examples:
        found = (_span(0, 3, "Name", 0.9), _span(4, 9, "ORGANIZATION", 0.3), _span(10, 14, "Skill", 0.9))
        yield Prediction(id=example.id, text=example.text, group=example.group, predicted=found)


def test_labels_of_both_tasks_count_and_skills_do_not() -> None:
    found = list(tagger_recogniser(_predict)(Source("Ada Brack Java")))
    assert found == [Span(start=0, end=3, label="PERSON"), Span(start=4, end=9, label="ORGANIZATION")]


def test_a_threshold_leaves_out_what_is_less_sure() -> None:
    assert len(list(tagger_recogniser(_predict, least=0.5)(Source("Ada Brack Java")))) == 1
