from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.corpora import digest
from spanwise.io import read_jsonl, write_json
from spanwise.schema import Example

PARAMS: dict[str, Any] = {
    "corpus": {
        "name": "notes",
        "discontinuous": "envelope",
        "overlapping": "longest",
        "group": None,
        "auxiliaries": {},
        "unlabelled": [],
    },
    "train": {"epochs": 3},
}


class Workplace:
    """A small pinned corpus, settings, and the stage."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.stage = folder, root / "stages" / "prepare.py"
        self.params = folder / "params.yaml"
        self.pins = folder / "data" / "pins"
        self.corpora = folder / "data" / "corpora"
        self.corpus = self.corpora / "notes"
        self.prepared = folder / "data" / "prepared"
        self.metrics = folder / "metrics" / "prepare.json"
        self.write(
            "a", "Fever  and chills.", "T1\tSign 0 6\tFever \nT2\tSign 11 17\tchills\nT3\tSign 0 5\tFever\n"
        )
        self.write("b", "No rash.", "T1\tSign 3 7\trash\n")
        self.set()

    def write(self, name: str, text: str, ann: str) -> None:
        self.add("notes", "brat", {f"{name}.txt": text, f"{name}.ann": ann})

    def add(self, corpus: str, format: str, texts: Mapping[str, str]) -> None:
        """Write files of a corpus, and pin it."""
        folder = self.corpora / corpus
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text)
        files = {path.name: digest(path) for path in folder.iterdir()}
        source = {"name": corpus, "title": corpus, "format": format, "licence": "MIT", "citation": ""}
        write_json(self.pins / f"{corpus}.source.json", {**source, "origin": None, "files": files})

    def examples(self, name: str = "examples") -> list[Example]:
        return list(read_jsonl(self.prepared / f"{name}.jsonl", Example))

    def figures(self) -> Any:
        return json.loads(self.metrics.read_text())

    def set(self, **corpus: Any) -> None:
        params = PARAMS | {"corpus": PARAMS["corpus"] | corpus}
        self.params.write_text(yaml.safe_dump(params), encoding="utf-8")

    def run(self, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
        arguments = [self.stage, self.pins, self.prepared, self.metrics, "--params", self.params, *options]
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
        "licence": "MIT",
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
    paths = (workplace.stage, workplace.pins, workplace.prepared, workplace.metrics)
    command = [sys.executable, *map(str, paths)]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run(command, cwd=workplace.folder, env=environment, check=True)
    assert json.loads(workplace.metrics.read_text())["spans"] == 3


# Further corpora.

OTHER = {
    "x.txt": "Mild fever and a rash.",
    "x.ann": "T1\tSymptom 0 10\tMild fever\nT2\tFinding 5 10\tfever\nT3\tFinding 17 21\trash\n",
    "a.txt": "Aspirin.",
    "a.ann": "T1\tDrug 0 7\tAspirin\n",
}


def test_without_further_corpora_nothing_is_written_of_them(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace.prepared / "auxiliaries").mkdir(parents=True)
    (workplace.prepared / "auxiliaries" / "of-an-older-run.jsonl").touch()
    assert workplace.run(monkeypatch) == 0
    assert [path.name for path in workplace.prepared.iterdir()] == ["examples.jsonl"]
    assert not {"auxiliaries", "unlabelled"} & set(workplace.figures())


def test_an_auxiliary_is_read_with_its_labels_renamed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workplace.run(monkeypatch) == 0
    alone = workplace.examples(), workplace.figures()
    workplace.add("other", "brat", OTHER)
    workplace.set(auxiliaries={"other": {"Symptom": "Sign", "Finding": "Sign"}})
    assert workplace.run(monkeypatch) == 0
    first, second = workplace.examples("auxiliaries/other")
    assert [(example.id, example.group) for example in (first, second)] == [
        ("other/a", "other/a"),
        ("other/x", "other/x"),
    ]
    assert [span.label for span in first.spans] == ["Drug"]
    # Mild fever and fever overlap: that both are signs now changes nothing of it.
    assert [(span.start, span.end, span.label) for span in second.spans] == [
        (0, 10, "Sign"),
        (17, 21, "Sign"),
    ]
    figures = workplace.figures()
    further = figures.pop("auxiliaries")
    assert (workplace.examples(), figures) == alone
    assert set(further) == {"other"}
    assert {
        key: further["other"][key] for key in ("documents", "spans", "labels", "repaired", "left_out")
    } == {
        "documents": 2,
        "spans": 3,
        "labels": {"Drug": 1, "Sign": 2},
        "repaired": {},
        "left_out": {"overlapping": 1},
    }


def test_labels_that_become_one_may_become_duplicates(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = "T1\tSymptom 0 5\tFever\nT2\tFinding 0 5\tFever\n"
    workplace.add("other", "brat", {"x.txt": "Fever", "x.ann": ann})
    workplace.set(auxiliaries={"other": {"Symptom": "Sign", "Finding": "Sign"}}, overlapping="error")
    assert workplace.run(monkeypatch) == 0
    assert workplace.figures()["auxiliaries"]["other"]["left_out"] == {"duplicate": 1}


def test_two_labels_may_change_places(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    workplace.write("b", "No rash on aspirin.", "T1\tFinding 3 7\trash\nT2\tDrug 11 18\taspirin\n")
    workplace.add("other", "brat", OTHER)
    workplace.set(auxiliaries={"other": {"Drug": "Finding", "Finding": "Drug"}})
    assert workplace.run(monkeypatch) == 0
    assert workplace.figures()["auxiliaries"]["other"]["labels"] == {"Drug": 1, "Finding": 1, "Symptom": 1}


def test_the_policies_are_those_of_the_settings(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.add("other", "brat", OTHER)
    workplace.set(auxiliaries={"other": {}}, overlapping="error")
    assert workplace.run(monkeypatch) == 1
    assert f"{workplace.corpora / 'other' / 'x.ann'}:2: span 5:10 overlaps" in capsys.readouterr().err
    assert not workplace.prepared.exists()


def test_a_label_that_is_not_there_cannot_be_renamed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.add("other", "brat", OTHER)
    workplace.set(auxiliaries={"other": {"Symptoms": "Sign", "Drugs": "Sign", "Finding": "Sign"}})
    assert workplace.run(monkeypatch) == 1
    message = capsys.readouterr().err
    assert f"{workplace.corpora / 'other'}: no annotation is labelled Drugs, Symptoms" in message
    assert "Its labels: Drug, Finding, Symptom." in message
    assert not workplace.metrics.exists()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("Sgin", "'Sgin' is no label of notes: did you mean Sign? valid: Sign"),
        ("Gene", "'Gene' is no label of notes: valid: Sign"),
        ("", "corpus.auxiliaries.other.Finding = '': String should have at least 1 character"),
    ],
)
def test_a_new_name_is_a_label_of_the_main_corpus(
    target: str,
    message: str,
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workplace.add("other", "brat", OTHER)
    workplace.set(auxiliaries={"other": {"Symptom": "Sign", "Finding": target}})
    assert workplace.run(monkeypatch) == 1
    assert message in capsys.readouterr().err
    assert not workplace.prepared.exists()


@pytest.mark.parametrize("role", [{"auxiliaries": {"other": {}}}, {"unlabelled": ["other"]}])
@pytest.mark.parametrize("by", ["id", "group"])
def test_documents_named_like_those_of_a_further_corpus_are_refused(
    role: dict[str, Any],
    by: str,
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workplace.add("other", "brat", OTHER)
    lines = [{"id": "others", "text": "No rash.", "target": []}]
    if by == "id":
        lines += [{"id": f"other/{n:02}", "text": "No rash.", "target": []} for n in range(12)]
        told = "of 12 documents begin with other/, as those of the further corpus other do: other/00, "
    else:
        lines += [{"id": "z", "text": "No rash.", "target": [], "group": "other/x"}]
        told = "of 1 documents begin with other/, as those of the further corpus other do: z\n"
    workplace.add("lines", "jsonl", {"all.jsonl": "\n".join(map(json.dumps, lines))})
    workplace.set(name="lines", **role)
    assert workplace.run(monkeypatch) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"error: {workplace.corpora / 'lines'}: ids or groups {told}")
    assert ("other/09, and 2 more" in message) is (by == "id")
    assert "spanwise corpus add lines --repin" in message
    assert not workplace.prepared.exists()


def test_bare_text_is_no_auxiliary(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.add("bare", "txt", {"x.txt": "Well."})
    workplace.set(auxiliaries={"bare": {}})
    assert workplace.run(monkeypatch) == 1
    message = capsys.readouterr().err
    assert f"{workplace.pins / 'bare.source.json'}: bare is bare text" in message
    assert "List it under corpus.unlabelled" in message
    assert not workplace.prepared.exists()


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ({"auxiliaries": {"notes": {}}}, "corpus.auxiliaries names notes, and so does corpus.name"),
        ({"unlabelled": ["notes"]}, "corpus.unlabelled names notes, and so does corpus.name"),
        ({"unlabelled": ["other", "other"]}, "corpus.unlabelled names other, and so does corpus.unlabelled"),
        (
            {"auxiliaries": {"other": {}}, "unlabelled": ["other"]},
            "corpus.unlabelled names other, and so does corpus.auxiliaries",
        ),
        ({"auxiliaries": {"nothing": {}}}, "no such pinned corpus; there are: notes, other"),
        ({"unlabelled": ["nothing"]}, "no such pinned corpus; there are: notes, other"),
    ],
)
def test_further_corpora_are_pinned_ones_in_one_role(
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    corpus: dict[str, Any],
    message: str,
) -> None:
    workplace.add("other", "brat", OTHER)
    workplace.set(**corpus)
    assert workplace.run(monkeypatch) == 1
    assert message in capsys.readouterr().err
    assert not workplace.prepared.exists()


def test_an_altered_auxiliary_stops_too(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workplace.add("other", "brat", OTHER)
    (workplace.corpora / "other" / "x.ann").write_text("")
    workplace.set(auxiliaries={"other": {}})
    assert workplace.run(monkeypatch) == 1
    assert "x.ann (altered)" in capsys.readouterr().err


def test_of_unlabelled_corpora_the_texts_alone_are_taken(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.add("other", "brat", {**OTHER, "y.txt": "Rash.", "y.ann": "T1\tSign 0 2;3 4\tRa h\n"})
    workplace.add("bare", "txt", {"x.txt": "Well.\r\n", "a.txt": ""})
    line = json.dumps({"id": "1", "text": "Long text", "target": "short", "group": "g", "split": "test"})
    workplace.add("pairs", "jsonl", {"pairs.jsonl": line})
    workplace.set(unlabelled=["pairs", "other", "bare"], discontinuous="error", overlapping="error")
    assert workplace.run(monkeypatch) == 0
    found = workplace.examples("unlabelled")
    assert [(example.id, example.text) for example in found] == [
        ("bare/a", ""),
        ("bare/x", "Well.\r\n"),
        ("other/a", OTHER["a.txt"]),
        ("other/x", OTHER["x.txt"]),
        ("other/y", "Rash."),
        ("pairs/1", "Long text"),
    ]
    assert {(example.target, example.split) for example in found} == {((), None)}
    assert found[-1].group == "pairs/g"
    assert workplace.figures()["unlabelled"] == {"documents": 6}
    assert not (workplace.prepared / "auxiliaries").exists()


def test_an_unlabelled_file_that_is_no_text_stops(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace.corpora / "bare").mkdir()
    (workplace.corpora / "bare" / "a.txt").write_bytes("caf\xe9".encode("latin1"))
    workplace.add("bare", "txt", {"b.txt": "Well."})
    workplace.set(unlabelled=["bare"])
    assert workplace.run(monkeypatch) == 1
    assert f"{workplace.corpora / 'bare' / 'a.txt'}: not UTF-8: byte 3" in capsys.readouterr().err
