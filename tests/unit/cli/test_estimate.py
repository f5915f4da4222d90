"""`spanwise estimate`: settings in, memory and time out, exit code 1 where it cannot fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spanwise.cli.estimate import estimate
from spanwise.io import write_json
from spanwise.schema import Labels

program = typer.Typer(pretty_exceptions_enable=False)
program.command()(estimate)
TINY = ["model=mistral-tiny", "train=lora", "train.adapter.targets=[q_proj]", "train.dtype=fp32"]


@pytest.fixture(autouse=True)
def repository(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's settings, and no data."""
    (tmp_path / "conf").symlink_to(root / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_training_that_fits_is_told_with_its_time() -> None:
    ran = CliRunner().invoke(program, [*TINY, "--device", "rtx-4090", "--tokens", "100000"])
    assert ran.exit_code == 0, ran.output
    assert ran.output.startswith("mistral-tiny on rtx-4090\n  parameters     2.0 M, of which trained 0.0")
    for part in ("weights", "gradients", "optimiser", "activations", "of 25.8 GB", "in all epochs"):
        assert part in ran.output


def test_one_line_of_json_holds_the_same_and_knows_the_tags_of_the_data(repository: Path) -> None:
    def trained() -> int:
        ran = CliRunner().invoke(program, [*TINY, "--device", "a100-80gb", "--json"])
        found = json.loads(ran.stdout)
        assert found["machine"] == "a100-80gb"
        return int(found["trainable"])

    of_83 = trained()
    labels = Labels(id2tag=("O", "B-D", "I-D"), tiers={"D": "high"})
    write_json(repository / "data" / "splits" / "labels.json", labels.model_dump())
    assert of_83 - trained() == 80 * (64 + 1)


def test_what_cannot_fit_is_told_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanwise.estimate.machines.free_memory", lambda: 1e6)
    ran = CliRunner().invoke(program, [*TINY, "--device", "cpu"])
    assert ran.exit_code == 1
    assert "in all" in ran.output
    assert "error: the training takes about" in ran.output
    assert "train.gradient_checkpointing" not in ran.output  # it is on already


def test_weights_that_cannot_be_trained_are_refused() -> None:
    ran = CliRunner().invoke(program, ["model=mistral-tiny", "train.quantisation=nf4"])
    assert ran.exit_code == 1
    assert "can only stay frozen beside adapters" in ran.output


def test_a_setting_that_there_is_not_is_an_error() -> None:
    ran = CliRunner().invoke(program, ["model=mistral-8b"])
    assert ran.exit_code == 1
    assert "no such option" in ran.output
