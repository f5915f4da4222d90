"""`spanwise parse` on a folder of small files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.parse import parse
from spanwise.schema import Labels
from tests.extras import needs
from tests.tiny import TINY

if TYPE_CHECKING:
    from spanwise.learners.tagger import Tagger

app = console.app("Parse.")
app.command()(parse)

ANN = "Ann Lee\nann@mail.example\nSkills\nSQL, Go\n"
BO = "Bo Ek\nbo@mail.example\n"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    (folder / "ann.txt").write_text(ANN, encoding="utf-8")
    (folder / "more" / "bo.txt").write_text(BO, encoding="utf-8")
    (folder / "photo.jpeg").write_bytes(b"\xff\xd8")
    (folder / ".hidden.txt").write_text("x", encoding="utf-8")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_folder_becomes_a_folder(inputs: Path, tmp_path: Path) -> None:
    done = run(inputs, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    written = sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.json")
    )
    assert written == ["ann.txt.json", "ann.txt.origin.json", "more/bo.txt.json", "more/bo.txt.origin.json"]
    resume = json.loads((tmp_path / "out" / "ann.txt.json").read_text(encoding="utf-8"))
    assert resume["basics"] == {"name": "Ann Lee", "email": "ann@mail.example"}
    origin = json.loads((tmp_path / "out" / "ann.txt.origin.json").read_text(encoding="utf-8"))
    assert {field["path"] for field in origin["fields"]} >= {"basics.name", "skills[1].name"}
    assert "2 parsed" in done.output
    assert "1 files of another kind" in done.output


def test_a_bad_file_is_reported_and_counted(inputs: Path, tmp_path: Path) -> None:
    (inputs / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = run(inputs, "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert "2 parsed; 1 left out" in done.output
    [line] = (tmp_path / "out" / "errors.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["document"] == "bad.pdf"
    (inputs / "bad.pdf").unlink()
    run(inputs, "-o", tmp_path / "out")
    assert not (tmp_path / "out" / "errors.jsonl").exists()


def test_strict_stops_at_a_bad_file(inputs: Path, tmp_path: Path) -> None:
    (inputs / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = run(inputs, "-o", tmp_path / "out", "--strict")
    assert done.exit_code == 1
    assert "bad.pdf" in done.output
    assert not (tmp_path / "out" / "more").exists()


def test_only_bad_files_are_a_failure(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert run(tmp_path / "bad.pdf", "-o", tmp_path / "out").exit_code == 1


def test_the_same_command_goes_on_and_writes_the_same_bytes(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(inputs, "-o", out, "--quiet")
    before = {path: path.read_bytes() for path in out.rglob("*.json")}
    (out / "ann.txt.json").unlink()
    (out / "ann.txt.origin.json").unlink()
    done = run(inputs, "-o", out)
    assert "1 parsed; 1 had been parsed before" in done.output
    assert {path: path.read_bytes() for path in out.rglob("*.json")} == before


def test_nothing_is_overwritten_unless_asked(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(inputs, "-o", out)
    (inputs / "ann.txt").write_text(BO, encoding="utf-8")
    done = run(inputs, "-o", out)
    assert "another file or backend" in done.output
    assert "Ann Lee" in (out / "ann.txt.json").read_text(encoding="utf-8")
    assert run(inputs, "-o", out, "--restart").exit_code == 0
    assert "Bo Ek" in (out / "ann.txt.json").read_text(encoding="utf-8")
    (out / "ann.txt.origin.json").unlink()
    assert "half a result" in run(inputs, "-o", out).output


def test_all_may_go_into_one_file(inputs: Path, tmp_path: Path) -> None:
    run(inputs, "-o", tmp_path / "out", "--format", "jsonl")
    lines = (tmp_path / "out" / "resumes.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["document"] for line in lines] == ["ann.txt", "more/bo.txt"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nowhere"], "no such file"),
        (["in/photo.jpeg", "in/photo.jpeg", "--backend", "tagger"], "--model"),
        (["in", "--url", "http://127.0.0.1:9/v1"], "--llm"),
        (["in", "--model", "nowhere"], "no such folder"),
        (["in", "in2"], "two documents are called"),
        (["empty"], "nothing to parse"),
    ],
)
def test_what_cannot_be_done_is_told(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "in2").mkdir()
    (tmp_path / "in2" / "ann.txt").write_text(BO, encoding="utf-8")
    done = run(*words, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert reason in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_tagger_parses_with_and_without_calibration(inputs: Path, tmp_path: Path) -> None:
    from spanwise.learners.tagger import Tagger

    labels = Labels(id2tag=("O", "B-Name", "I-Name"), tiers={"Name": "high"})
    tagger: Tagger = Tagger.pretrained(labels, **TINY, seed=13)
    tagger.save(tmp_path / "models" / "learner")
    model = tmp_path / "models" / "learner"
    done = run(inputs, "-o", tmp_path / "out", "--model", model)
    assert "no such calibration" in done.output
    calibration = {"method": "identity", "feature": "span", "spans": 5}
    (tmp_path / "models" / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    for index, words in enumerate(([], ["--raw"])):
        out = tmp_path / f"out{index}"
        done = run(inputs, "-o", out, "--model", model, *words)
        assert done.exit_code == 0, done.output
        origin = json.loads((out / "ann.txt.origin.json").read_text(encoding="utf-8"))
        assert origin["backend"] == "tagger+rules"


@needs("openai")
def test_a_server_is_asked_only_with_a_key(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    done = run(inputs, "-o", tmp_path / "out", "--url", "http://127.0.0.1:9/v1", "--llm", "m")
    assert done.exit_code == 1
    assert "OPENAI_API_KEY" in done.output
