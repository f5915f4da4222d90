from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import read_jsonl, write_jsonl
from spanwise.learners.tagger import Tagger
from spanwise.metrics.strata import Mention
from spanwise.runtime.predictor import Predictor
from spanwise.runtime.sides import evaluate_corpora, evaluate_served
from spanwise.schema import Example, Labels, Prediction
from tests.tiny import TINY


def predictor(auxiliaries: dict[str, tuple[str, ...]]) -> Predictor:
    """A model that knows nothing of drugs and signs, nor of genes, which the main corpus lacks."""
    tags = tuple(f"{prefix}-{name}" for name in ("Drug", "Sign", "Gene") for prefix in "BI")
    labels = Labels(
        id2tag=("O", *tags),
        tiers={"Drug": "high", "Sign": "low", "Gene": "low"},
        auxiliaries=auxiliaries,
        foreign=("Gene",),
    )
    return Tagger.pretrained(labels, **TINY, seed=13).predictor(512)


def write_sides(folder: Path, examples: Sequence[Example]) -> None:
    write_jsonl(folder / "train.jsonl", examples[5:])
    write_jsonl(folder / "validation.jsonl", examples[:2])
    write_jsonl(folder / "test.jsonl", examples[2:5])


def found_labels(found: Sequence[Prediction], known: Collection[Mention]) -> dict[str, list[str]]:
    return {"labels": sorted({span.label for document in found for span in document.predicted})}


def test_the_main_corpus_alone_has_no_further_figures(tmp_path: Path, examples: list[Example]) -> None:
    write_sides(tmp_path / "splits", examples)
    figures = evaluate_corpora(predictor({}), tmp_path / "splits", tmp_path / "predictions", found_labels)
    assert figures == {"validation": {"labels": ["Drug", "Sign"]}, "test": {"labels": ["Drug", "Sign"]}}
    assert sorted(path.name for path in (tmp_path / "predictions").iterdir()) == [
        "test.jsonl",
        "validation.jsonl",
    ]


def test_each_corpus_is_predicted_with_the_labels_that_it_annotates(
    tmp_path: Path, examples: list[Example]
) -> None:
    known = {"one": ("Gene",), "two": ("Gene", "Sign")}
    bare = [example.model_copy(update={"target": ()}) for example in examples]
    write_sides(tmp_path / "splits", examples)
    for name in known:
        write_sides(tmp_path / "splits" / "auxiliaries" / name, bare)
    figures = evaluate_corpora(predictor(known), tmp_path / "splits", tmp_path / "predictions", found_labels)
    assert figures["test"] == {"labels": ["Drug", "Sign"]}
    assert {name: sides["test"]["labels"] for name, sides in figures["auxiliaries"].items()} == {
        name: list(labels) for name, labels in known.items()
    }
    stored = read_jsonl(tmp_path / "predictions" / "auxiliaries" / "one" / "validation.jsonl", Prediction)
    assert [document.id for document in stored] == [example.id for example in examples[:2]]


def test_a_missing_side_is_told(tmp_path: Path, examples: list[Example]) -> None:
    write_sides(tmp_path / "splits", examples)
    with pytest.raises(UserError, match=r"one.train\.jsonl: no such file"):
        evaluate_corpora(predictor({"one": ("Gene",)}), tmp_path / "splits", tmp_path / "out", found_labels)


def test_further_backends_are_compared_with_the_main_one(tmp_path: Path, examples: list[Example]) -> None:
    splits, predictions = tmp_path / "splits", tmp_path / "predictions"
    write_sides(splits, examples)
    main = predictor({})
    evaluate_corpora(main, splits, predictions, found_labels)
    figures = evaluate_served({"same": main}, splits, predictions, samples=20, level=0.95, seed=1)
    assert set(figures) == {"same"}
    assert set(figures["same"]) == {"validation", "test"}
    assert figures["same"]["test"]["difference"] == 0
    assert set(figures["same"]["test"]) == {
        "f1", "difference", "difference_low", "difference_high", "p_value",
    }  # fmt: skip
    for side in ("validation", "test"):
        own = predictions / "backends" / "same" / f"{side}.jsonl"
        assert own.read_bytes() == (predictions / f"{side}.jsonl").read_bytes()


def test_without_further_backends_nothing_is_written(tmp_path: Path, examples: list[Example]) -> None:
    assert evaluate_served({}, tmp_path, tmp_path, samples=20, level=0.95, seed=1) == {}
    assert list(tmp_path.iterdir()) == []
