"""`spanwise bench` on a stored model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from spanwise.cli.bench import Backend, bench, micro_f1
from spanwise.io import write_jsonl
from spanwise.learners.tagger import Tagger
from spanwise.runtime.benchmark.backends import WEIGHTS
from spanwise.schema import Example, GoldSpan, Labels, Prediction
from tests.tiny import TINY

program = Typer()
program.command()(bench)


@pytest.fixture(scope="module")
def model(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "learner"
    Tagger.pretrained(labels, **TINY, seed=2).save(folder)
    return folder


def run(model: Path, *arguments: str) -> tuple[int, str]:
    threads = torch.get_num_threads()
    quick = ["--batch-size", "1", "--batch-size", "2", "--rounds", "1", "--length", "30"]
    result = CliRunner(env={"COLUMNS": "200"}).invoke(program, ["--model", str(model), *quick, *arguments])
    torch.set_num_threads(threads)
    return result.exit_code, result.output


def test_every_figure_is_printed_and_written(model: Path, examples: list[Example], tmp_path: Path) -> None:
    write_jsonl(tmp_path / "test.jsonl", examples[:4])
    arguments = ["--split", str(tmp_path / "test.jsonl"), "--documents", "3", "--peer", "hf-pipeline"]
    code, output = run(model, *arguments, "--peer-batch-size", "2", "--json", str(tmp_path / "bench.json"))
    assert code == 0, output
    found = json.loads((tmp_path / "bench.json").read_text())
    assert found["threads"] == found["peer"]["threads"] == 1
    assert found["documents"] == found["peer"]["documents"] == 3
    assert set(found["backends"]) == set(found["peer"]["ours"]) == {"torch"}
    torch_figures = found["backends"]["torch"]
    assert set(torch_figures["latency_ms"]) == {"1", "2"}
    assert set(torch_figures["lengths"]) == {"30"}
    assert 0 <= torch_figures["f1"] <= 1
    assert f"{found['peer']['speedup_best']:.2f} (" in output
    assert "3 documents on" in output
    assert "quickest that reads every token" in output
    assert "0 of" in output
    assert "dropped by the model's own windows: 0." in output


def test_plain_texts_have_no_score(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Patient 1 had dry cough.")
    code, output = run(model, "--input", str(tmp_path / "a.txt"), "--backend", "torch")
    assert code == 0, output
    assert "1 document on" in output
    assert "pipeline" not in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere", "--input", "{note}"], "nowhere: no such folder"),
        (["--model", "{folder}", "--input", "{note}"], "holds no model"),
        (["--input", "{folder}/none.txt"], "none.txt: no such file"),
        (["--split", "{folder}/empty.jsonl"], "empty.jsonl: holds no document"),
    ],
)
def test_what_is_missing_is_told(model: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "note.txt").write_text("Patient 1 had dry cough.")
    (tmp_path / "empty.jsonl").write_text("")
    places = {"folder": tmp_path, "note": tmp_path / "note.txt"}
    code, output = run(model, *(each.format(**places) for each in arguments))
    assert code == 1
    assert message in output.replace("\n", "")


def test_f1_needs_something_to_be_found() -> None:
    plain = Prediction(id="a", text="cough", group="a")
    gold = plain.model_copy(update={"gold": (GoldSpan(start=0, end=5, label="Sign", tier="low"),)})
    assert micro_f1([plain]) is None
    assert micro_f1([plain, gold]) == 0


def test_every_backend_can_be_named() -> None:
    assert {each.value for each in Backend} == set(WEIGHTS)
