from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from spanwise.calibration import Calibration, apply
from spanwise.calibration.selection import choose
from spanwise.calibration.thresholds import choose_threshold
from spanwise.io import read_record, write_jsonl
from spanwise.metrics.confidence import outcomes
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

PARAMS: dict[str, Any] = {
    "seed": 13,
    "runtime": {"backend": "torch", "served": [], "max_f1_loss": 0.003, "batch_tokens": 512},
    "generation": {"max_new_tokens": 8, "temperature": 0.0, "top_p": 1.0, "batch_size": 2},
    "bootstrap": {"samples": 50, "level": 0.95},
    "confidence": {
        "feature": "mean",
        "method": "auto",
        "bins": 5,
        "thresholds": [0.5, 0.9, 1.0],
        "target_precision": 0.8,
        "error_rate": 0.1,
        "high_value": {"types": ["Age", "Dose"], "target_precision": 0.4},
    },
}


class Workplace:
    """Predictions in a folder, and the stage's files beside them."""

    def __init__(self, folder: Path, stage: Path) -> None:
        self.folder, self.stage = folder, stage
        self.calibration = folder / "models" / "calibration.json"
        self.metrics = folder / "metrics" / "confidence.json"
        self.plots = folder / "plots" / "confidence"

    def write(self, validation: Sequence[Prediction], test: Sequence[Prediction]) -> None:
        write_jsonl(self.folder / "predictions" / "validation.jsonl", validation)
        write_jsonl(self.folder / "predictions" / "test.jsonl", test)

    def run(self, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> int:
        params = self.folder / "params.yaml"
        params.write_text(yaml.safe_dump(PARAMS | settings), encoding="utf-8")
        outputs = (self.calibration, self.metrics, self.plots)
        arguments = [self.stage, self.folder / "predictions", *outputs, "--params", params]
        monkeypatch.setattr(sys, "argv", [str(argument) for argument in arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(self.stage), run_name="__main__")
        assert isinstance(ended.value.code, int)
        return ended.value.code

    def figures(self) -> dict[str, Any]:
        found = json.loads(self.metrics.read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        return found

    def contents(self) -> dict[str, bytes]:
        files: Iterator[Path] = (
            path for path in self.folder.rglob("*") if path.is_file() and "predictions" not in path.parts
        )
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in sorted(files)}


@pytest.fixture
def workplace(tmp_path: Path, root: Path) -> Workplace:
    return Workplace(tmp_path, root / "stages" / "confidence.py")


def predictions(documents: int, *, seed: int, overconfident: bool = True) -> list[Prediction]:
    """Ten predicted spans a document, of which half the surest and hardly any of the others are right."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(documents):
        gold, predicted = [], []
        for start in range(0, 100, 10):
            value = float(random.uniform(0.6, 1.0))
            right = random.random() < (value - 0.5 if overconfident else 1.0)
            gold.append(GoldSpan(start=start, end=start + 5, label="Age", tier="high"))
            sure = Confidence(words=(value,), minimum=value, mean=value, product=value, span=value)
            end = start + (5 if right else 7)
            predicted.append(PredictedSpan(start=start, end=end, label="Age", tier="high", confidence=sure))
        made.append(
            Prediction(
                id=str(number), text="x", group=str(number), gold=tuple(gold), predicted=tuple(predicted)
            )
        )
    return made


def test_calibrates_on_validation_and_measures_both_sides(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.write(predictions(40, seed=1), predictions(40, seed=2))
    assert workplace.run(monkeypatch, confidence=PARAMS["confidence"] | {"method": "platt"}) == 0
    found = workplace.figures()
    assert set(found) == {"calibration", "methods", "backends", "validation", "test"}
    assert found["calibration"]["method"] == "platt"
    assert found["calibration"]["feature"] == "mean"
    assert found["calibration"]["spans"] == 400
    for side in ("validation", "test"):
        assert found[side]["ece"] < found[side]["ece_raw"] / 2
        assert [row["threshold"] for row in found[side]["thresholds"]] == [0.5, 0.9, 1.0]
        assert found[side]["thresholds"][-1]["precision"] is None
        assert set(found[side]["automation"]) >= {
            "target_precision",
            "threshold",
            "precision",
            "precision_low",
            "precision_high",
            "share",
            "share_low",
            "share_high",
        }
        assert set(found[side]["mean_confidence"]) == {"true_positive", "false_positive", "false_negative"}
        assert found[side]["brier"] < found[side]["brier_raw"]
        assert found[side]["documents"]["documents"] == 40
        assert found[side]["guaranteed"]["error_rate"] == 0.1
        assert found[side]["high_value"]["Age"]["threshold"] is not None
        assert (
            found[side]["high_value"]["Dose"]["reason"] == "no span of this type, neither gold nor predicted"
        )
        assert set(found[side]["types"]) == {"Age"}


def test_the_method_is_chosen_by_its_loss_on_validation_documents_not_seen(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.write(predictions(40, seed=1), predictions(5, seed=2))
    assert workplace.run(monkeypatch) == 0
    found = workplace.figures()
    losses = {name: figures["log_loss"] for name, figures in found["methods"].items()}
    assert found["validation"]["log_loss"] == losses[found["calibration"]["method"]]
    assert set(losses) == {"identity", "temperature", "platt", "isotonic", "classifier"}
    assert losses[found["calibration"]["method"]] == min(losses.values()) < losses["identity"]


def test_the_threshold_is_chosen_on_confidence_by_calibrations_that_have_not_seen_the_span(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation = predictions(40, seed=1)
    workplace.write(validation, predictions(5, seed=2))
    assert workplace.run(monkeypatch, confidence=PARAMS["confidence"] | {"method": "isotonic"}) == 0
    choice = choose(validation, method="isotonic", feature="mean", bins=5, seed=13)
    right = outcomes(validation).right
    held_out, seen = (
        choose_threshold(confidence, right, target_precision=0.4)
        for confidence in (choice.held_out, apply(choice.calibration, validation))
    )
    assert workplace.figures()["validation"]["high_value"]["Age"]["threshold"] == held_out != seen


def test_the_saved_calibration_is_the_one_measured(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = predictions(20, seed=2)
    workplace.write(predictions(20, seed=1), test)
    assert workplace.run(monkeypatch) == 0
    saved = read_record(workplace.calibration, Calibration)
    values = apply(saved, test)
    counts = workplace.figures()["test"]
    kept = counts["thresholds"][0]["coverage"]
    assert kept == pytest.approx((values >= 0.5).mean(), abs=1e-6)


def test_plots_are_of_test_and_have_the_same_columns(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.write(predictions(20, seed=1), predictions(15, seed=2))
    workplace.plots.mkdir(parents=True)
    (workplace.plots / "of_an_older_version.csv").touch()
    assert workplace.run(monkeypatch) == 0
    tables = {path.name: path.read_text().splitlines() for path in sorted(workplace.plots.iterdir())}
    assert list(tables) == ["histogram.csv", "reliability.csv", "risk_coverage.csv", "thresholds.csv"]
    assert {lines[0] for lines in tables.values()} == {"confidence,value,series"}
    # Nothing is kept from 1 on, so there is no precision to draw there.
    precision = [line for line in tables["thresholds.csv"] if line.endswith(",precision")]
    assert precision
    assert not any(line.startswith("1.0,") for line in precision)
    # It is test that is drawn.
    assert sum(int(line.split(",")[1]) for line in tables["histogram.csv"][1:]) == 150


def test_a_second_run_writes_the_same_bytes(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    workplace.write(predictions(20, seed=1), predictions(20, seed=2))
    assert workplace.run(monkeypatch) == 0
    first = workplace.contents()
    assert len(first) == 1 + 1 + 1 + 4  # params, calibration, metrics, plots
    assert workplace.run(monkeypatch) == 0
    assert workplace.contents() == first


def test_nothing_is_chosen_on_test(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for test in (predictions(30, seed=2), predictions(5, seed=3, overconfident=False), []):
        workplace.write(predictions(60, seed=1), test)
        assert workplace.run(monkeypatch, confidence=PARAMS["confidence"] | {"target_precision": 0.4}) == 0
        found = workplace.figures()
        of_test = (
            found["test"]["automation"],
            found["test"]["high_value"]["Age"],
            found["test"]["guaranteed"],
        )
        thresholds = [each["threshold"] for each in of_test]
        chosen.append((thresholds, found["calibration"], found["methods"], found["validation"]))
    assert None not in chosen[0][0][:2]
    assert chosen[0] == chosen[1] == chosen[2]


@pytest.mark.parametrize("documents", [0, 2])
def test_a_model_that_finds_nothing_is_measured_too(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    silent = [
        prediction.model_copy(update={"predicted": ()}) for prediction in predictions(documents, seed=1)
    ]
    workplace.write(silent, silent)
    assert workplace.run(monkeypatch) == 0
    found = workplace.figures()
    assert found["calibration"]["method"] == "identity"
    assert found["calibration"]["reason"] == "no predicted span"
    assert found["test"]["ece"] is None
    assert found["test"]["automation"]["threshold"] is None
    assert found["test"]["automation"]["share"] == (0 if documents else None)
    assert found["test"]["counts"]["false_negative_without_overlap"] == 10 * documents


def test_documents_without_gold_are_measured_too(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmarked = [prediction.model_copy(update={"gold": ()}) for prediction in predictions(3, seed=1)]
    workplace.write(unmarked, unmarked)
    assert workplace.run(monkeypatch) == 0
    found = workplace.figures()
    assert found["calibration"]["reason"] == "every predicted span is wrong"
    assert found["test"]["thresholds"][0]["precision"] == 0
    assert found["test"]["thresholds"][0]["recall"] is None


def test_missing_predictions_are_told(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write([], [])
    (workplace.folder / "predictions" / "test.jsonl").unlink()
    assert workplace.run(monkeypatch) == 1
    assert "test.jsonl: no such file" in capsys.readouterr().err
    assert not workplace.metrics.exists()
    assert not workplace.calibration.exists()


def test_a_broken_line_is_told_without_its_text(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write(predictions(1, seed=1), [])
    with (workplace.folder / "predictions" / "validation.jsonl").open("a") as file:
        file.write('{"id": "2", "text": ["Jane Doe"]}\n')
    assert workplace.run(monkeypatch) == 1
    said = capsys.readouterr().err
    assert "validation.jsonl:2: not a valid Prediction: text" in said
    assert "Jane" not in said


def test_a_wrong_setting_is_told(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write([], [])
    assert workplace.run(monkeypatch, confidence=PARAMS["confidence"] | {"feature": "median"}) == 1
    assert "confidence.feature" in capsys.readouterr().err


def test_a_served_backend_is_calibrated_or_refused(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation, test = predictions(10, seed=1), predictions(10, seed=2)
    worse = [each.model_copy(update={"predicted": each.predicted[:5]}) for each in validation]
    workplace.write(validation, test)
    for name, found in (("onnx-int8", validation), ("torch-bf16", worse)):
        folder = workplace.folder / "predictions" / "backends" / name
        write_jsonl(folder / "validation.jsonl", found)
        write_jsonl(folder / "test.jsonl", test)
    settings = PARAMS["runtime"] | {"served": ["onnx-int8", "torch-bf16"]}
    assert workplace.run(monkeypatch, runtime=settings) == 0
    stored = read_record(workplace.calibration, Calibration)
    assert stored.admitted == ("onnx", "onnx-int8", "torch")
    assert list(stored.refused) == ["torch-bf16"]
    assert stored.served["onnx-int8"].backend == "onnx-int8"
    assert stored.served["onnx-int8"].model_dump(exclude={"backend"}) == stored.model_dump(
        exclude={"backend", "served", "refused"}
    ) | {"served": {}, "refused": {}}
    figures = workplace.figures()
    assert figures["backends"]["torch-bf16"]["admitted"] is False
    assert figures["backends"]["onnx-int8"]["f1_loss"] == 0
    assert figures["backends"]["onnx-int8"]["ece"] == figures["test"]["ece"]


def test_a_served_backend_that_was_not_evaluated_is_told(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write(predictions(10, seed=1), predictions(10, seed=2))
    assert workplace.run(monkeypatch, runtime=PARAMS["runtime"] | {"served": ["onnx-int8"]}) == 1
    assert "onnx-int8" in capsys.readouterr().err
