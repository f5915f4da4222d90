from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spanwise.label_noise.disagreements import (
    BESIDE,
    COVERED,
    INEXPRESSIBLE,
    SECOND,
    find_disagreements,
)
from spanwise.label_noise.documents import Document
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction
from tests.unit.label_noise.conftest import Judged, Noted

TEXT = "He had a severe dry cough and some fever, took aspirin, and went home."


def told(documents: list[Document]) -> list[tuple[str, str | None, str | None]]:
    """Kind, gold label and predicted label of each disagreement."""
    return [
        (
            each.kind,
            each.gold.label if each.gold else None,
            each.predicted.span.label if each.predicted else None,
        )
        for each in find_disagreements(documents).found
    ]


def test_each_kind_is_named(noted: Noted, judged: Judged) -> None:
    gold = [
        ("dry cough", "Sign", 0.1),
        ("fever", "Disease", 0.1),
        ("home", "Place", 0.0),
        ("had", "Event", 0.2),
    ]
    found = [
        ("severe dry cough", "Sign", 0.8), ("fever", "Sign", 0.7), ("aspirin", "Drug", 0.9),
        ("He had", "Person", 0.6),
    ]  # fmt: skip
    assert told(judged(noted(TEXT, gold, found))) == [
        ("boundary", "Sign", "Sign"),
        ("type", "Disease", "Sign"),
        ("doubtful", "Place", None),
        ("boundary_and_type", "Event", "Person"),
        ("missing", None, "Drug"),
    ]


def test_what_both_agree_on_is_no_disagreement(noted: Noted, judged: Judged) -> None:
    found = find_disagreements(judged(noted(TEXT, [("fever", "Sign", 0.9)], [("fever", "Sign", 0.9)])))
    assert (found.found, found.unlisted) == ((), {})


def test_an_annotation_is_listed_with_what_contradicts_it_most_directly(noted: Noted, judged: Judged) -> None:
    """The same type goes before a surer reading of another type; the second half of a split is counted."""
    gold = [("severe dry cough", "Sign", 0.1)]
    found = [("severe", "Severity", 0.95), ("dry cough", "Sign", 0.5)]
    disagreements = find_disagreements(judged(noted(TEXT, gold, found)))
    [only] = disagreements.found
    assert only.predicted is not None
    assert (only.kind, only.predicted.confidence) == ("boundary", 0.5)
    assert disagreements.unlisted == {SECOND: 1}


def test_the_model_is_no_judge_of_what_it_cannot_say(noted: Noted, judged: Judged) -> None:
    gold = [("spirin", "Drug", None), ("severe dry cough", "Sign", 0.9), ("dry", "Texture", 0.0)]
    found = [("aspirin", "Drug", 0.9), ("severe dry cough", "Sign", 0.9)]
    disagreements = find_disagreements(judged(noted(TEXT, gold, found)))
    assert disagreements.found == ()
    assert disagreements.unlisted == {COVERED: 1, INEXPRESSIBLE: 1, BESIDE: 1}


def spans() -> st.SearchStrategy[list[tuple[int, int, str]]]:
    bounds = st.tuples(st.integers(0, 8), st.integers(1, 4), st.sampled_from("AB"))
    return st.lists(bounds.map(lambda each: (each[0], each[0] + each[1], each[2])), max_size=6, unique=True)


@given(gold=spans(), found=spans(), unknown=st.booleans())
def test_every_span_is_agreed_listed_or_counted(
    gold: list[tuple[int, int, str]], found: list[tuple[int, int, str]], unknown: bool
) -> None:
    sure = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)
    prediction = Prediction(
        id="d",
        text="x" * 12,
        group="d",
        gold=tuple(
            GoldSpan(
                start=start,
                end=end,
                label=label,
                tier="t",
                probability=None if unknown and not number else 0.1,
            )
            for number, (start, end, label) in enumerate(gold)
        ),
        predicted=tuple(
            PredictedSpan(start=start, end=end, label=label, tier="t", confidence=sure)
            for start, end, label in found
        ),
    )
    disagreements = find_disagreements([Document("run", prediction, (0.5,) * len(found))])
    agreed = len(set(gold) & set(found))
    unlisted = disagreements.unlisted
    listed_gold = [each.gold for each in disagreements.found if each.gold]
    listed = {
        (each.predicted.span.start, each.predicted.span.end, each.predicted.span.label)
        for each in disagreements.found
        if each.predicted
    }
    assert agreed + len(listed_gold) + unlisted.get(INEXPRESSIBLE, 0) + unlisted.get(COVERED, 0) == len(gold)
    assert agreed + len(listed) + unlisted.get(SECOND, 0) + unlisted.get(BESIDE, 0) == len(found)
