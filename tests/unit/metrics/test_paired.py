from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.metrics.evaluation import evaluate
from spanwise.metrics.paired import Comparison, check_same, compare, compare_counts
from spanwise.metrics.spans import count, micro_f1
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction, Span

compared = partial(compare, samples=200, level=0.9, seed=5)
SURE = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)


def predict(
    number: int,
    gold: Mapping[str, int],
    found: Mapping[str, int],
    wrong: Mapping[str, int] | None = None,
    group: str = "",
) -> Prediction:
    """A document, told by how many spans of each label are gold, found, and invented."""
    spans = [(label, each < found.get(label, 0)) for label, wanted in gold.items() for each in range(wanted)]
    invented = [label for label, times in (wrong or {}).items() for _ in range(times)]
    right = [(2 * place, label) for place, (label, hit) in enumerate(spans) if hit]
    right += [(60 + 2 * place, label) for place, label in enumerate(invented)]
    return Prediction(
        id=f"d{number:03}",
        text="x" * 100,
        group=group or f"g{number:03}",
        gold=tuple(
            GoldSpan(start=2 * place, end=2 * place + 1, label=label, tier="low")
            for place, (label, _) in enumerate(spans)
        ),
        predicted=tuple(
            PredictedSpan(start=start, end=start + 1, label=label, tier="low", confidence=SURE)
            for start, label in right
        ),
    )


def system(*found: int, wrong: Sequence[int] = ()) -> list[Prediction]:
    """Documents with four gold spans of A each: how many are found in each, and how many are invented."""
    inventions = list(wrong) or [0] * len(found)
    return [
        predict(number, {"A": 4}, {"A": right}, {"A": inventions[number]})
        for number, right in enumerate(found)
    ]


def test_a_system_does_not_differ_from_itself() -> None:
    one = system(4, 2, 0, 3, 1, 2)
    found = compared(one, one)
    assert found == Comparison(micro_f1(one), micro_f1(one), 0.0, 0.0, 0.0, 1.0)


def test_a_system_better_on_every_document_has_the_smallest_p_value() -> None:
    found = compared(system(1, 2, 3, 1, 2), system(2, 3, 4, 2, 3))
    assert found.p_value == pytest.approx(2 / 201)
    assert found.low is not None
    assert found.low > 0
    assert found.difference == pytest.approx(found.candidate_f1 - found.baseline_f1)


def test_the_scores_are_those_of_all_documents() -> None:
    one, other = system(1, 2, 3, 1, 2), system(4, 0, 3, 2, 2, wrong=[0, 3, 0, 1, 2])
    found = compared(one, other)
    assert (found.baseline_f1, found.candidate_f1) == pytest.approx((micro_f1(one), micro_f1(other)))


COUNTS = st.lists(st.tuples(*[st.integers(0, 4)] * 4), min_size=5, max_size=9)


@given(COUNTS)
def test_exchanged_systems_give_the_mirror_image(documents: list[tuple[int, int, int, int]]) -> None:
    first, wrong_first, second, wrong_second = zip(*documents, strict=True)
    one, other = system(*first, wrong=wrong_first), system(*second, wrong=wrong_second)
    there, back = (compare(*pair, samples=20, level=0.9, seed=5) for pair in ((one, other), (other, one)))
    assert there.p_value == back.p_value
    assert there.p_value is not None
    assert 2 / 21 <= there.p_value <= 1
    assert (there.difference, there.low, there.high) == pytest.approx(
        (-back.difference, -(back.high or 0), -(back.low or 0))
    )


