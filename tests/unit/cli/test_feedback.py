from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli.feedback import app
from spanwise.io import write_jsonl
from tests.unit.feedback.test_feedback import SPANS, TEXT

ADVICE = "Appeler le médecin."


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with predictions of two documents and a model."""
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "data/predictions/test.jsonl", [TEXT, SPANS])
    (tmp_path / "models/learner").mkdir(parents=True)
    (tmp_path / "models/learner/weights").write_text("1")


def test_feedback_goes_from_a_user_by_a_reviewer_into_training(tmp_path: Path) -> None:
    added = run("add", "pr-1", "--rating", "2", "--correction", "-", stdin=ADVICE + "\n")
    assert added.exit_code == 0, added.output
    name = added.stdout.partition(":")[0]
    assert "model sha256:" in added.stdout

    early = run("export", "-o", "out.jsonl")
    assert early.exit_code == 1
    assert "nothing to export: not reviewed 1" in early.stderr
    assert run("export", "--pending", "-o", "pending.jsonl").exit_code == 0

    assert run("review", name, "--accept", "--reviewer", "rb").stdout == f"{name}: accepted\n"
    done = run("export", "--reviewed", "-o", "out.jsonl")
    assert done.stdout == "out.jsonl: 1 examples\n"
    assert json.loads((tmp_path / "out.jsonl").read_text())["messages"][-1]["content"] == ADVICE


def test_no_text_is_shown() -> None:
    shown = [
        run("add", "pr-1", "--rating", "1"),
        run("add", "n1", "--rating", "5", "--model", "v1.2"),
        run("list"),
    ]
    assert [each.exit_code for each in shown] == [0, 0, 0]
    output = "".join(each.output for each in shown)
    assert "v1.2" in output
    assert not any(text in output for text in (TEXT.text, "Rien", "fever"))


def test_spans_are_corrected_by_a_json_file(tmp_path: Path) -> None:
    (tmp_path / "right.json").write_text('[{"start": 10, "end": 14, "label": "Sign"}]')
    assert run("add", "n1", "--correction", "right.json").exit_code == 0
    (tmp_path / "right.json").write_text('[{"start": 10}]')
    refused = run("add", "n1", "--correction", "right.json")
    assert refused.exit_code == 1
    assert "not a JSON list of spans" in refused.stderr


def test_what_is_left_out_is_told() -> None:
    names = [run("add", "pr-1", "--rating", rating).stdout.partition(":")[0] for rating in ("5", "1")]
    for name in names:
        assert run("review", name, "--accept", "--reviewer", "rb").exit_code == 0
    assert "left out: 1 (rated low without correction)" in run("export", "-o", "out.jsonl").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["add", "pr-9", "--rating", "1"], "no prediction for the document 'pr-9'"),
        (["add", "pr-1"], "neither a rating nor a correction"),
        (["list"], "no such file"),
        (["review", "x", "--reject", "--reviewer", "rb"], "no such file"),
    ],
)
def test_errors_say_what_is_wrong(words: list[str], reason: str) -> None:
    done = run(*words)
    assert done.exit_code == 1
    assert reason in done.stderr


def test_a_review_needs_feedback_and_a_verdict() -> None:
    assert run("add", "pr-1", "--rating", "1").exit_code == 0
    assert "no feedback 'x'" in run("review", "x", "--reject", "--reviewer", "rb").stderr
    assert run("review", "x", "--reviewer", "rb").exit_code == 2
