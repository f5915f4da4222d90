from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from spanwise.metrics.spans import (
    Rates,
    SpanCounts,
    count,
    count_classes,
    group_numbers,
    macro,
    match,
    micro,
    micro_f1,
    pair,
    per_label,
    tabulate,
    weighted,
)
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction, Span

Words = list[tuple[int, int, str]]
"""Flat entities as (words before it, words in it, label)."""
Document = Callable[..., Prediction]

SURE = Confidence(words=(1.0,), minimum=1.0, mean=1.0, product=1.0, span=1.0)
LENGTH = 24  # words, enough for six entities of at most 4 words with those before them

words = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3), st.sampled_from("ABCD")), max_size=6)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Words, Words]:
    """Gold entities and a prediction that is unrelated, or equal but for one entity."""
    gold = draw(words)
    if not draw(st.booleans()):
        return gold, draw(words)
    changed = [*gold]
    if changed:
        position = draw(st.integers(0, len(changed) - 1))
        before, within, label = changed[position]
        changed[position] = draw(st.sampled_from([(before, within, "A"), (before + within, 1, label)]))
    return gold, changed


def spans_of(entities: Words) -> list[Span]:
    """The entities in a text of one-letter words."""
    spans, word = [], 0
    for before, within, label in entities:
        first = word + before
        word = first + within
        spans.append(Span(start=2 * first, end=2 * word - 1, label=label))
    return spans


def tags_of(spans: Sequence[Span]) -> list[str]:
    """The spans of a text of one-letter words as IOB2 tags."""
    tags = ["O"] * LENGTH
    for span in spans:
        first, last = span.start // 2, span.end // 2
        tags[first : last + 1] = [f"B-{span.label}"] + [f"I-{span.label}"] * (last - first)
    return tags


def prediction_of(gold: Sequence[Span], predicted: Sequence[Span]) -> Prediction:
    return Prediction(
        id="1",
        text="x " * LENGTH,
        group="1",
        gold=tuple(GoldSpan(**span.model_dump(), tier="high") for span in gold),
        predicted=tuple(
            PredictedSpan(**span.model_dump(), tier="high", confidence=SURE) for span in predicted
        ),
    )


def figures(rates: Rates) -> tuple[Any, Any, Any]:
    return rates.precision.tolist(), rates.recall.tolist(), rates.f1.tolist()


@given(st.lists(documents(), min_size=1, max_size=4))
@example([([], [(0, 1, "A")])])
@example([([(0, 1, "A")], [])])
@example([([(0, 1, "A"), (0, 1, "A")], [(0, 2, "A")])])
def test_scores_equal_those_of_seqeval(corpus: list[tuple[Words, Words]]) -> None:
    sides = [(spans_of(gold), spans_of(predicted)) for gold, predicted in corpus]
    assume(any(gold or predicted for gold, predicted in sides))
    predictions = [prediction_of(gold, predicted) for gold, predicted in sides]
    truth, guess = ([tags_of(side[i]) for side in sides] for i in (0, 1))
    total = count(predictions).total()
    report = classification_report(
        truth, guess, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )

    def seqeval(row: str) -> list[float]:
        return [report[row][name] for name in ("precision", "recall", "f1-score", "support")]

    for average in (micro, macro, weighted):
        expected = seqeval(f"{average.__name__} avg")
        assert (*figures(average(total)), total.gold.sum()) == pytest.approx(expected, abs=1e-12)
    by_label = zip(*figures(per_label(total)), total.gold.tolist(), strict=True)
    for label, found in zip(total.labels, by_label, strict=True):
        assert found == pytest.approx(seqeval(label), abs=1e-12)
    assert set(report) == {*total.labels, "micro avg", "macro avg", "weighted avg"}
    assert micro_f1(predictions) == pytest.approx(report["micro avg"]["f1-score"], abs=1e-12)


def worked(document: Document) -> SpanCounts:
    """A: 1 of 2 found and 1 spurious; B: found with a wrong end; C: never predicted; D: never gold."""
    first = document([(0, 4, "A"), (5, 9, "B")], [(0, 4, "A"), (5, 8, "B")])
    second = document([(0, 4, "A"), (10, 12, "C")], [(0, 4, "D"), (20, 22, "A")])
    return count([first, second])


def test_counts_of_a_worked_example(document: Document) -> None:
    counts = worked(document)
    assert counts.labels == ("A", "B", "C", "D")
    assert counts.true_positives.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]
    assert counts.predicted.tolist() == [[1, 1, 0, 0], [1, 0, 0, 1]]
    assert counts.gold.tolist() == [[1, 1, 0, 0], [1, 0, 1, 0]]
    assert counts.present.tolist() == [[True, True, False, False], [True, False, True, True]]


def test_scores_of_a_worked_example(document: Document) -> None:
    total = worked(document).total()
    assert per_label(total).f1.tolist() == [0.5, 0, 0, 0]
    assert figures(micro(total)) == (1 / 4, 1 / 4, 1 / 4)
    assert figures(macro(total)) == (1 / 8, 1 / 8, 1 / 8)
    assert figures(weighted(total)) == (1 / 4, 1 / 4, 1 / 4)


