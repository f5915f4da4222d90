from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nervaluate import Evaluator

from spanwise.metrics.semeval import SCHEMES, Scheme, answers, score
from spanwise.metrics.spans import Integers, SpanTable, tabulate
from spanwise.schema import Prediction

Row = tuple[int, int, str]
"""Start, end (half-open) and label."""
Side = list[list[Row]]
"""The spans of each document."""
Document = Callable[..., Prediction]

LABELS = "ABC"
COUNTS = ("correct", "incorrect", "partial", "missed", "spurious", "possible", "actual")
RATES = ("precision", "recall", "f1")
NAMES = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}


def table_of(gold: Side, predicted: Side) -> SpanTable:
    """The spans as a table; each document is a group of its own."""

    def rows(side: Side) -> Integers:
        spans = [
            (document, LABELS.index(label), start, end)
            for document, spans in enumerate(side)
            for start, end, label in spans
        ]
        return np.array(spans, dtype=np.int64).reshape(-1, 4)

    return SpanTable(tuple(LABELS), rows(gold), rows(predicted), np.arange(len(gold)))


def ours(gold: Side, predicted: Side) -> dict[Scheme, dict[str, Any]]:
    return score(table_of(gold, predicted), samples=1, level=0.95, seed=1)


def theirs(gold: Side, predicted: Side, *, behind: int = 1) -> dict[Scheme, dict[str, Any]]:
    """What nervaluate makes of it; `behind` is how far behind its last character a span's end stands."""
    sides = (
        [
            [{"label": label, "start": start, "end": end - behind} for start, end, label in document]
            for document in side
        ]
        for side in (gold, predicted)
    )
    found = Evaluator(*sides, tags=list(LABELS), loader="dict").evaluate()["overall"]
    return {
        scheme: {name: getattr(found[NAMES[scheme]], name) for name in (*COUNTS, *RATES)}
        for scheme in SCHEMES
    }


def counts(figures: dict[Scheme, dict[str, Any]], scheme: Scheme) -> tuple[int, ...]:
    """Correct, incorrect, partial, missed, spurious."""
    return tuple(figures[scheme][name] for name in COUNTS[:5])


spans = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from(LABELS)), min_size=1, max_size=7
)


def flat(entities: Sequence[tuple[int, int, str]]) -> list[Row]:
    """Spans that do not overlap, from (characters before it, characters in it, label)."""
    rows, position = [], 0
    for before, within, label in entities:
        rows.append((position + before, position + before + within, label))
        position += before + within
    return rows


