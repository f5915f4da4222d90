"""Mistakes are planted as told, and the ranking finds planted ones far above chance."""

from __future__ import annotations

from random import Random

import pytest

from spanwise.label_noise.disagreements import find_disagreements
from spanwise.label_noise.documents import judge
from spanwise.label_noise.planting import Planted, average_precision, plant, recovered
from spanwise.label_noise.ranking import rank
from spanwise.schema import Confidence, Example, GoldSpan, PredictedSpan, Prediction, Span

LABELS = ("Sign", "Drug", "Place")
LENGTH = 6  # characters of a word and the space behind it


def notes(number: int) -> list[Example]:
    """Documents of twenty words, in which every second one is annotated."""
    examples = []
    for name in range(number):
        text = " ".join(f"w{name % 10}{word:02}x" for word in range(20))
        spans = tuple(
            Span(start=LENGTH * word, end=LENGTH * word + 5, label=LABELS[(word // 2 + name) % 3])
            for word in range(0, 20, 2)
        )
        examples.append(Example(id=f"n{name:02}", text=text, target=spans, group=f"n{name:02}"))
    return examples


def test_planted_mistakes_are_all_that_changes() -> None:
    examples = notes(8)
    spoiled, planted = plant(examples, share=0.25, seed=1)
    assert len(planted) == 20
    assert {each.kind for each in planted} == {"type", "boundary", "missing", "doubtful"}
    before = {(e.id, s.start, s.end, s.label) for e in examples for s in e.spans}
    after = {(e.id, s.start, s.end, s.label) for e in spoiled for s in e.spans}
    of = {kind: {(p.document, p.start, p.end) for p in planted if p.kind == kind} for kind in LABEL_KINDS}
    assert {key[:3] for key in after - before} == of["type"] | of["boundary"] | of["doubtful"]
    assert of["missing"] <= {key[:3] for key in before - after}
    assert len(before - after) == len(of["type"] | of["boundary"] | of["missing"])
    for example in spoiled:
        edges = [edge for span in example.spans for edge in (span.start, span.end)]
        assert edges == sorted(edges)  # no two overlap


LABEL_KINDS = ("type", "boundary", "missing", "doubtful")


def test_the_same_seed_plants_the_same() -> None:
    assert plant(notes(4), share=0.2, seed=7) == plant(notes(4), share=0.2, seed=7)
    assert plant(notes(4), share=0.2, seed=7) != plant(notes(4), share=0.2, seed=8)


def test_what_cannot_become_wrong_stays() -> None:
    """One word, one type: it can only be removed."""
    only = Example(id="d", text="fever", target=(Span(start=0, end=5, label="Sign"),), group="d")
    others = [only.model_copy(update={"id": str(number)}) for number in range(4)]
    spoiled, planted = plant(others, share=1.0, seed=1)
    assert [(each.kind, each.start, each.end) for each in planted] == [("missing", 0, 5)]
    assert sum(len(example.spans) for example in spoiled) == 3


def test_average_precision_counts_what_is_not_in_the_list() -> None:
    assert average_precision([True, False, True], 2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([True, False, True], 4) == pytest.approx((1 + 2 / 3) / 4)
    assert average_precision([False], 0) is None


def predicted(example: Example, truth: Example, random: Random) -> Prediction:
    """What a model that is right on nine spans of ten says, and is surer where it is right."""
    gold, found = [], []
    for span in truth.spans:
        right = random.random() < 0.9
        sure = round(random.betavariate(8, 2) if right else random.betavariate(4, 4), 6)
        label = span.label if right else random.choice([name for name in LABELS if name != span.label])
        confidence = Confidence(words=(sure,), minimum=sure, mean=sure, product=sure, span=sure)
        bounds = {"start": span.start, "end": span.end}
        found.append(PredictedSpan(**bounds, label=label, tier="t", confidence=confidence))
    sure_of = {(span.start, span.end, span.label): span.confidence.span for span in found}
    rest = {(span.start, span.end): 1 - span.confidence.span for span in found}
    for span in example.spans:
        # The model gives the annotation what it does not give to its own reading, or a part of that.
        given = rest.get((span.start, span.end), 0.05) * random.random()
        given = sure_of.get((span.start, span.end, span.label), given)
        gold.append(GoldSpan(**span.model_dump(), tier="t", probability=round(given, 6)))
    return Prediction(
        id=example.id, text=example.text, group=example.id, gold=tuple(gold), predicted=tuple(found)
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_mistakes_rank_far_above_chance(seed: int) -> None:
    """Even though the model errs as often as the gold standard is wrong."""
    truth = notes(40)
    spoiled, planted = plant(truth, share=0.1, seed=seed)
    random = Random(seed)
    pairs = zip(spoiled, truth, strict=True)
    documents = judge("run", [predicted(example, true, random) for example, true in pairs], None)
    candidates = rank(documents, find_disagreements(documents).found)
    hits = recovered(candidates, planted)
    chance = sum(hits) / len(candidates)
    precision = average_precision(hits, len(planted))
    assert sum(hits) == len(planted)
    assert 0.4 < chance < 0.6
    assert precision is not None
    assert precision > chance + 0.15
    reversed_precision = average_precision(hits[::-1], len(planted))
    assert reversed_precision is not None
    assert reversed_precision < chance


def test_each_mistake_is_found_once() -> None:
    truth = notes(1)
    random = Random(1)
    document = predicted(truth[0], truth[0], random).model_copy(update={"predicted": ()})
    documents = judge("run", [document], None)
    candidates = rank(documents, find_disagreements(documents).found)
    first = candidates[0].annotated
    assert first is not None
    hits = recovered([candidates[0], *candidates], [Planted("n00", "type", first.start, first.end)])
    assert hits == [True] + [False] * len(candidates)
