from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from spanwise.cli.anonymise_score import anonymise_score
from spanwise.io import read_json, write_jsonl
from spanwise.schema import Example, Span


def _run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(anonymise_score)
    return CliRunner().invoke(app, [str(each) for each in arguments])


def _examples(tmp_path: Path) -> Path:
    write_jsonl(
        tmp_path / "examples.jsonl",
        [
            Example(
                id="a",
                text="Ada Byrne\nSkills\nPython",
                target=(Span(start=0, end=9, label="PERSON"),),
                group="a",
                split="test",
            )
        ],
    )
    return tmp_path / "examples.jsonl"


def test_scores_are_told_and_written(tmp_path: Path) -> None:
    examples = _examples(tmp_path)
    result = _run(examples, "-o", tmp_path / "scores.json", "--fields", examples, "--split", "test")
    assert result.exit_code == 0, result.output
    assert "basic     direct 1.0000" in result.output
    assert "homoglyphs" in result.output
    assert read_json(tmp_path / "scores.json")["documents"] == 1


def test_a_side_without_documents_is_an_error(tmp_path: Path) -> None:
    result = _run(_examples(tmp_path), "-o", tmp_path / "scores.json", "--split", "train")
    assert result.exit_code == 1
    assert "no document to score" in result.output
