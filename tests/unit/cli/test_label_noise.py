"""`spanwise label-noise`: where predictions come from, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from spanwise.calibration import Calibration
from spanwise.cli.label_noise import CALIBRATION, PREDICTIONS, label_noise
from spanwise.io import read_jsonl, write_json, write_jsonl
from spanwise.label_noise.ranking import Candidate
from tests.unit.label_noise.conftest import prediction

PLATT = Calibration(method="platt", feature="span", slope=0.5, intercept=-0.1, spans=100)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    program = typer.Typer()
    program.command()(label_noise)
    return CliRunner().invoke(program, words)


def write(path: Path, *ids: str) -> None:
    """Documents with one wrong type each."""
    found = [("fever", "Sign", 0.9)]
    write_jsonl(
        path, [prediction("some fever", [("fever", "Disease", 0.05)], found, id=name) for name in ids]
    )


def documents(output: Path) -> list[tuple[str, str]]:
    return [(each.run, each.document) for each in read_jsonl(output / "label_noise.jsonl", Candidate)]


def test_the_workspace_is_judged_where_nothing_is_named(folder: Path) -> None:
    write(PREDICTIONS / "test.jsonl", "a")
    write(PREDICTIONS / "validation.jsonl", "b")
    write_json(CALIBRATION, PLATT.model_dump())
    done = run()
    assert done.exit_code == 0, done.output
    assert done.output == "1 candidate in 1 document: reports/label_noise.html\n"
    assert documents(folder / "reports") == [("workspace", "a")]
    assert run("--validation", "-o", "both").exit_code == 0
    assert documents(folder / "both") == [("workspace", "a"), ("workspace", "b")]


def test_a_workspace_without_predictions_says_what_brings_them(folder: Path) -> None:
    done = run()
    assert done.exit_code == 1
    assert "data/predictions/test.jsonl: no such file" in done.output
    assert "dvc repro evaluate" in done.output


def test_folders_are_judged_together_and_raw_confidence_is_told(folder: Path) -> None:
    for name in ("one", "two"):
        write(folder / name / "test.jsonl", name)
    write_json(folder / "two" / "calibration.json", PLATT.model_dump())
    done = run("one", "two")
    assert done.exit_code == 0, done.output
    assert "one: no calibration, its confidence is raw" in done.output
    assert "two: no calibration" not in done.output
    assert sorted(documents(folder / "reports")) == [("one", "one"), ("two", "two")]


def test_a_document_of_two_runs_is_refused(folder: Path) -> None:
    for name in ("one", "two"):
        write(folder / name / "test.jsonl", "same")
    done = run("one", "two")
    assert done.exit_code == 1
    assert "documents with more than one prediction: same" in done.output
    assert not (folder / "reports").exists()


def test_a_folder_without_predictions_names_the_file(folder: Path) -> None:
    (folder / "empty").mkdir()
    done = run("empty")
    assert done.exit_code == 1
    assert "empty/test.jsonl: no such file" in done.output


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One in which predictions and calibration are there in git, and the workspace has none."""
    for kind in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"DVC_{kind}_CONFIG_DIR", str(folder / "dvc-config"))
    monkeypatch.delenv("DVC_ROOT", raising=False)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "test")
    git(folder, "config", "user.email", "test@example.org")
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], cwd=folder, check=True)
    write(PREDICTIONS / "test.jsonl", "a")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "raw")
    git(folder, "branch", "raw")
    write_json(CALIBRATION, PLATT.model_dump())
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "calibrated")
    return folder


def test_a_revision_is_read_with_its_own_calibration(repository: Path) -> None:
    write(PREDICTIONS / "test.jsonl", "b")  # not committed: of no revision
    done = run("main", "-o", "calibrated")
    assert done.exit_code == 0, done.output
    assert documents(repository / "calibrated") == [("main", "a")]
    assert "no calibration" not in done.output
    done = run("raw", "-o", "raw-pages")
    assert done.exit_code == 0, done.output
    assert "raw: no calibration, its confidence is raw" in done.output


def test_an_unknown_name_is_neither_revision_nor_experiment(repository: Path) -> None:
    done = run("nothing")
    assert done.exit_code == 1
    assert "nothing is neither a revision nor an experiment" in done.output
