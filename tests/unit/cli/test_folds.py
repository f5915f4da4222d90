from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli import program
from spanwise.io import write_jsonl
from tests.unit.test_crossvalidation import fold


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(program, ["folds", *map(str, words)])


@pytest.fixture
def folders(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two folds as folders, beside the settings."""
    shutil.copy(root / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        made = fold(f"f{number}", seed=number, spans=100)
        write_jsonl(tmp_path / f"fold{number}" / "validation.jsonl", made.validation)
        write_jsonl(tmp_path / f"fold{number}" / "test.jsonl", made.test)
    return ["fold0", "fold1"]


def test_folds_are_pooled_into_a_table_and_a_json_file(folders: list[str], tmp_path: Path) -> None:
    done = run(*folders, "--support", "50", "-o", "out")
    assert done.exit_code == 0, done.output
    assert "20 documents with 200 entities" in done.stdout
    assert (tmp_path / "out" / "folds.md").read_text() == f"# Folds together\n\n{done.stdout}"
    figures = json.loads((tmp_path / "out" / "folds.json").read_text())
    assert [each["name"] for each in figures["folds"]] == folders
    assert figures["macro_frequent"]["support"] == 50


def test_the_same_folder_twice_is_refused(folders: list[str], tmp_path: Path) -> None:
    done = run("fold0", "fold0")
    assert done.exit_code == 1
    assert "in two folds" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_name_of_nothing_is_refused_outside_of_a_repository(folders: list[str]) -> None:
    done = run("fold0", "no-such-fold")
    assert done.exit_code == 1
    assert "no DVC repository" in done.stderr
