from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.errors import NONE
from spanwise.reporting.figures.confusion import MISSED, OTHER, SPURIOUS, count_cells, draw_confusion
from spanwise.reporting.figures.drawing import Figure

LABELS = ("Date", "Drug", "Sign", NONE)


def rows(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"gold": gold, "predicted": predicted} for gold, predicted in pairs]


def cells(figure: Figure) -> dict[tuple[str, str], dict[str, Any]]:
    (data,) = figure.specification["datasets"].values()
    return {(cell["gold"], cell["predicted"]): cell for cell in data}


PAIRS = rows(
    *[("Sign", "Sign")] * 6,
    *[("Sign", "Drug")] * 3,
    ("Sign", NONE),
    *[("Drug", "Drug")] * 2,
    ("Drug", "Date"),
    ("Date", "Date"),
    (NONE, "Sign"),
)


def test_cells_are_shares_of_the_row_with_counts() -> None:
    found = cells(draw_confusion(PAIRS))
    assert {pair: (cell["spans"], cell["share"], cell["kind"]) for pair, cell in found.items()} == {
        ("Sign", "Sign"): (6, 0.6, "right type"),
        ("Sign", "Drug"): (3, 0.3, "another type"),
        ("Sign", MISSED): (1, 0.1, "missed or spurious"),
        ("Drug", "Drug"): (2, 0.666667, "right type"),
        ("Drug", "Date"): (1, 0.333333, "another type"),
        ("Date", "Date"): (1, 1.0, "right type"),
        (SPURIOUS, "Sign"): (1, 1.0, "missed or spurious"),
    }


def test_the_most_frequent_types_are_shown_and_the_others_are_one_column() -> None:
    figure = draw_confusion(PAIRS, most=2)
    assert figure.caption.endswith("; the 2 most frequent of 3 types")
    assert cells(figure)["Drug", OTHER]["spans"] == 1
    assert not any(gold == "Date" for gold, _ in cells(figure))
    texts = [element.text for element in ElementTree.fromstring(figure.svg).iter("text")]
    assert [text for text in texts if text in {"Sign", "Drug"}] == ["Sign", "Drug"] * 2


def test_the_right_type_is_muted_and_errors_differ_in_strength() -> None:
    opacity = draw_confusion(PAIRS).specification["encoding"]["opacity"]
    assert opacity["condition"]["value"] == 0.25
    assert opacity["scale"]["domain"] == [0, 1.0]


def test_the_most_frequent_confusions_are_told() -> None:
    assert draw_confusion(PAIRS).text.endswith(
        "Most frequent confusions: Sign for Drug: 3; Drug for Date: 1. Missed: 1; spurious: 1"
    )
    assert "No type was taken for another" in draw_confusion(rows(("Sign", "Sign"))).text


def test_without_rows_an_empty_heatmap_is_drawn() -> None:
    assert draw_confusion([]).text.endswith("Missed: 0; spurious: 0")


def test_the_full_heatmap_grows_with_the_types() -> None:
    many = rows(*((f"Type{n:02}", NONE) for n in range(40)))
    few, full = draw_confusion(many), draw_confusion(many, most=None)
    assert full.specification["width"] > 40 * 15 > few.specification["width"]
    assert len(cells(full)) == 40


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), max_size=30))
def test_every_span_of_a_shown_row_is_in_one_cell(pairs: Sequence[tuple[str, str]]) -> None:
    found = count_cells(Counter(pairs), ["Drug", "Sign"])
    assert sum(cell["spans"] for cell in found) == sum(gold != "Date" for gold, _ in pairs)
    totals: Counter[str] = Counter()
    for cell in found:
        totals[cell["gold"]] += cell["share"]
    assert all(abs(total - 1) < 1e-5 for total in totals.values())
