from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.leakage.rows import Sides, double, share_with_twin, shuffled
from spanwise.schema import SPLITS, Example, Span, SplitName
from spanwise.splits.division import divide
from spanwise.splits.leak import find_leak

TWINS: dict[str, Any] = {"ngram": 5, "overlap": 1.0}
HOW: dict[str, Any] = {"folds": None, "fold": 0, "published": False, **TWINS}
SIZES: dict[SplitName, int] = {"train": 15, "validation": 1, "test": 4}


def note(number: int, spans: int = 3) -> Example:
    words = [f"w{number}x{place:02}" for place in range(max(spans, 1))]
    starts = [sum(len(word) + 1 for word in words[:place]) for place in range(spans)]
    return Example(
        id=f"n{number:02}",
        text=" ".join(words),
        target=tuple(Span(start=start, end=start + 3, label="Sign") for start in starts),
        group=f"g{number:02}",
    )


def divisions(rows: list[Example], seed: int) -> dict[str, Sides]:
    """As the study divides."""
    grouped = divide(rows, sizes=SIZES, **HOW, seed=seed).sides
    return {"random_rows": shuffled(grouped, seed), "grouped": grouped}


@pytest.fixture(scope="module")
def rows() -> list[Example]:
    return double([note(number) for number in range(20)], thin=False, seed=13)


@pytest.fixture(scope="module")
def divided(rows: list[Example]) -> dict[str, Sides]:
    return divisions(rows, 13)


def test_each_document_is_two_rows_of_one_group_and_text() -> None:
    first, second = double([note(7)], thin=False, seed=13)
    assert (first.id, second.id) == ("n07/2018", "n07/2020")
    assert first.model_copy(update={"id": second.id}) == second
    assert (first.group, first.target) == ("g07", note(7).target)


@given(counts=st.lists(st.integers(0, 6), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_thin_rows_keep_half_of_the_spans_in_their_order(counts: list[int], seed: int) -> None:
    documents = [note(number, spans) for number, spans in enumerate(counts)]
    for row in double(documents, thin=True, seed=seed):
        whole = next(document for document in documents if row.id.startswith(document.id)).spans
        assert len(row.spans) == (len(whole) + 1) // 2
        assert [span for span in whole if span in row.spans] == list(row.spans)


def test_thin_rows_of_a_document_differ_and_the_seed_decides() -> None:
    documents = [note(1, spans=30)]
    first, second = double(documents, thin=True, seed=13)
    assert first.spans != second.spans
    assert double(documents, thin=True, seed=13) == [first, second]
    assert double(documents, thin=True, seed=14) != [first, second]


def test_documents_of_one_id_are_refused() -> None:
    with pytest.raises(UserError, match="two documents have the id n01"):
        double([note(1), note(2), note(1)], thin=False, seed=13)


def test_both_divisions_hold_all_rows_on_sides_of_the_same_sizes(
    rows: list[Example], divided: dict[str, Sides]
) -> None:
    for sides in divided.values():
        assert {side: len(sides[side]) for side in SPLITS} == {"train": 30, "validation": 2, "test": 8}
        assert sorted(row.id for side in SPLITS for row in sides[side]) == [row.id for row in rows]


def test_only_random_rows_leak(divided: dict[str, Sides]) -> None:
    grouped, random = (find_leak(divided[name], **TWINS) for name in ("grouped", "random_rows"))
    assert (grouped.groups_across, grouped.twins_across) == (0, 0)
    assert random.groups_across > 0
    assert random.twins_across > 0


def test_most_random_test_rows_have_their_twin_in_training(divided: dict[str, Sides]) -> None:
    def share(name: str) -> float:
        return share_with_twin(divided[name]["test"], divided[name]["train"])

    assert share("random_rows") > 0.5
    assert share("grouped") == 0
    assert share_with_twin([], divided["grouped"]["train"]) == 0


@pytest.mark.parametrize("arrange", [list, lambda rows: list(reversed(rows))])
def test_the_order_of_rows_changes_nothing_and_the_seed_does(
    rows: list[Example], divided: dict[str, Sides], arrange: Callable[[list[Example]], list[Example]]
) -> None:
    assert divisions(arrange(rows), 13) == divided
    assert divisions(rows, 14)["random_rows"] != divided["random_rows"]
