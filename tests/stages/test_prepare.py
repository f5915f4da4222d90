from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.corpora import digest
from spanwise.io import read_jsonl, write_json
from spanwise.schema import Example

PARAMS: dict[str, Any] = {
    "corpus": {"name": "notes", "discontinuous": "envelope", "overlapping": "longest", "group": None},
    "train": {"epochs": 3},
}


class Workplace:
    """A small pinned corpus, settings, and the stage."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.stage = folder, root / "stages" / "prepare.py"
        self.params = folder / "params.yaml"
        self.pin = folder / "data" / "corpora" / "notes.source.json"
        self.corpus = folder / "data" / "corpora" / "notes"
        self.prepared = folder / "data" / "prepared"
        self.metrics = folder / "metrics" / "prepare.json"
        self.write(
            "a", "Fever  and chills.", "T1\tSign 0 6\tFever \nT2\tSign 11 17\tchills\nT3\tSign 0 5\tFever\n"
        )
        self.write("b", "No rash.", "T1\tSign 3 7\trash\n")
        self.set()

    def write(self, name: str, text: str, ann: str) -> None:
        self.corpus.mkdir(parents=True, exist_ok=True)
        (self.corpus / f"{name}.txt").write_text(text)
        (self.corpus / f"{name}.ann").write_text(ann)
        files = {path.name: digest(path) for path in self.corpus.iterdir()}
        source = {"name": "notes", "title": "Notes", "format": "brat", "licence": "MIT", "citation": ""}
        write_json(self.pin, {**source, "origin": None, "files": files})

    def set(self, **corpus: str | None) -> None:
        params = PARAMS | {"corpus": PARAMS["corpus"] | corpus}
        self.params.write_text(yaml.safe_dump(params), encoding="utf-8")

    def run(self, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
        arguments = [self.stage, self.pin, self.prepared, self.metrics, "--params", self.params, *options]
        monkeypatch.setattr(sys, "argv", [str(argument) for argument in arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(self.stage), run_name="__main__")
        assert isinstance(ended.value.code, int)
        return ended.value.code


@pytest.fixture
def workplace(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return Workplace(tmp_path, root)


def test_a_corpus_becomes_examples_and_an_inventory(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workplace.run(monkeypatch) == 0
    first, second = read_jsonl(workplace.prepared / "examples.jsonl", Example)
    assert [(span.start, span.end) for span in first.spans] == [(0, 5), (11, 17)]
    assert (second.id, second.text) == ("b", "No rash.")
    assert json.loads(workplace.metrics.read_text()) == {
        "documents": 2,
        "characters": 26,
        "spans": 3,
        "labels": {"Sign": 3},
        "published": {},
        "edges_inside_words": 0,
        "repaired": {"whitespace_trimmed": 1},
        "left_out": {"duplicate": 1},
    }


def test_the_same_input_gives_the_same_bytes(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def outputs() -> list[bytes]:
        assert workplace.run(monkeypatch) == 0
        return [(workplace.prepared / "examples.jsonl").read_bytes(), workplace.metrics.read_bytes()]

    before = outputs()
    # The order in which a file system lists files is that of their making, or any other.
    for path in sorted(workplace.corpus.iterdir(), reverse=True):
        path.write_bytes(path.read_bytes())
    assert outputs() == before


def test_an_altered_corpus_stops_with_the_command_that_brings_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace.corpus / "a.ann").write_text("")
    assert workplace.run(monkeypatch) == 1
    message = capsys.readouterr().err
    assert "a.ann (altered)" in message
    assert "spanwise corpus add notes" in message
    assert not workplace.prepared.exists()


def test_a_missing_corpus_stops_with_the_command_that_brings_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(workplace.corpus)
    assert workplace.run(monkeypatch) == 1
    assert "spanwise corpus add notes" in capsys.readouterr().err


def test_a_malformed_file_stops_with_file_line_and_reason(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write("b", "No rash.", "T1\tSign 3 7\tfever\nT2\n")
    workplace.write("c", "Rash.", "X\n")
    assert workplace.run(monkeypatch) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"error: {workplace.corpus / 'b.ann'}:1: the text at 3 7")
    assert "b.ann:2" not in message
    assert workplace.run(monkeypatch, "--keep-going") == 1
    message = capsys.readouterr().err
    assert [place for place in ("b.ann:1", "b.ann:2", "c.ann:1") if place in message] == [
        "b.ann:1",
        "b.ann:2",
        "c.ann:1",
    ]
    assert not workplace.prepared.exists()
    assert not workplace.metrics.exists()


def test_policies_are_settings(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write("b", "No rash.", "T1\tSign 0 2;3 7\tNo rash\n")
    workplace.set(discontinuous="drop")
    assert workplace.run(monkeypatch) == 0
    assert json.loads(workplace.metrics.read_text())["left_out"] == {"discontinuous": 1, "duplicate": 1}
    workplace.set(discontinuous="error")
    assert workplace.run(monkeypatch) == 1
    assert f"{workplace.corpus / 'b.ann'}:1: a discontinuous span" in capsys.readouterr().err


def test_documents_that_belong_together_are_a_group(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.write("a-2", "Rash.", "")
    workplace.set(group="^([a-z]).*")
    assert workplace.run(monkeypatch) == 0
    groups = {
        example.id: example.group for example in read_jsonl(workplace.prepared / "examples.jsonl", Example)
    }
    assert groups == {"a": "a", "a-2": "a", "b": "b"}
    workplace.set(group="^a")
    assert workplace.run(monkeypatch) == 1
    assert "corpus.group = '^a' finds no group in 1 ids: b" in capsys.readouterr().err
    workplace.set(group="[")
    assert workplace.run(monkeypatch) == 1
    assert "corpus.group = '[': not a regular expression" in capsys.readouterr().err


def test_a_workspace_of_dvc_reads_the_corpus_of_the_repository(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository = tmp_path_factory.mktemp("repository")
    (repository / "data" / "corpora").mkdir(parents=True)
    shutil.move(workplace.corpus, repository / "data" / "corpora" / "notes")
    monkeypatch.setenv("DVC_ROOT", str(repository))
    assert workplace.run(monkeypatch) == 0
    assert len(list(read_jsonl(workplace.prepared / "examples.jsonl", Example))) == 2


def test_the_stage_runs_as_dvc_runs_it(workplace: Workplace, root: Path) -> None:
    paths = (workplace.stage, workplace.pin, workplace.prepared, workplace.metrics)
    command = [sys.executable, *map(str, paths)]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run(command, cwd=workplace.folder, env=environment, check=True)
    assert json.loads(workplace.metrics.read_text())["spans"] == 3
