"""Entities with the chance that they are right, and whether they need review."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.io import read_json, write_json
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from spanwise.service.contract import Answer, Item
from spanwise.service.operations import load
from spanwise.service.operations.extract import read_threshold
from spanwise.service.operations.options import ExtractOptions
from spanwise.service.operations.taggers import Tagger, find_backend
from tests.unit.service.operations.packages import CALIBRATION, tagger_package


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Path:
    return tagger_package(tmp_path_factory.mktemp("extract") / "v1.0.0", labels, refused={"onnx": 0.1})


@pytest.fixture
def spoilt(package: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(package, tmp_path / "spoilt"))


def asked(package: Path, texts: list[str], **options: object) -> list[Answer]:
    operation = load("extract", package, threads=1)
    answers = operation([Item(text, ExtractOptions.model_validate(options)) for text in texts])
    assert all(isinstance(answer, Answer) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Answer)]


def test_entities_are_those_of_the_predictor_with_calibrated_confidence(
    package: Path, examples: list[Example]
) -> None:
    predictions = list(Predictor.load(package, backend="onnx-int8", threads=1)(examples))
    confidence = iter(apply(Calibration(**CALIBRATION), predictions).tolist())
    answers = asked(package, [example.text for example in examples])
    found = 0
    for prediction, answer in zip(predictions, answers, strict=True):
        assert answer.value["characters"] == len(prediction.text)
        assert answer.labels == tuple(span.label for span in prediction.predicted)
        for span, entity, sure in zip(
            prediction.predicted, answer.value["entities"], answer.confidences, strict=True
        ):
            assert entity["text"] == prediction.text[span.start : span.end]
            assert (entity["start"], entity["end"], entity["label"]) == (span.start, span.end, span.label)
            assert entity["tier"] == span.tier
            assert entity["confidence"] == sure == pytest.approx(next(confidence), abs=1e-4)
            assert entity["auto_accept"] is (sure >= 0.4)
            found += 1
    assert found > 5
    assert "text" not in answers[0].value


def test_those_below_the_confidence_that_is_asked_for_are_left_out(
    package: Path, examples: list[Example]
) -> None:
    texts = [example.text for example in examples]
    all_of_them = [entity for answer in asked(package, texts) for entity in answer.value["entities"]]
    middle = sorted(entity["confidence"] for entity in all_of_them)[len(all_of_them) // 2]
    kept = [e for answer in asked(package, texts, min_confidence=middle) for e in answer.value["entities"]]
    assert kept == [entity for entity in all_of_them if entity["confidence"] >= middle]
    assert 0 < len(kept) < len(all_of_them)


def test_the_text_comes_back_where_it_is_asked_for(package: Path) -> None:
    assert asked(package, ["Took aspirin."], with_text=True)[0].value["text"] == "Took aspirin."


def test_int8_is_served_without_torch(package: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from spanwise.service.operations import load\n"
        "from spanwise.service.operations.options import ExtractOptions\n"
        "from spanwise.service.contract import Item\n"
        f"operation = load('extract', Path({str(package)!r}), threads=1)\n"
        "assert operation([Item('Took aspirin.', ExtractOptions())])[0].value\n"
        "print(sorted({'torch', 'transformers', 'peft'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_torch_serves_what_no_graph_may(package: Path) -> None:
    calibration = Calibration(**CALIBRATION, refused={"onnx": 0.1, "onnx-int8": 0.1})
    assert find_backend(package, calibration, threads=1) == "torch"


def test_a_package_without_a_backend_that_is_calibrated_is_refused(spoilt: Path) -> None:
    calibration = Calibration(**{**CALIBRATION, "backend": "onnx-int8"})
    assert find_backend(spoilt, calibration, threads=1) == "onnx-int8"
    shutil.rmtree(spoilt / "onnx")
    with pytest.raises(UserError, match="holds nothing for onnx-int8, which alone is calibrated"):
        find_backend(spoilt, calibration, threads=1)


def test_of_two_graphs_the_faster_one_serves(package: Path) -> None:
    both = Calibration(**CALIBRATION, served={"onnx-int8": Calibration(**CALIBRATION)})
    assert find_backend(package, both, threads=1) in {"onnx", "onnx-int8"}


def test_a_package_without_calibration_is_refused(spoilt: Path) -> None:
    (spoilt / "calibration.json").unlink()
    with pytest.raises(UserError, match=r"calibration\.json: no such calibration"):
        Tagger.load(spoilt, threads=1)


def test_without_a_threshold_nothing_is_said_of_review(spoilt: Path) -> None:
    write_json(spoilt / "metrics" / "confidence.json", {"test": {"automation": {"threshold": None}}})
    [answer] = asked(spoilt, ["Patient 1 had fever and took aspirin daily."])
    assert answer.value["threshold"] is None
    assert {entity["auto_accept"] for entity in answer.value["entities"]} <= {None}
    (spoilt / "metrics" / "confidence.json").unlink()
    assert read_threshold(spoilt) is None


def test_damaged_figures_are_refused(spoilt: Path) -> None:
    figures = read_json(spoilt / "metrics" / "confidence.json")
    write_json(spoilt / "metrics" / "confidence.json", {"validation": figures["test"]})
    with pytest.raises(UserError, match=r"holds no test\.automation\.threshold"):
        read_threshold(spoilt)


def test_there_are_no_rules_for_it() -> None:
    with pytest.raises(UserError, match="extract needs a model"):
        load("extract", None, threads=1)
