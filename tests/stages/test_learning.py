"""The stages train, evaluate and benchmark, one after the other on made-up notes with a tiny model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.errors import UserError
from spanwise.io import read_jsonl, write_json, write_jsonl
from spanwise.schema import Example, Labels, Prediction
from stages import benchmark, evaluate, train
from tests.tiny import TINY, quick_settings

PARAMS: dict[str, Any] = {
    "seed": 13,
    "threads": 1,
    "processes": 1,
    "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
    "model": {"name": "tiny", "licence": None, **TINY},
    "train": quick_settings(epochs=2, warmup_steps=0),
    "runtime": {"backend": "torch", "served": ["onnx-int8"], "max_f1_loss": 1.0, "batch_tokens": 512},
    "generation": {"max_new_tokens": 8, "temperature": 0.0, "top_p": 1.0, "batch_size": 2},
    "bootstrap": {"samples": 20, "level": 0.95},
    "robustness": {"variants": ["typos"], "typo_rate": 0.5},
    "benchmark": {
        "batch_sizes": [1, 2],
        "documents": 4,
        "repeats": 1,
        "lengths": [16, 32],
        "peer": {"documents": 2, "repeats": 1, "batch_sizes": [1]},
    },
    "tracking": {
        "tools": [],
        "project": "notes",
        "group": None,
        "mlflow_uri": None,
        "log_model": False,
    },
}


class Workplace:
    """A folder in which the stages run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params = folder / "params.yaml"
        self.params.write_text(yaml.safe_dump(PARAMS))
        self.splits, self.model = folder / "splits", folder / "models" / "learner"

    def train(self, out: str = "") -> None:
        metrics = self.folder / f"{out}metrics"
        model = self.folder / f"{out}model" if out else self.model
        train.main(
            self.splits,
            model,
            metrics / "train.json",
            metrics / "timing.json",
            self.folder / f"{out}plots" / "train",
            params=self.params,
        )

    def evaluate(self, out: str = "") -> None:
        evaluate.main(
            self.splits,
            self.model,
            self.folder / f"{out}predictions",
            self.folder / f"{out}metrics" / "evaluate.json",
            self.folder / f"{out}metrics" / "errors.json",
            self.folder / f"{out}metrics" / "robustness.json",
            self.folder / f"{out}plots" / "evaluate",
            self.folder / f"{out}plots" / "errors",
            params=self.params,
        )

    def metrics(self, name: str) -> Any:
        return json.loads((self.folder / "metrics" / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def workplace(examples: list[Example], labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The splits, a trained model and its evaluation."""
    place = Workplace(tmp_path_factory.mktemp("learning"))
    for side, chosen in {"train": examples[:6], "validation": examples[6:9], "test": examples[9:]}.items():
        write_jsonl(place.splits / f"{side}.jsonl", chosen)
    write_json(place.splits / "labels.json", labels.model_dump(mode="json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(place.folder))
        place.train()
    place.evaluate()
    return place


def test_train_tells_what_was_trained_on_what(workplace: Workplace) -> None:
    found = workplace.metrics("train")
    assert found["model"] == "tiny"
    assert found["parameters"] == TINY["parameters"]
    assert found["threads"] == 1
    assert found["precision"] == "fp32"
    assert found["epochs"] == 2
    assert found["sides"]["train"]["documents"] == 6
    assert found["sides"]["validation"]["truncated_tokens"] == 0
    assert (workplace.folder / "plots" / "train" / "loss.csv").read_text().startswith("epoch,value,series\n")


def test_times_are_kept_apart(workplace: Workplace) -> None:
    timing = workplace.metrics("timing")
    assert set(timing) == {
        "project",
        "run",
        "tracking",
        "resumed",
        "seconds",
        "cpu_seconds",
        "tokens_per_s",
        "peak_rss_mb",
    }
    assert timing["run"].startswith("tiny_")
    assert "seconds" not in workplace.metrics("train")


def test_checkpoints_are_cleaned_up(workplace: Workplace) -> None:
    assert not [path for path in (workplace.folder / ".checkpoints").iterdir() if path.is_dir()]


def test_training_again_gives_the_same_bytes(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(workplace.folder))
    workplace.train("again-")
    again = workplace.folder / "again-model"
    pairs = {path: again / path.relative_to(workplace.model) for path in workplace.model.rglob("*.*")}
    pairs[workplace.folder / "metrics" / "train.json"] = workplace.folder / "again-metrics" / "train.json"
    assert workplace.model / "onnx" / "model.int8.onnx" in pairs
    for one, other in pairs.items():
        assert other.read_bytes() == one.read_bytes(), one.name


def test_train_exports_the_model(workplace: Workplace) -> None:
    sizes = {path.name: path.stat().st_size / 1e6 for path in (workplace.model / "onnx").iterdir()}
    assert workplace.metrics("train")["export"] == {
        "onnx_mb": pytest.approx(sizes["model.onnx"], abs=1e-6),
        "int8_mb": pytest.approx(sizes["model.int8.onnx"], abs=1e-6),
    }


def test_evaluate_predicts_validation_and_test(workplace: Workplace) -> None:
    for side, count in {"validation": 3, "test": 3}.items():
        predictions = list(read_jsonl(workplace.folder / "predictions" / f"{side}.jsonl", Prediction))
        gold = list(read_jsonl(workplace.splits / f"{side}.jsonl", Example))
        assert len(predictions) == count
        for prediction, example in zip(predictions, gold, strict=True):
            assert prediction.text == example.text
            assert [(s.start, s.end, s.label) for s in prediction.gold] == [
                (s.start, s.end, s.label) for s in example.spans
            ]
        assert workplace.metrics("evaluate")[side]["spans"] == 2 * count


def test_evaluating_again_gives_the_same_bytes(workplace: Workplace) -> None:
    workplace.evaluate("again-")
    for name in ("predictions/test.jsonl", "metrics/evaluate.json", "plots/evaluate/types.csv"):
        assert (workplace.folder / f"again-{name}").read_bytes() == (workplace.folder / name).read_bytes()


def test_benchmark_times_the_test_side(workplace: Workplace) -> None:
    metrics, plots = workplace.folder / "metrics" / "benchmark.json", workplace.folder / "plots"
    outputs = (metrics, plots / "benchmark", plots / "scaling")
    benchmark.main(workplace.splits, workplace.model, *outputs, params=workplace.params)
    found = workplace.metrics("benchmark")
    torch = found["backends"]["torch"]
    assert set(torch["latency_ms"]) == {"1", "2"}
    assert found["hours_per_10k_documents"] == pytest.approx(
        10_000 / torch["documents_per_s"] / 3600, rel=0.01
    )
    assert torch["f1"] == workplace.metrics("evaluate")["test"]["headline"]
    for name in ("benchmark/latency", "benchmark/throughput"):
        assert (plots / f"{name}.csv").read_text().startswith("batch_size,value,series\n1,")
    assert (plots / "scaling" / "scaling.csv").read_text().startswith("subwords,value,series\n")


def test_a_missing_model_is_an_error(workplace: Workplace, tmp_path: Path) -> None:
    shutil.copytree(workplace.splits, tmp_path / "splits")
    bare = Workplace(tmp_path)
    with pytest.raises(UserError, match="holds no model"):
        bare.evaluate()


def test_a_stage_killed_by_a_signal_resumes_to_the_same_bytes(workplace: Workplace, tmp_path: Path) -> None:
    shutil.copytree(workplace.splits, tmp_path / "splits")
    place = Workplace(tmp_path)
    place.params.write_text(yaml.safe_dump(PARAMS | {"train": PARAMS["train"] | {"epochs": 6}}))
    script = Path(train.__file__)
    outputs = {
        name: ["model", "metrics/train.json", "metrics/timing.json", "plots"] for name in ("killed", "whole")
    }

    def start(name: str, root: str) -> subprocess.Popen[bytes]:
        paths = [str(tmp_path / name / path) for path in outputs[name]]
        return subprocess.Popen(
            [sys.executable, str(script), str(place.splits), *paths, "--params", str(place.params)],
            env={
                **os.environ,
                "DVC_ROOT": str(tmp_path / root),
                "PYTHONPATH": str(script.parents[1] / "src"),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    killed = start("killed", "root")
    while killed.poll() is None and not list(
        (tmp_path / "root").glob(".checkpoints/*/student/checkpoint-*/trainer_state.json")
    ):
        time.sleep(0.01)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    assert start("killed", "root").wait() == 0
    assert start("whole", "other").wait() == 0
    assert json.loads((tmp_path / "killed" / "metrics" / "timing.json").read_text())["resumed"] is True
    for one in sorted((tmp_path / "whole").rglob("*")):
        if one.is_file() and one.name != "timing.json":
            other = tmp_path / "killed" / one.relative_to(tmp_path / "whole")
            assert other.read_bytes() == one.read_bytes(), one.name
