from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.io import read_jsonl, write_jsonl
from spanwise.metrics.errors import CATEGORIES, Judgement, judge
from spanwise.metrics.spans import match
from spanwise.schema import Prediction, Span

Spans = Sequence[tuple[int, int, str]]
Make = Callable[..., Prediction]

spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from("AB")).map(
        lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=7,
)
documents = st.lists(st.tuples(spans, spans), max_size=3)


def told(judgements: Iterable[Judgement]) -> list[tuple[str, Spans, Spans]]:
    return [(each.category, plain(each.gold), plain(each.predicted)) for each in judgements]


def plain(of: Iterable[Span]) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in of]


def overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


@pytest.mark.parametrize(
    ("gold", "predicted", "category"),
    [
        ((10, 20, "A"), (10, 20, "A"), "correct"),
        ((10, 20, "A"), (10, 20, "B"), "type"),
        ((10, 20, "A"), (10, 19, "A"), "shorter"),
        ((10, 20, "A"), (12, 20, "A"), "shorter"),
        ((10, 20, "A"), (12, 15, "A"), "shorter"),
        ((10, 20, "A"), (10, 21, "A"), "longer"),
        ((10, 20, "A"), (9, 20, "A"), "longer"),
        ((10, 20, "A"), (9, 21, "A"), "longer"),
        ((10, 20, "A"), (9, 19, "A"), "shifted"),
        ((10, 20, "A"), (19, 25, "A"), "shifted"),
        ((10, 20, "A"), (10, 19, "B"), "boundary_and_type"),
        ((10, 20, "A"), (9, 19, "B"), "boundary_and_type"),
    ],
)
def test_one_gold_and_one_overlapping_prediction_are_a_pair(
    judged: Make, gold: tuple[int, int, str], predicted: tuple[int, int, str], category: str
) -> None:
    assert told(judge([judged([gold], [predicted])])) == [(category, [gold], [predicted])]


def test_neighbours_do_not_overlap(judged: Make) -> None:
    assert told(judge([judged([(10, 20, "A")], [(0, 10, "A"), (20, 30, "A")])])) == [
        ("spurious", [], [(0, 10, "A")]),
        ("missed", [(10, 20, "A")], []),
        ("spurious", [], [(20, 30, "A")]),
    ]


def test_several_predictions_over_one_gold_span_split_it_whatever_their_labels(judged: Make) -> None:
    pieces = [(8, 12, "A"), (13, 15, "B"), (16, 20, "A")]
    assert told(judge([judged([(10, 20, "A")], pieces)])) == [("split", [(10, 20, "A")], pieces)]


def test_one_prediction_over_several_gold_spans_merges_them_whatever_their_labels(judged: Make) -> None:
    pieces = [(10, 12, "A"), (13, 15, "B"), (16, 20, "A")]
    assert told(judge([judged(pieces, [(10, 20, "A")])])) == [("merged", pieces, [(10, 20, "A")])]


def test_a_boundary_off_between_neighbours_makes_one_longer_and_one_shorter(judged: Make) -> None:
    gold, predicted = [(0, 10, "A"), (10, 20, "A")], [(0, 12, "A"), (12, 20, "A")]
    assert told(judge([judged(gold, predicted)])) == [
        ("longer", gold[:1], predicted[:1]),
        ("shorter", gold[1:], predicted[1:]),
    ]


def test_in_a_chain_what_finds_no_partner_joins_the_span_it_overlaps(judged: Make) -> None:
    """The second prediction is the partner of the first gold span, and splits it with the first one."""
    gold, predicted = [(0, 20, "A"), (20, 30, "A")], [(0, 8, "A"), (9, 22, "A")]
    assert told(judge([judged(gold, predicted)])) == [
        ("split", gold[:1], predicted),
        ("missed", gold[1:], []),
    ]


def test_partners_are_found_before_anything_is_split(judged: Make) -> None:
    """The second prediction overlaps the first gold span more, but is all that the second one has."""
    gold, predicted = [(0, 10, "A"), (5, 15, "A")], [(0, 9, "A"), (4, 10, "A")]
    assert told(judge([judged(gold, predicted)])) == [
        ("shorter", gold[:1], predicted[:1]),
        ("shifted", gold[1:], predicted[1:]),
    ]


def test_overlap_is_what_both_cover_of_what_either_covers(judged: Make) -> None:
    """The long prediction covers all of the first gold span, but the second one is more like it."""
    gold, predicted = [(0, 4, "A"), (4, 20, "A")], [(0, 19, "A"), (19, 20, "A")]
    assert told(judge([judged(gold, predicted)])) == [
        ("merged", gold, predicted[:1]),
        ("spurious", [], predicted[1:]),
    ]


def test_equal_overlaps_prefer_the_same_label(judged: Make) -> None:
    gold, predicted = [(0, 4, "A"), (6, 10, "B")], [(2, 8, "B"), (8, 14, "B")]
    assert told(judge([judged(gold, predicted)])) == [
        ("missed", gold[:1], []),
        ("split", gold[1:], predicted),
    ]


def test_what_overlaps_a_settled_pair_is_left_over(judged: Make) -> None:
    """Neither a correct span nor one of another type is split by a second prediction."""
    gold = [(0, 10, "A"), (20, 30, "A")]
    assert told(judge([judged(gold, [(0, 10, "A"), (2, 5, "A"), (20, 30, "B"), (22, 25, "A")])])) == [
        ("correct", gold[:1], [(0, 10, "A")]),
        ("spurious", [], [(2, 5, "A")]),
        ("type", gold[1:], [(20, 30, "B")]),
        ("spurious", [], [(22, 25, "A")]),
    ]


