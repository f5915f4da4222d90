from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner

from spanwise.adaptation.tinker import KEY
from spanwise.cli.adapters import app
from tests import talkers
from tests.extras import needs
from tests.unit.adaptation.examples import store_model
from tests.unit.adaptation.service import Service, serving

RUN = CliRunner()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of chat messages."""
    folder = tmp_path / "chat"
    folder.mkdir()
    rows = [
        {
            "id": each.id,
            "lang": "en",
            "category": "prose",
            "messages": [
                {"role": "user", "content": each.text},
                {"role": "assistant", "content": str(each.target)},
            ],
        }
        for each in talkers.dialogues()[:6]
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture
def words(tmp_path: Path) -> Path:
    talkers.tokenizer().save_pretrained(tmp_path / "words")
    return tmp_path / "words"


def test_adapters_of_mlx_are_converted(tmp_path: Path) -> None:
    (tmp_path / "mlx").mkdir()
    name = "model.layers.0.self_attn.q_proj"
    tensors = {f"{name}.lora_a": np.ones((8, 2), np.float32), f"{name}.lora_b": np.ones((2, 8), np.float32)}
    save_file(tensors, tmp_path / "mlx" / "adapters.safetensors")
    (tmp_path / "mlx" / "adapter_config.json").write_text('{"lora_parameters": {"rank": 2, "scale": 4.0}}')
    done = RUN.invoke(app, ["convert", str(tmp_path / "mlx"), str(tmp_path / "peft"), "--base", "b"])
    assert done.exit_code == 0, done.output
    assert "2 matrices converted" in done.output
    assert (tmp_path / "peft" / "adapter_model.safetensors").is_file()


def test_without_a_tokenizer_nothing_is_trained(corpus: Path, tmp_path: Path) -> None:
    told = ["train", str(corpus), str(tmp_path / "out"), "--backend", "tinker", "--model", "some/model"]
    done = RUN.invoke(app, told)
    assert done.exit_code == 1
    assert "no such folder" in done.output


@needs("tinker")
def test_tinker_trains_and_its_stub_is_named(
    corpus: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "tml-made-up")
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    with serving(Service()) as url:
        told = ["train", str(corpus), str(tmp_path / "out"), "--backend", "tinker", "--model", "some/model"]
        done = RUN.invoke(app, [*told, "--tokenizer", str(words), "--url", url, "--epochs", "1"])
    assert done.exit_code == 0, done.output
    assert ", a stub: 6 examples" in done.output


@needs("mlx_lm")
def test_mlx_trains_on_the_folder_of_a_model(corpus: Path, words: Path, tmp_path: Path) -> None:
    base = store_model(tmp_path / "base")
    told = ["train", str(corpus), str(tmp_path / "out"), "--backend", "mlx", "--model", str(base)]
    done = RUN.invoke(app, [*told, "--tokenizer", str(words), "--epochs", "1", "--target", "q_proj"])
    assert done.exit_code == 0, done.output
    assert "mlx" in done.output
    assert "a stub" not in done.output
    assert (tmp_path / "out" / "adapter_model.safetensors").is_file()
    refused = RUN.invoke(app, [*told, "--tokenizer", str(words), "--url", "http://127.0.0.1:1"])
    assert "mlx computes here" in refused.output


@needs("tinker")
def test_cut_examples_are_told(
    corpus: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "tml-made-up")
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    with serving(Service()) as url:
        told = ["train", str(corpus), str(tmp_path / "out"), "--backend", "tinker", "--model", "some/model"]
        done = RUN.invoke(app, [*told, "--tokenizer", str(words), "--url", url, "--max-length", "50"])
    assert done.exit_code == 0, done.output
    assert "examples cut at 50 tokens" in done.output