@st.composite
def flat_documents(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Gold spans, and predicted ones that have nothing to do with them or are some of them, changed."""
    gold = flat(draw(spans))
    if draw(st.booleans()):
        return gold, flat(draw(spans))
    predicted: list[Row] = []
    for start, end, label in gold:
        change = draw(st.sampled_from(["none", "none", "missed", "label", "start", "end", "merged"]))
        if change == "merged" and predicted:
            predicted[-1] = (predicted[-1][0], end, label)
        elif change == "label":
            predicted.append((start, end, draw(st.sampled_from(LABELS))))
        elif change == "start" and end - start > 1:
            predicted.append((start + 1, end, label))
        elif change == "end" and end - start > 1:
            predicted += [(start, start + 1, label), (start + 1, end, draw(st.sampled_from(LABELS)))]
        elif change == "none":
            predicted.append((start, end, label))
    return gold, predicted


@st.composite
def overlapping(draw: st.DrawFn) -> list[Row]:
    """Spans that may overlap, nest and repeat."""
    drawn = draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.sampled_from(LABELS)), max_size=6)
    )
    return [(start, start + within, label) for start, within, label in drawn]


# Beside nervaluate.


@given(st.lists(flat_documents(), min_size=1, max_size=3), st.randoms(use_true_random=False))
@example([([(0, 9, "B")], [(0, 4, "A"), (4, 9, "B")])], None)
@example([([(0, 3, "A"), (3, 9, "A")], [(0, 9, "A")])], None)
@example([([], [(0, 3, "A")])], None)
def test_scores_of_flat_spans_are_those_of_nervaluate(
    corpus: list[tuple[list[Row], list[Row]]], random: Any
) -> None:
    gold, predicted = ([document[side] for document in corpus] for side in (0, 1))
    expected = theirs(gold, predicted)
    if random:  # the order in which they are listed does not matter here
        gold, predicted = ([random.sample(each, len(each)) for each in side] for side in (gold, predicted))
    found = ours(gold, predicted)
    for scheme in SCHEMES:
        for name in COUNTS:
            assert found[scheme][name] == expected[scheme][name], (scheme, name)
        for name in RATES:
            assert found[scheme][name] == pytest.approx(expected[scheme][name], abs=1e-12), (scheme, name)


def test_a_long_run_of_overlaps_is_answered_one_by_one() -> None:
    gold = [(4 * n, 4 * n + 4, LABELS[n % 2]) for n in range(300)]
    predicted = [(4 * n + 2, 4 * n + 6, LABELS[n % 3]) for n in range(300)]
    found, expected = ours([gold], [predicted]), theirs([gold], [predicted])
    assert [counts(found, scheme) for scheme in SCHEMES] == [counts(expected, scheme) for scheme in SCHEMES]
    assert found["partial"]["partial"] == 300


def test_one_prediction_over_two_gold_spans_answers_one_of_them() -> None:
    """What nervaluate's issues 29 and 39 are about; its version 1.2.1 counts alike."""
    gold, predicted = [[(1, 3, "A"), (3, 11, "A")]], [[(1, 3, "A"), (3, 6, "A"), (6, 11, "A")]]
    for figures in (ours(gold, predicted), theirs(gold, predicted)):
        assert counts(figures, "exact") == (1, 1, 0, 0, 1)
        assert figures["exact"]["recall"] == 1 / 2
    for figures in (ours(predicted, gold), theirs(predicted, gold)):
        assert counts(figures, "exact") == (1, 1, 0, 1, 0)


def test_unlike_nervaluate_the_order_of_predictions_does_not_matter() -> None:
    """Issue 40: whoever is listed first takes the gold span."""
    gold, predicted = [[(0, 9, "B")]], [[(0, 4, "A"), (4, 9, "B")]]
    turned = [predicted[0][::-1]]
    assert counts(theirs(gold, predicted), "type") == (0, 1, 0, 0, 1)
    assert counts(theirs(gold, turned), "type") == (1, 0, 0, 0, 1)
    assert ours(gold, predicted) == ours(gold, turned)
    assert counts(ours(gold, turned), "type") == (0, 1, 0, 0, 1)


def test_unlike_nervaluate_the_order_of_gold_spans_does_not_matter() -> None:
    """Issue 40: a prediction takes the gold span that is listed first, and leaves none to the next."""
    gold, predicted = [[(0, 4, "A"), (4, 9, "A")]], [[(2, 6, "A"), (6, 9, "A")]]
    turned = [gold[0][::-1]]
    assert counts(theirs(gold, predicted), "partial") == (0, 0, 2, 0, 0)
    assert counts(theirs(turned, predicted), "partial") == (0, 0, 1, 1, 1)
    assert ours(gold, predicted) == ours(turned, predicted)
    assert counts(ours(turned, predicted), "partial") == (0, 0, 2, 0, 0)


def test_unlike_nervaluate_an_equal_span_is_never_robbed_of_its_gold_span() -> None:
    """Issue 84, overlapping predictions: the first one takes what the second one equals."""
    gold, predicted = [[(0, 4, "B")]], [[(0, 4, "A"), (0, 4, "B")]]
    for scheme in ("strict", "type"):
        assert counts(theirs(gold, predicted), scheme) == (0, 1, 0, 0, 1)
        assert counts(ours(gold, predicted), scheme) == (1, 0, 0, 0, 1)
    longer = [[(0, 9, "B"), (0, 4, "B")]]
    assert counts(theirs(gold, longer), "partial") == (0, 0, 1, 0, 1)
    assert counts(ours(gold, longer), "partial") == (1, 0, 0, 0, 1)


def test_unlike_nervaluate_a_small_overlap_is_an_overlap() -> None:
    """Issue 105: by default one below 1 % of the gold span is none."""
    gold, predicted = [[(0, 202, "A")]], [[(0, 2, "A")]]
    assert counts(theirs(gold, predicted), "partial") == (0, 0, 0, 1, 1)
    assert counts(ours(gold, predicted), "partial") == (0, 0, 1, 0, 0)


def test_unlike_nervaluate_ends_are_half_open() -> None:
    """Offsets of that kind, handed to nervaluate as they are, make neighbours share a character."""
    gold, predicted = [[(0, 4, "A")]], [[(4, 9, "A")]]
    assert counts(theirs(gold, predicted, behind=0), "partial") == (0, 0, 1, 0, 0)
    assert counts(theirs(gold, predicted), "partial") == (0, 0, 0, 1, 1)
    assert counts(ours(gold, predicted), "partial") == (0, 0, 0, 1, 1)


def test_unlike_nervaluate_the_first_document_may_be_without_spans() -> None:
    """It looks there for the format of all, if not told."""
    with pytest.raises(IndexError):
        Evaluator([[], [{"label": "A", "start": 0, "end": 3}]], [[], []], tags=["A"])
    assert counts(ours([[], [(0, 4, "A")]], [[], []]), "strict") == (0, 0, 0, 1, 0)


# What is promised beyond.


@given(overlapping(), overlapping(), st.randoms(use_true_random=False))
def test_no_order_matters_where_spans_overlap(gold: list[Row], predicted: list[Row], random: Any) -> None:
    found = ours([gold], [predicted])
    shuffled = [random.sample(each, len(each)) for each in (gold, predicted)]
    assert ours([shuffled[0]], [shuffled[1]]) == found
    for figures in found.values():
        paired = figures["correct"] + figures["incorrect"] + figures["partial"]
        assert paired + figures["missed"] == figures["possible"] == len(gold)
        assert paired + figures["spurious"] == figures["actual"] == len(predicted)
        assert min(figures["missed"], figures["spurious"]) >= 0
    assert found["strict"]["correct"] <= found["exact"]["correct"] == found["partial"]["correct"]
    assert found["strict"]["correct"] <= found["type"]["correct"]


@pytest.mark.parametrize(
    ("predicted", "strict", "exact", "partial", "type_"),
    [
        ((5, 9, "A"), "correct", "correct", "correct", "correct"),
        ((5, 9, "B"), "incorrect", "correct", "correct", "incorrect"),
        ((5, 8, "A"), "incorrect", "incorrect", "partial", "correct"),
        ((8, 12, "B"), "incorrect", "incorrect", "partial", "incorrect"),
        ((9, 12, "A"), "spurious", "spurious", "spurious", "spurious"),
        ((4, 5, "A"), "spurious", "spurious", "spurious", "spurious"),
    ],
)
def test_each_scheme_judges_an_answer_by_what_it_looks_at(
    predicted: Row, strict: str, exact: str, partial: str, type_: str
) -> None:
    found = ours([[(5, 9, "A")]], [[predicted]])
    for scheme, outcome in zip(SCHEMES, (strict, exact, partial, type_), strict=True):
        assert found[scheme][outcome] == 1
        assert found[scheme]["missed"] == (outcome == "spurious")
        assert found[scheme]["f1"] == {"correct": 1, "partial": 0.5}.get(outcome, 0)


def test_spans_of_other_documents_are_out_of_reach() -> None:
    found = ours([[(0, 4, "A")], []], [[], [(0, 4, "A")]])
    assert [counts(found, scheme) for scheme in SCHEMES] == [(0, 0, 0, 1, 1)] * 4


def test_answers_stand_in_the_order_in_which_spans_are_listed() -> None:
    table = table_of([[(0, 4, "A"), (5, 9, "B")]], [[(20, 24, "A"), (5, 8, "B"), (0, 4, "A")]])
    found = answers(table)["partial"]
    assert found.correct.tolist() == [False, False, True]
    assert found.inexact.tolist() == [False, True, False]


def test_rates_of_a_worked_example(document: Document) -> None:
    prediction = document(
        [(0, 4, "A"), (5, 9, "A"), (10, 14, "A")], [(0, 4, "A"), (5, 8, "A"), (30, 34, "A"), (40, 44, "A")]
    )
    found = score(tabulate([prediction]), samples=1, level=0.95, seed=1)
    assert counts(found, "partial") == (1, 0, 1, 1, 2)
    assert [found["partial"][name] for name in RATES] == pytest.approx([1.5 / 4, 1.5 / 3, 3 / 7])
    assert [found["type"][name] for name in RATES] == pytest.approx([2 / 4, 2 / 3, 4 / 7])
    assert [found["strict"][name] for name in RATES] == pytest.approx([1 / 4, 1 / 3, 2 / 7])


def test_each_interval_holds_its_figure_and_narrows_with_documents() -> None:
    kinds = [(0, 4, "A"), (0, 3, "A"), (0, 4, "B"), (6, 8, "A")]
    widths = {}
    for size in (8, 128):
        predicted = [[kinds[n % 4]] for n in range(size)]
        found = score(table_of([[(0, 4, "A")]] * size, predicted), samples=400, level=0.95, seed=1)
        for figures in found.values():
            assert 0 <= figures["f1_low"] < figures["f1"] < figures["f1_high"] <= 1
        widths[size] = [figures["f1_high"] - figures["f1_low"] for figures in found.values()]
    assert all(few > 2 * many for few, many in zip(widths[8], widths[128], strict=True))


@pytest.mark.parametrize(("groups", "gold"), [(4, [(0, 4, "A")]), (9, [])])
def test_few_groups_or_no_gold_span_have_no_interval(groups: int, gold: list[Row]) -> None:
    found = score(table_of([gold] * groups, [[(0, 4, "A")]] * groups), samples=9, level=0.95, seed=1)
    assert {(figures["f1_low"], figures["f1_high"]) for figures in found.values()} == {(None, None)}


@pytest.mark.parametrize("documents", [0, 6])
def test_nothing_at_all_scores_zero(documents: int) -> None:
    found = ours([[]] * documents, [[]] * documents)
    assert tuple(found) == SCHEMES
    for figures in found.values():
        assert figures == dict.fromkeys((*COUNTS, *RATES), 0) | {"f1_low": None, "f1_high": None}