def test_a_gold_span_inside_a_correct_one_is_missed(judged: Make) -> None:
    assert told(judge([judged([(0, 10, "A"), (0, 4, "B")], [(0, 10, "A")])])) == [
        ("missed", [(0, 4, "B")], []),
        ("correct", [(0, 10, "A")], [(0, 10, "A")]),
    ]


def test_equal_spans_are_paired_one_to_one(judged: Make) -> None:
    one = (0, 4, "A")
    assert told(judge([judged([one], [one, one])])) == [("correct", [one], [one]), ("spurious", [], [one])]
    assert told(judge([judged([one, one], [one])])) == [("missed", [one], []), ("correct", [one], [one])]
    assert told(judge([judged([one, (0, 4, "B")], [(0, 4, "B"), (0, 4, "C")])])) == [
        ("type", [one], [(0, 4, "C")]),
        ("correct", [(0, 4, "B")], [(0, 4, "B")]),
    ]


def test_documents_without_spans_have_no_judgements(judged: Make) -> None:
    assert judge([]) == judge([judged([], [])]) == []


def test_judgements_name_the_contexts_of_what_is_counted(judged: Make) -> None:
    text = "He had no fever, but took aspirin twice.\nECG showed 2 beats."
    gold, predicted = [(10, 15, "A"), (26, 33, "A")], [(10, 15, "A"), (41, 44, "B"), (52, 59, "B")]
    found = judge([judged(gold, predicted, text=text)])
    assert [(each.category, each.contexts) for each in found] == [
        ("correct", ("negation",)),
        ("missed", ()),
        ("spurious", ("abbreviation",)),
        ("spurious", ("number",)),
    ]


def test_a_merged_entity_names_the_contexts_of_all_its_gold_spans(judged: Make) -> None:
    text = "ECG after 2 days"
    (merged,) = judge([judged([(0, 3, "A"), (10, 16, "B")], [(0, 16, "A")], text=text)])
    assert merged.contexts == ("abbreviation", "number")


def test_judgements_are_written_and_read_as_they_are(judged: Make, tmp_path: Path) -> None:
    judgements = judge([judged([(0, 10, "A"), (20, 30, "A")], [(0, 4, "A"), (5, 10, "B"), (40, 44, "A")])])
    write_jsonl(tmp_path / "errors.jsonl", judgements)
    assert list(read_jsonl(tmp_path / "errors.jsonl", Judgement)) == judgements


def test_documents_of_one_id_are_refused(judged: Make) -> None:
    with pytest.raises(UserError, match="same id"):
        judge([judged([], []), judged([], [])])


@given(drawn=documents)
def test_every_span_is_judged_once_and_as_its_category_says(
    judged: Make, drawn: list[tuple[Spans, Spans]]
) -> None:
    predictions = [judged(*sides, id=str(number)) for number, sides in enumerate(drawn)]
    judgements = judge(predictions)
    for prediction in predictions:
        ours = [each for each in judgements if each.document == prediction.id]
        assert Counter(plain(s for each in ours for s in each.gold)) == Counter(plain(prediction.gold))
        assert Counter(plain(s for each in ours for s in each.predicted)) == Counter(
            plain(prediction.predicted)
        )
    assert sum(each.category == "correct" for each in judgements) == match(predictions).predicted.sum()
    for each in judgements:
        sizes = (len(each.gold), len(each.predicted))
        assert all(overlap(gold, predicted) for gold in each.gold for predicted in each.predicted)
        match each.category:
            case "missed":
                assert sizes == (1, 0)
            case "spurious":
                assert sizes == (0, 1)
            case "split":
                assert sizes == (1, max(2, sizes[1]))
            case "merged":
                assert sizes == (max(2, sizes[0]), 1)
            case _:
                assert sizes == (1, 1)
                assert_pair(each)


def assert_pair(judgement: Judgement) -> None:
    """The category of a pair follows from its spans alone."""
    (gold,), (predicted,) = judgement.gold, judgement.predicted
    expected = {
        (True, True): {"correct"},
        (True, False): {"type"},
        (False, True): {"shorter", "longer", "shifted"},
        (False, False): {"boundary_and_type"},
    }[(gold.start, gold.end) == (predicted.start, predicted.end), gold.label == predicted.label]
    assert judgement.category in expected


@given(drawn=documents)
def test_no_missed_span_overlaps_a_spurious_one(judged: Make, drawn: list[tuple[Spans, Spans]]) -> None:
    for judgements in (judge([judged(*sides)]) for sides in drawn):
        missed = [each.gold[0] for each in judgements if each.category == "missed"]
        spurious = [each.predicted[0] for each in judgements if each.category == "spurious"]
        assert not any(overlap(one, other) for one in missed for other in spurious)


@given(drawn=documents, random=st.randoms(use_true_random=False))
def test_neither_order_of_spans_nor_of_documents_matters(
    judged: Make, drawn: list[tuple[Spans, Spans]], random: Random
) -> None:
    predictions = [judged(*sides, id=str(number)) for number, sides in enumerate(drawn)]
    shuffled = [
        judged(*(random.sample(side, len(side)) for side in sides), id=str(number))
        for number, sides in enumerate(drawn)
    ]
    random.shuffle(shuffled)
    assert judge(shuffled) == judge(predictions)


def test_all_categories_are_told() -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 10
