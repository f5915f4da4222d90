from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from spanwise.errors import UserError
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, tiers_of, type_rows
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Prediction

Document = Callable[..., Prediction]


def corpus(document: Document, size: int) -> list[Prediction]:
    """Documents with A found in every other one, B always right, C never predicted."""
    return [
        document(
            [(0, 4, "A"), (5, 9, "B"), (20, 24, "C")],
            [(0, 4, "A") if number % 2 else (0, 3, "A"), (5, 9, "B")],
        )
        for number in range(size)
    ]


def test_the_figures_of_a_worked_example(document: Document) -> None:
    found = evaluate(corpus(document, 4), samples=200, level=0.95, seed=1)
    assert found["documents"] == 4
    assert found["groups"] == 4
    assert found["spans"] == 12
    micro = found["strict"]["micro"]
    assert micro["precision"] == pytest.approx(6 / 8)
    assert micro["recall"] == pytest.approx(6 / 12)
    assert micro["f1"] == pytest.approx(12 / 20)
    assert found["headline"] == micro["f1"] == micro_f1(corpus(document, 4))
    assert found["strict"]["macro"]["f1"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert found["strict"]["weighted"]["f1"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert {figures["support"] for figures in found["strict"].values()} == {12}
    assert list(found["tiers"]) == ["high", "low"]
    assert found["tiers"]["high"]["types"] == 2
    assert found["tiers"]["high"]["f1"] == pytest.approx(12 / 16)
    assert found["tiers"]["high"]["macro_f1"] == pytest.approx(0.75)
    assert found["tiers"]["low"]["f1"] == 0
    assert found["tiers"]["low"]["support"] == 4
    assert found["types"]["A"]["f1"] == pytest.approx(0.5)
    assert found["types"]["A"]["tier"] == "high"


def test_a_type_without_gold_spans_has_no_interval(document: Document) -> None:
    found = evaluate([document([], [(0, 4, "A")]) for _ in range(6)], samples=20, level=0.95, seed=1)
    assert (found["types"]["A"]["f1"], found["types"]["A"]["support"]) == (0, 0)
    assert (found["types"]["A"]["f1_low"], found["types"]["A"]["f1_high"]) == (None, None)
    assert {scheme["f1_low"] for scheme in found["semeval"].values()} == {None}


def test_each_interval_holds_its_figure_and_narrows_with_documents(document: Document) -> None:
    widths = {}
    for size in (8, 128):
        found = evaluate(corpus(document, size), samples=400, level=0.95, seed=1)
        blocks = [*found["strict"].values(), *found["tiers"].values(), *found["types"].values()]
        assert len(blocks) == 3 + 2 + 3
        for figures in blocks:
            assert 0 <= figures["f1_low"] <= figures["f1"] <= figures["f1_high"] <= 1
        widths[size] = [figures["f1_high"] - figures["f1_low"] for figures in blocks]
    assert all(few >= many for few, many in zip(widths[8], widths[128], strict=True))
    assert widths[8][0] > 2 * widths[128][0] > 0


def test_the_same_seed_gives_the_same_figures(document: Document) -> None:
    first, again, other = (
        json.dumps(evaluate(corpus(document, 31), samples=20, level=0.95, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_macro_interval_holds_its_figure_whatever_types_a_draw_lacks(document: Document) -> None:
    # Frequent types are found and rare ones, each in one document, are not: draws lack many of these.
    rare = [document([(0, 4, "A"), (5, 9, f"Rare{n}")], [(0, 4, "A")]) for n in range(20)]
    frequent = [document([(0, 4, "B")], [(0, 4, "B") if n % 2 else (0, 3, "B")]) for n in range(20)]
    for side in ("gold", "predicted"):
        turned = [
            each if side == "gold" else document([(0, 4, "A")], [(0, 4, "A"), (5, 9, f"Rare{n}")])
            for n, each in enumerate(rare)
        ]
        macro = evaluate([*turned, *frequent], samples=400, level=0.95, seed=1)["strict"]["macro"]
        assert macro["f1"] == pytest.approx((1 + 0.5 + 20 * 0) / 22)
        assert macro["f1_low"] < macro["f1"] < macro["f1_high"]


def test_types_of_one_document_each_leave_every_interval_around_its_figure(document: Document) -> None:
    predictions = [
        document([(0, 4, f"T{n}")] * (n + 1), [(0, 4, f"T{n}")] * (n + 1) if n % 3 else []) for n in range(12)
    ]
    for figures in evaluate(predictions, samples=400, level=0.95, seed=1)["strict"].values():
        assert figures["f1_low"] - 1e-12 <= figures["f1"] <= figures["f1_high"] + 1e-12


def test_documents_of_one_group_are_drawn_together(document: Document) -> None:
    rows = [([(0, 4, "A")], [(0, 4, "A")] if n % 20 < 10 else []) for n in range(100)]
    widths = {}
    for size in (1, 10):
        predictions = [document(*row, f"patient {n // size}") for n, row in enumerate(rows)]
        found = evaluate(predictions, samples=400, level=0.95, seed=1)
        assert (found["documents"], found["groups"]) == (100, 100 // size)
        widths[size] = found["strict"]["micro"]["f1_high"] - found["strict"]["micro"]["f1_low"]
    # The ten documents of a patient go alike, so that they tell no more than one.
    assert widths[10] > 2 * widths[1]


def test_fewer_than_five_groups_have_no_interval(document: Document) -> None:
    predictions = [document([(0, 4, "A")], [(0, 4, "A")], f"patient {n % 4}") for n in range(40)]
    found = evaluate(predictions, samples=50, level=0.95, seed=1)
    for figures in (*found["strict"].values(), *found["tiers"].values(), *found["types"].values()):
        assert figures["f1_low"] is None
        assert figures["f1_high"] is None


def test_one_document_has_no_interval(document: Document) -> None:
    found = evaluate(corpus(document, 1), samples=50, level=0.95, seed=1)
    for figures in (*found["strict"].values(), *found["tiers"].values(), *found["types"].values()):
        assert figures["f1_low"] is None
        assert figures["f1_high"] is None


def test_a_type_in_few_documents_or_without_gold_has_no_interval(document: Document) -> None:
    predictions = [
        *corpus(document, 5),
        document([(0, 4, "A")], [(0, 4, "A"), (50, 60, "D")]),
        document([], [(50, 60, "D")]),
    ]
    types = evaluate(predictions, samples=50, level=0.95, seed=1)["types"]
    assert types["D"]["support"] == 0
    assert types["D"]["f1"] == 0
    assert types["D"]["f1_low"] is None
    assert types["A"]["f1_low"] is not None
    lonely = evaluate([*predictions[5:], document([(0, 4, "C")], [])], samples=50, level=0.95, seed=1)[
        "types"
    ]
    assert lonely["C"]["support"] == 1
    assert lonely["C"]["f1_high"] is None


def test_draws_without_a_type_say_nothing_of_it(document: Document) -> None:
    found = [document([(0, 4, "D")], [(0, 4, "D")]) for _ in range(5)]
    types = evaluate([*found, *corpus(document, 95)], samples=2000, level=0.995, seed=1)["types"]
    # Some draws lack all five documents; were they to count as 0, the low bound would be 0.
    assert (types["D"]["f1_low"], types["D"]["f1_high"]) == (1.0, 1.0)


@pytest.mark.parametrize("documents", [0, 6])
def test_nothing_at_all_scores_zero(document: Document, documents: int) -> None:
    found = evaluate([document([], [])] * documents, samples=50, level=0.95, seed=1)
    assert found["headline"] == 0
    assert found["documents"] == documents
    assert found["strict"]["macro"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "f1_low": None,
        "f1_high": None,
        "support": 0,
    }
    assert found["tiers"] == found["types"] == {}
    assert type_rows(found) == []


def test_old_figures_do_not_depend_on_mentions(document: Document) -> None:
    predictions = corpus(document, 9)
    without = evaluate(predictions, samples=50, level=0.95, seed=1)
    given = evaluate(predictions, samples=50, level=0.95, seed=1, mentions={("A", "xxxx")})
    assert "mention" not in without["strata"]
    assert given["strata"].pop("mention").keys() == {"seen", "unseen"}
    assert given == without


def test_strata_are_scored_as_types_are(document: Document) -> None:
    # A is seen where it is found right, and so is what was found in its place otherwise; B and C are not.
    seen = {("A", "xxxx"), ("A", "xxx")}
    found = evaluate(corpus(document, 40), samples=200, level=0.95, seed=1, mentions=seen)
    strata = found["strata"]
    assert strata["mention"]["seen"] == {key: found["types"]["A"][key] for key in strata["mention"]["seen"]}
    assert strata["mention"]["unseen"]["precision"] == 1
    assert strata["mention"]["unseen"]["recall"] == 0.5
    assert strata["tokens"]["single"] == strata["length"]["1"] == found["strict"]["micro"]
    assert strata["length"]["6+"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "f1_low": None,
        "f1_high": None,
        "support": 0,
    }


def test_strict_of_semeval_is_the_strict_micro_average(document: Document) -> None:
    found = evaluate(corpus(document, 21), samples=200, level=0.95, seed=1)
    strict, micro = found["semeval"]["strict"], found["strict"]["micro"]
    for name in ("precision", "recall", "f1", "f1_low", "f1_high"):
        assert strict[name] == pytest.approx(micro[name])
    assert (strict["possible"], strict["missed"], strict["incorrect"]) == (63, 21, 11)
    assert found["semeval"]["partial"]["f1"] == pytest.approx(2 * (31 + 11 / 2) / (63 + 42))


def test_rows_fall_with_support_then_rise_with_the_label(document: Document) -> None:
    predictions = [*corpus(document, 2), document([(0, 4, "B"), (5, 9, "C")], [(0, 4, "D")])]
    rows = type_rows(evaluate(predictions, samples=50, level=0.95, seed=1))
    assert [(row[0], row[4], row[5]) for row in rows] == [
        ("B", 3, "high"),
        ("C", 3, "low"),
        ("A", 2, "high"),
        ("D", 0, "low"),
    ]
    assert {len(row) for row in rows} == {len(TYPE_COLUMNS)}


def test_a_label_stands_in_one_tier(document: Document) -> None:
    prediction = document([(0, 4, "A")], [(5, 9, "C")])
    assert tiers_of([prediction]) == {"A": "high", "C": "low"}
    moved = prediction.model_copy(
        update={"gold": tuple(span.model_copy(update={"tier": "low"}) for span in prediction.gold)}
    )
    with pytest.raises(UserError, match="A stands in two tiers, high and low"):
        evaluate([prediction, moved], samples=5, level=0.95, seed=1)
