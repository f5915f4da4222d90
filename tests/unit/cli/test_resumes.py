from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli.resumes import app
from spanwise.io import read_jsonl, write_json
from spanwise.schema import Example


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "corpus"
    done = run("generate", folder, "--count", "7", "--workers", "1")
    assert done.exit_code == 0, done.output
    assert "7 résumés; values found in the text: " in done.stdout
    return folder


def test_generate_writes_corpora_files_and_a_page(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "fields",
        "figures.json",
        "files",
        "personal",
        "quality.html",
    ]
    assert len(list((folder / "files").iterdir())) == 21


def test_generate_replaces_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    done = run("generate", tmp_path, "--count", "7")
    assert done.exit_code == 1
    assert "holds other files" in done.stderr
    assert (tmp_path / "thesis.docx").exists()


def test_quality_writes_the_page_anew(folder: Path) -> None:
    (folder / "quality.html").unlink()
    done = run("quality", folder)
    assert done.exit_code == 0, done.output
    assert (folder / "quality.html").is_file()


def test_score_tells_the_figures_of_what_was_parsed(folder: Path, tmp_path: Path) -> None:
    tests = [
        each for each in read_jsonl(folder / "fields" / "examples.jsonl", Example) if each.split == "test"
    ]
    for example in tests[1:]:
        attributes = example.attributes or {}
        write_json(tmp_path / f"{attributes['file']}.json", attributes["truth"])
    done = run("score", folder, tmp_path, "-o", tmp_path / "scores.json", "--samples", "10")
    assert done.exit_code == 0, done.output
    assert f"1 of {len(tests)} documents were not parsed" in done.stderr
    figures = json.loads((tmp_path / "scores.json").read_text())
    assert figures["micro"]["precision"] == 1
    assert 0 < figures["micro"]["recall"] < 1
    assert "format pdf" in done.stdout


def test_score_of_nothing_is_an_error(folder: Path, tmp_path: Path) -> None:
    done = run("score", folder, tmp_path)
    assert done.exit_code == 1
    assert "none of the documents was parsed" in done.stderr
