from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli import program
from spanwise.io import write_jsonl
from tests.unit.crossvalidation.test_spans import fold
from tests.unit.tasks.instruct.answers import PROTOCOL, predicted


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


def test_answers_of_repeated_divisions_are_pooled_too(folders: list[str], tmp_path: Path) -> None:
    names = []
    for repeat in range(2):
        for number, questions in enumerate(([0, 1, 2], [3, 4, 5])):
            folder = tmp_path / f"repeat{repeat}-{number}"
            made = [predicted(PROTOCOL, name=str(each), group=str(each)) for each in questions]
            write_jsonl(folder / "validation.jsonl", [])
            write_jsonl(folder / "test.jsonl", made)
            names.append(folder.name)
    done = run(*names, "-o", "out")
    assert done.exit_code == 0, done.output
    assert "6 questions, each answered by the fold that did not train on it, in 2 repeats" in done.stdout
    assert "| must-include coverage | 1.000 | 1.000–1.000 | 12 |" in done.stdout
    figures = json.loads((tmp_path / "out" / "folds.json").read_text())
    assert (figures["repeats"], figures["documents"]) == (2, 6)


def test_entities_and_answers_do_not_mix(folders: list[str], tmp_path: Path) -> None:
    write_jsonl(tmp_path / "said" / "validation.jsonl", [])
    write_jsonl(tmp_path / "said" / "test.jsonl", [predicted(PROTOCOL, name="1", group="1")])
    done = run("said", "fold0")
    assert done.exit_code == 1
    assert "some folds hold entities and some answers" in done.stderr
