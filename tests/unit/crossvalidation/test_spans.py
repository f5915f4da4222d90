"""Folds of which everything is known: made-up spans that are right as often as their confidence says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spanwise.calibration.acceptance import Bootstrap
from spanwise.crossvalidation.fold import Fold, read_fold
from spanwise.crossvalidation.spans import Confidence, markdown, pool
from spanwise.errors import UserError
from spanwise.io import write_jsonl
from spanwise.metrics.evaluation import evaluate
from spanwise.reporting.formatting import DASH, interval
from spanwise.schema import Prediction
from tests.unit.calibration.made import document, logistic

BOOTSTRAP = Bootstrap(samples=50, level=0.95, seed=13)
CONFIDENCE = Confidence(method="auto", feature="minimum", bins=5, target_precision=0.9)


def named(name: str, documents: list[Prediction]) -> list[Prediction]:
    return [
        each.model_copy(update={"id": f"{name}-{number}", "group": f"{name}-{number}"})
        for number, each in enumerate(documents)
    ]


def fold(name: str, *, seed: int, intercept: float = 0.0, spans: int = 400) -> Fold:
    """The same kind of validation and test documents; confidence is off by `intercept`."""
    sides = (
        named(f"{name}-{side}", logistic(spans, slope=1.0, intercept=intercept, seed=seed + number))
        for number, side in enumerate(("validation", "test"))
    )
    return Fold(name, *sides)


@pytest.fixture(scope="module")
def folds() -> list[Fold]:
    return [fold("sure", seed=1, intercept=-1.5), fold("shy", seed=3, intercept=1.0, spans=300)]


@pytest.fixture(scope="module")
def figures(folds: list[Fold]) -> dict[str, Any]:
    return pool(folds, confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=100)


def test_scores_are_those_of_all_test_parts_as_one_corpus(folds: list[Fold], figures: dict[str, Any]) -> None:
    together = [*folds[0].test, *folds[1].test]
    assert figures["scores"] == evaluate(together, samples=50, level=0.95, seed=13)
    assert figures["scores"]["documents"] == 70


def test_each_fold_is_calibrated_on_its_own_validation_documents(figures: dict[str, Any]) -> None:
    confidence = figures["confidence"]
    assert confidence["ece"] < 0.5 * confidence["ece_raw"]
    sure, shy = figures["folds"]
    assert (sure["documents"], shy["documents"]) == (40, 30)
    assert sure["threshold"] is None
    assert shy["threshold"] is not None
    # The pooled order of raw confidence is wrong between the folds, and calibration mends that.
    assert confidence["aurc"] < confidence["aurc_raw"]


def test_spans_are_accepted_by_the_threshold_of_their_own_fold(folds: list[Fold]) -> None:
    whole = pool(folds, confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)["confidence"]["automation"]
    parts = [
        pool([each], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)["confidence"]["automation"]
        for each in folds
    ]
    gold = [sum(len(document.gold) for document in each.test) for each in folds]
    right = [part["share"] * number for part, number in zip(parts, gold, strict=True)]
    assert whole["share"] == pytest.approx(sum(right) / sum(gold))
    assert whole["target_precision"] == 0.9
    assert whole["share_low"] < whole["share"] < whole["share_high"]


def test_a_fold_without_a_threshold_accepts_nothing() -> None:
    hopeless = fold("hopeless", seed=5, intercept=-6.0)
    found = pool([hopeless], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)
    assert found["folds"][0]["threshold"] is None
    assert found["confidence"]["automation"]["share"] == 0


def test_types_with_little_support_are_left_out_of_the_second_macro_average() -> None:
    rare = named("rare", [document((0.9, False), label="Rare") for _ in range(6)])
    common = named("common", [document(*[(0.9, True)] * 10, label="Common") for _ in range(6)])
    both = Fold("both", common, [*common, *rare])
    found = pool([both], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=10)
    assert found["scores"]["strict"]["macro"]["f1"] == pytest.approx(0.5)
    assert found["macro_frequent"] == {"support": 10, "types": 1, "f1": 1.0, "f1_low": 1.0, "f1_high": 1.0}
    none = pool([both], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1000)["macro_frequent"]
    assert none == {"support": 1000, "types": 0, "f1": None, "f1_low": None, "f1_high": None}


def test_few_documents_have_no_interval() -> None:
    few = Fold("few", *(named(side, [document((0.9, True))] * 3) for side in ("validation", "test")))
    found = pool([few], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)["macro_frequent"]
    assert (found["f1"], found["f1_low"], found["f1_high"]) == (1.0, None, None)


def test_a_document_in_two_folds_is_refused(folds: list[Fold]) -> None:
    with pytest.raises(UserError, match="40 documents in two folds, such as sure-test-0, ") as error:
        pool([folds[0], folds[0]], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)
    assert "split.fold" in str(error.value.hint)


def test_no_fold_is_refused() -> None:
    with pytest.raises(UserError, match="no fold"):
        pool([], confidence=CONFIDENCE, bootstrap=BOOTSTRAP, support=1)


def test_a_fold_is_read_from_its_folder(tmp_path: Path, folds: list[Fold]) -> None:
    write_jsonl(tmp_path / "validation.jsonl", folds[0].validation)
    with pytest.raises(UserError, match=r"test\.jsonl"):
        read_fold("sure", tmp_path)
    write_jsonl(tmp_path / "test.jsonl", folds[0].test)
    found = read_fold("sure", tmp_path)
    assert [each.id for each in found.test] == [each.id for each in folds[0].test]


def test_the_tables_hold_the_figures(figures: dict[str, Any]) -> None:
    text = markdown(figures, level=0.95)
    micro = figures["scores"]["strict"]["micro"]
    assert "70 documents with 700 entities" in text
    assert f"| strict micro-F1 | {micro['f1']:.3f} | {interval(micro['f1_low'], micro['f1_high'])} |" in text
    assert "| macro-F1, 1 type with 100 or more |" in text
    assert f"| ECE, raw | {figures['confidence']['ece_raw']:.3f} | {DASH} |" in text
    assert f"| `shy` | 30 | {figures['folds'][1]['f1']:.3f} |" in text
    assert "| `Age` | high | 700 |" in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("| `Age`")}) == 1