def test_scores_of_some_labels_leave_the_others_aside(document: Document) -> None:
    some = worked(document).select({"C", "A"})
    assert some.labels == ("A", "C")
    assert micro(some.total()).f1 == pytest.approx(2 * 1 / (2 + 3))
    assert macro(some.total()).f1 == pytest.approx(0.5 / 2)


def test_groups_are_numbered_by_first_appearance(document: Document) -> None:
    assert group_numbers([document([], [], group) for group in "qpqr"]).tolist() == [0, 1, 0, 2]
    assert group_numbers([]).tolist() == []


def test_documents_of_one_group_are_counted_together(document: Document) -> None:
    first = document([(0, 4, "A")], [(0, 4, "A")], "p")
    second = document([(0, 4, "B")], [(0, 4, "A")], "q")
    third = document([(0, 4, "B")], [(0, 4, "A")], "p")
    counts = count([first, second, third])
    assert counts.gold.tolist() == [[1, 1], [0, 1]]
    assert counts.predicted.tolist() == [[2, 0], [1, 0]]
    assert counts.true_positives.tolist() == [[1, 0], [0, 0]]  # spans are paired within documents


def test_a_label_that_a_draw_lacks_keeps_its_counts_of_all_documents(document: Document) -> None:
    counts = worked(document)
    both = np.array([[2.0, 2.0, 0.0, 0.0]])
    drawn = SpanCounts(counts.labels, np.array([[2.0, 0.0, 0.0, 0.0]]), both, both)
    completed = drawn.completed(counts.total())
    assert completed.true_positives.tolist() == [[2, 0, 0, 0]]
    assert completed.predicted.tolist() == [[2, 2, 0, 1]]
    assert completed.gold.tolist() == [[2, 2, 1, 0]]
    assert macro(completed).f1.tolist() == [1 / 4]


@pytest.mark.parametrize(
    ("gold", "predicted", "found", "right"),
    [
        ([(0, 4, "A")], [(0, 4, "A"), (0, 4, "A")], [True], [True, False]),
        ([(0, 4, "A"), (0, 4, "A")], [(0, 4, "A")], [True, False], [True]),
        ([(0, 4, "A")], [(0, 4, "B")], [False], [False]),
        ([(0, 4, "A"), (0, 4, "B")], [(0, 4, "B"), (1, 4, "A")], [False, True], [True, False]),
        ([(8, 9, "A"), (0, 4, "A")], [(0, 4, "A"), (8, 9, "A")], [True, True], [True, True]),
        ([], [], [], []),
    ],
)
def test_spans_are_paired_one_to_one(
    document: Document,
    gold: list[tuple[int, int, str]],
    predicted: list[tuple[int, int, str]],
    found: list[bool],
    right: list[bool],
) -> None:
    matches = match([document(gold, predicted)])
    assert matches.gold.tolist() == found
    assert matches.predicted.tolist() == right


def test_spans_of_different_documents_are_never_paired(document: Document) -> None:
    matches = match([document([(0, 4, "A")], []), document([], [(0, 4, "A")])])
    assert not matches.gold.any()
    assert not matches.predicted.any()


def test_spans_are_tabulated_in_the_order_of_the_documents(document: Document) -> None:
    table = tabulate(
        [document([(5, 9, "B"), (0, 4, "C")], [(7, 8, "A")], "p"), document([], [(1, 2, "C")], "q")]
    )
    assert table.labels == ("A", "B", "C")
    assert table.gold.tolist() == [[0, 1, 5, 9], [0, 2, 0, 4]]
    assert table.predicted.tolist() == [[0, 0, 7, 8], [1, 2, 1, 2]]
    assert (table.group.tolist(), table.groups) == ([0, 1], 2)
    assert tabulate([]).groups == 0


def test_rows_of_any_width_are_paired() -> None:
    matches = pair(np.array([[1, 2], [3, 4], [1, 2]]), np.array([[3, 4], [1, 2], [2, 1]]))
    assert matches.gold.tolist() == [True, True, False]
    assert matches.predicted.tolist() == [True, True, False]


def test_spans_are_counted_by_any_class(document: Document) -> None:
    table = tabulate(
        [
            document([(0, 4, "A"), (5, 6, "B")], [(0, 4, "A"), (5, 7, "B")], "p"),
            document([(0, 1, "A")], [(0, 1, "A")], "q"),
        ]
    )
    long = [(rows[:, 3] - rows[:, 2] > 1).astype(np.int64) for rows in (table.gold, table.predicted)]
    counts = count_classes(table, ("short", "long"), gold=long[0], predicted=long[1])
    assert counts.labels == ("short", "long")
    assert counts.true_positives.tolist() == [[0, 1], [1, 0]]
    assert counts.predicted.tolist() == [[0, 2], [1, 0]]
    assert counts.gold.tolist() == [[1, 1], [1, 0]]


@pytest.mark.parametrize("empty_documents", [0, 1, 3])
def test_nothing_to_find_and_nothing_found_scores_zero(document: Document, empty_documents: int) -> None:
    predictions = [document([], [])] * empty_documents
    counts = count(predictions)
    assert counts.gold.shape == (min(empty_documents, 1), 0)  # one and the same, so of one group
    assert micro_f1(predictions) == 0.0
    for average in (micro, macro, weighted):
        assert figures(average(counts.total())) == (0, 0, 0)
