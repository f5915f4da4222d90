from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.metrics.errors import CATEGORIES, NONE, confusion_rows, error_figures, judge
from spanwise.metrics.strata import LENGTHS
from spanwise.schema import GoldSpan, Prediction

Spans = Sequence[tuple[int, int, str]]
Make = Callable[..., Prediction]

spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from("ABC")).map(
        lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=7,
)


def worked(judged: Make) -> list[Prediction]:
    """One correct, shorter, type, boundary and type, split, merged (of two), missed and spurious each."""
    #       0123456789012345678901234567890123456789012345678901234567890123456789
    text = "no fever but ECG at 5 a.m. with mild dull chest pain of the left arm ."
    gold = [(3, 8, "A"), (13, 16, "B"), (20, 26, "C"), (32, 36, "A"), (37, 52, "A")]
    predicted = [(3, 8, "A"), (13, 16, "C"), (20, 21, "C"), (32, 41, "B"), (42, 47, "B"), (48, 52, "A")]
    other = [(0, 2, "A"), (10, 12, "A"), (13, 15, "B"), (20, 30, "B")]
    return [
        judged(gold, predicted, id="one", text=text),
        judged(other, [(10, 15, "B"), (20, 29, "A"), (40, 44, "A")], id="two"),
    ]


def test_spans_count_on_the_gold_side_and_spurious_ones_on_the_predicted_side(judged: Make) -> None:
    predictions = worked(judged)
    figures = error_figures(predictions, judge(predictions))
    assert figures["gold"] == 9
    assert figures["predicted"] == 9
    assert {name: number for name, number in figures["counts"].items() if number} == {
        "correct": 1,
        "type": 1,
        "shorter": 1,
        "boundary_and_type": 2,
        "split": 1,
        "merged": 2,
        "missed": 1,
        "spurious": 1,
    }
    assert list(figures["counts"]) == list(CATEGORIES)
    assert figures["shares"]["merged"] == 2 / 10
    assert figures["shares"]["shifted"] == 0


def test_types_and_tiers_have_counts_and_shares_of_their_own(judged: Make) -> None:
    predictions = worked(judged)
    figures = error_figures(predictions, judge(predictions))
    assert list(figures["types"]) == ["A", "B", "C"]
    assert figures["types"]["B"]["merged"] == 1
    assert figures["types"]["A"]["spurious"] == 1
    assert figures["type_shares"]["C"] == {name: float(name == "shorter") for name in CATEGORIES}
    assert figures["tiers"]["high"] == figures["types"]["A"]
    assert figures["tiers"]["low"]["merged"] == 1
    assert sum(figures["tier_shares"]["low"].values()) == pytest.approx(1)


def test_confusions_keep_their_direction_and_come_by_number_then_name(judged: Make) -> None:
    predictions = worked(judged)
    extra = judged([(0, 4, "B"), (10, 14, "C")], [(0, 4, "A"), (10, 14, "B")], id="three")
    figures = error_figures([*predictions, extra], judge([*predictions, extra]))
    assert figures["confusions"] == [
        {"gold": "B", "predicted": "A", "spans": 2},
        {"gold": "A", "predicted": "B", "spans": 1},
        {"gold": "B", "predicted": "C", "spans": 1},
        {"gold": "C", "predicted": "B", "spans": 1},
    ]


def test_errors_are_told_by_length_in_tokens(judged: Make) -> None:
    text = "one two-three four five six seven"
    gold = [(0, 3, "A"), (4, 13, "A"), (4, 18, "A"), (0, 33, "A"), (3, 4, "A")]
    predictions = [judged(gold, [(0, 3, "A"), (4, 13, "A")], text=text)]
    lengths = error_figures(predictions, judge(predictions))["lengths"]
    assert list(lengths) == list(LENGTHS)
    assert lengths["1"] == {"gold": 2, "errors": 1, "error_rate": 0.5}  # the second one is a space
    assert lengths["2"] == {"gold": 0, "errors": 0, "error_rate": None}
    assert lengths["3"] == {"gold": 1, "errors": 0, "error_rate": 0}  # a hyphen is a token
    assert lengths["4-5"] == {"gold": 1, "errors": 1, "error_rate": 1}
    assert lengths["6+"] == {"gold": 1, "errors": 1, "error_rate": 1}


def test_errors_are_told_in_each_context_and_elsewhere(judged: Make) -> None:
    predictions = worked(judged)[:1]
    contexts = error_figures(predictions, judge(predictions))["contexts"]
    assert list(contexts) == ["abbreviation", "number", "negation"]
    assert contexts["abbreviation"] == {
        "gold": 1,
        "errors": 1,
        "error_rate": 1,
        "error_rate_elsewhere": 3 / 4,
    }
    assert contexts["number"]["gold"] == 1
    assert contexts["negation"] == {"gold": 1, "errors": 0, "error_rate": 0, "error_rate_elsewhere": 1}


def test_contexts_are_of_each_gold_span_not_of_what_it_is_merged_with(judged: Make) -> None:
    predictions = [judged([(0, 3, "A"), (4, 9, "B")], [(0, 9, "A")], text="ECG today")]
    contexts = error_figures(predictions, judge(predictions))["contexts"]
    assert contexts["abbreviation"]["gold"] == 1


def test_without_spans_nothing_has_a_rate(judged: Make) -> None:
    figures = error_figures([judged([], [])], [])
    assert set(figures["counts"].values()) == {0}
    assert set(figures["shares"].values()) == {None}
    assert figures["types"] == figures["tiers"] == {}
    assert figures["confusions"] == []
    assert figures["contexts"]["number"] == {
        "gold": 0,
        "errors": 0,
        "error_rate": None,
        "error_rate_elsewhere": None,
    }


def test_a_label_in_two_tiers_is_refused(judged: Make) -> None:
    stray = GoldSpan(start=0, end=4, label="A", tier="low")
    predictions = [judged([(0, 4, "A")], []).model_copy(update={"gold": (stray,)}), judged([(0, 4, "A")], [])]
    with pytest.raises(UserError, match="two tiers"):
        error_figures(predictions, [])


def test_confusion_rows_pair_what_belongs_together(judged: Make) -> None:
    assert confusion_rows(judge(worked(judged))) == [
        (NONE, "A"),
        ("A", NONE),
        ("A", "A"),
        ("A", "A"),
        ("A", "B"),
        ("A", "B"),
        ("A", "B"),
        ("B", "A"),
        ("B", "B"),
        ("B", "C"),
        ("C", "C"),
    ]


@given(gold=spans, predicted=spans)
def test_counts_add_up(judged: Make, gold: Spans, predicted: Spans) -> None:
    predictions = [judged(gold, predicted)]
    judgements = judge(predictions)
    figures = error_figures(predictions, judgements)
    units = sum(figures["counts"].values())
    assert units == len(gold) + figures["counts"]["spurious"]
    for groups in ("types", "tiers"):
        for category in CATEGORIES:
            assert sum(of[category] for of in figures[groups].values()) == figures["counts"][category]
    assert sum(of["gold"] for of in figures["lengths"].values()) == len(gold)
    errors = len(gold) - figures["counts"]["correct"]
    assert sum(of["errors"] for of in figures["lengths"].values()) == errors
    rows = confusion_rows(judgements)
    assert sum(told == NONE for _, told in rows) == figures["counts"]["missed"]
    assert sum(of == NONE for of, _ in rows) == figures["counts"]["spurious"]
    assert len(rows) >= max(len(gold), len(predicted))