def test_many_draws_come_to_the_exact_figures() -> None:
    """Five groups have 5^5 draws: the p-value and the bounds are shares of them."""
    one, other = system(1, 4, 3, 1, 2), system(3, 3, 3, 2, 3, wrong=[0, 1, 0, 1, 0])

    def f1(documents: list[Prediction], drawn: tuple[int, ...]) -> float:
        return micro_f1([documents[index] for index in drawn])

    exact = np.array([f1(other, drawn) - f1(one, drawn) for drawn in product(range(5), repeat=5)])
    below, above = (exact <= 0).mean(), (exact >= 0).mean()
    assert 0.05 < below < 0.3  # or the test would show nothing
    found = compare(one, other, samples=20_000, level=0.9, seed=1)
    assert found.p_value == pytest.approx(2 * min(below, above), abs=0.01)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(exact, [0.05, 0.95])), abs=0.01)


def test_the_seed_decides_the_draws() -> None:
    pair = system(1, 4, 3, 1, 2, 0, 4), system(4, 2, 3, 2, 3, 1, 1)
    assert compared(*pair) == compared(*pair)
    assert compared(*pair) != compared(*pair, seed=6)


def test_documents_may_come_in_any_order() -> None:
    one, other = system(1, 4, 3, 1, 2), system(4, 2, 3, 2, 3)
    assert compared(one[::-1], other) == compared(one, other)


def test_documents_of_one_group_are_drawn_together() -> None:
    """Half as many groups, each holding a document twice, have the draws of the documents once."""
    one, other = system(1, 4, 3, 1, 2), system(4, 2, 3, 2, 3)
    assert compared([*one, *one], [*other, *other]) == compared(one, other)


def test_fewer_than_five_groups_have_no_interval() -> None:
    found = compared(system(1, 2, 3, 4), system(4, 4, 4, 4))
    assert found.difference > 0
    assert (found.low, found.high, found.p_value) == (None, None, None)


def test_groups_without_gold_spans_do_not_make_up_the_five() -> None:
    empty = [predict(number, {}, {}) for number in range(10, 20)]
    found = compared([*system(1, 2, 3, 4), *empty], [*system(4, 4, 4, 4), *empty])
    assert found.p_value is None


# Labels.


def mixed(frequent: int, rare: int, invented: int = 0) -> list[Prediction]:
    """Six documents with three spans of A each, and one of B in the first; so many are found or invented."""
    return [
        predict(
            number,
            {"A": 3, "B": int(number == 0)},
            {"A": frequent, "B": rare},
            {"B": invented, "C": invented},
        )
        for number in range(6)
    ]


def test_the_macro_average_counts_labels_alike() -> None:
    found = compared(mixed(3, 0), mixed(3, 1), average="macro")
    assert (found.baseline_f1, found.candidate_f1) == pytest.approx((0.5, 1.0))


def test_a_label_that_a_draw_lacks_keeps_its_score() -> None:
    """B stands in one document of six, which a third of the draws lack: the difference is the same in all."""
    found = compared(mixed(3, 0), mixed(3, 1), average="macro")
    assert (found.low, found.high) == pytest.approx((0.5, 0.5))
    assert found.p_value == pytest.approx(2 / 201)


def test_the_macro_average_is_that_of_the_evaluation() -> None:
    """C is invented by one system alone, in some of the documents: it counts as a label of that system."""
    clean, noisy = mixed(3, 1), [*mixed(3, 1)[:3], *mixed(3, 1, invented=1)[3:]]
    found = compared(clean, noisy, average="macro")
    own = [evaluate(each, samples=5, level=0.9, seed=5)["strict"]["macro"]["f1"] for each in (clean, noisy)]
    assert [found.baseline_f1, found.candidate_f1] == own
    assert own == pytest.approx([1, (1 + 2 / 5 + 0) / 3])  # A, B with one right of four predicted, and C
    assert compared(clean, noisy, average="macro", labels=["A"]).difference == 0


def test_an_invented_label_costs_the_same_in_each_draw() -> None:
    """C is predicted in the last document alone, which a third of the draws lack."""
    clean = mixed(3, 1)
    wrong = predict(5, {"A": 3}, {"A": 3}, {"C": 1})
    found = compared(clean, [*clean[:5], wrong], average="macro")
    assert (found.low, found.high, found.difference) == pytest.approx((-1 / 3, -1 / 3, -1 / 3))


def test_what_is_predicted_of_a_label_that_a_draw_lacks_does_not_count_there() -> None:
    """B is gold in one document and invented in another; many draws hold the latter alone."""
    clean = [
        predict(0, {"A": 3, "B": 1}, {"A": 3, "B": 1}),
        *(predict(n, {"A": 3}, {"A": 3}) for n in range(1, 6)),
    ]
    found = compared(clean, [clean[0], predict(1, {"A": 3}, {"A": 3}, {"B": 1}), *clean[2:]], average="macro")
    assert found.difference == pytest.approx((2 / 3 - 1) / 2)
    assert found.low is not None
    assert found.low > -0.5 + 1e-9  # as if B's F1 had gone from 1 to 0


def test_labels_can_be_chosen() -> None:
    assert compared(mixed(3, 0), mixed(3, 1), labels={"A"}).difference == 0
    assert compared(mixed(1, 1), mixed(3, 1), labels=["A"], average="macro").candidate_f1 == 1


def test_labels_that_do_not_occur_have_no_score() -> None:
    found = compared(mixed(3, 0), mixed(3, 1), labels=["Z"], average="macro")
    assert found == Comparison(0.0, 0.0, 0.0, None, None, None)


# Documents that are not the same.


def test_other_documents_are_refused_and_counted() -> None:
    with pytest.raises(UserError, match="2 of 5 are missing from the candidate, 0 of 3 from the baseline"):
        compared(system(1, 2, 3, 4, 1), system(1, 2, 3))


def test_a_document_that_one_system_predicts_twice_is_refused() -> None:
    one = system(1, 2, 3)
    with pytest.raises(UserError, match="0 of 3 are missing from the candidate, 1 of 4 from the baseline"):
        compared(one, [*one, one[0]])


@pytest.mark.parametrize(
    "other", [predict(1, {"B": 4}, {"B": 4}), predict(1, {"A": 4}, {"A": 4}, group="g0")]
)
def test_another_gold_standard_or_group_is_refused(other: Prediction) -> None:
    one = system(4, 4, 4)
    with pytest.raises(UserError, match="document d001: the systems have different groups or gold spans"):
        compared(one, [one[0], other, one[2]])


def test_documents_that_are_the_same_stand_at_the_same_places() -> None:
    one, other = system(1, 2, 3), system(4, 4, 4)
    assert check_same(one[::-1], [other[1], other[0], other[2]]) == (one, other)


# What was counted, of documents whose offsets need not agree.


def shifted(documents: Sequence[Prediction]) -> list[Prediction]:
    """The same documents with one character more before each span."""

    def moved(span: Span) -> Span:
        return span.model_copy(update={"start": span.start + 1, "end": span.end + 1})

    return [
        document.model_copy(
            update={
                "text": " " + document.text,
                "gold": tuple(map(moved, document.gold)),
                "predicted": tuple(map(moved, document.predicted)),
            }
        )
        for document in documents
    ]


@pytest.mark.parametrize("average", ["micro", "macro"])
def test_counts_compare_as_the_documents_do(average: Literal["micro", "macro"]) -> None:
    one, other = [*mixed(3, 0)[:4], *mixed(1, 1)[4:]], mixed(2, 1, invented=1)
    found = compare_counts(count(one), count(shifted(other)), average=average, samples=200, level=0.9, seed=5)
    assert found == compared(one, other, average=average)
    with pytest.raises(UserError):
        compared(one, shifted(other))


def test_counts_of_other_groups_are_refused() -> None:
    counts = count(system(1, 2, 3)), count(system(1, 2, 3)[:2]), count(mixed(3, 1)[:3])
    for other in counts[1:]:
        with pytest.raises(ValueError, match="different groups or gold spans"):
            compare_counts(counts[0], other, samples=20, level=0.9, seed=5)
