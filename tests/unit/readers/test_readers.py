from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from spanwise.config import Corpus
from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.files import SUFFIXES
from spanwise.readers.policies import Discontinuous, Overlapping
from spanwise.schema import Change, Example

POLICIES: dict[str, Any] = {"format": "brat", "discontinuous": "envelope", "overlapping": "longest"}


@pytest.mark.parametrize("setting", list(POLICIES))
def test_unknown_settings_are_told_with_the_valid_ones(tmp_path: Path, setting: str) -> None:
    with pytest.raises(UserError, match=rf"corpus\.{setting} = 'nonsense'.*valid: {POLICIES[setting]}|first"):
        read(tmp_path, **{**POLICIES, setting: "nonsense"})


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        read(tmp_path / "nowhere", **POLICIES)


@pytest.mark.parametrize("format", list(SUFFIXES))
def test_an_empty_folder_holds_nothing(tmp_path: Path, format: str) -> None:
    assert list(read(tmp_path, **{**POLICIES, "format": format})) == []


def test_the_settings_allow_what_the_readers_offer() -> None:
    allowed = {name: set(get_args(field.annotation)) for name, field in Corpus.model_fields.items()}
    assert allowed["discontinuous"] == set(get_args(Discontinuous))
    assert allowed["overlapping"] == set(get_args(Overlapping))


def renamed(folder: Path, names: dict[str, str]) -> list[object]:
    return list(read(folder, **POLICIES, renamed=names))


@pytest.fixture
def note(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("Mild fever")
    (tmp_path / "a.ann").write_text("T1\tSymptom 0 10\tMild fever\nT2\tSeverity 0 4\tMild\n")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ({}, ["Symptom"]),
        ({"Symptom": "Sign"}, ["Sign"]),
        ({"Symptom": "Severity", "Severity": "Symptom"}, ["Severity"]),
        ({"Symptom": "Severity"}, ["Severity"]),
    ],
)
def test_labels_are_renamed_at_once_and_then_flattened(
    note: Path, names: dict[str, str], labels: list[str]
) -> None:
    found = renamed(note, names)
    [example] = [entry for entry in found if isinstance(entry, Example)]
    assert [span.label for span in example.spans] == labels
    assert [entry.reason for entry in found if isinstance(entry, Change)] == ["overlapping"]


def test_a_label_to_rename_that_no_annotation_has_is_told_with_those_there_are(note: Path) -> None:
    error = renamed(note, {"Severity": "Grade", "Drug": "Agent"})[-1]
    assert isinstance(error, UserError)
    assert error.reason == "no annotation is labelled Drug, to be renamed"
    assert error.hint == "Its labels: Severity, Symptom. Mend corpus.auxiliaries."
    (note / "a.ann").write_text("")
    error = renamed(note, {"Drug": "Agent"})[-1]
    assert isinstance(error, UserError)
    assert str(error.hint).startswith("Its labels: none.")


def test_malformed_places_are_told_beside_renamed_labels(note: Path) -> None:
    (note / "b.txt").write_text("Rash")
    found = renamed(note, {"Symptom": "Sign"})
    [error] = [entry for entry in found if isinstance(entry, UserError)]
    assert "has no partner b.ann" in error.reason


def grouped(folder: Path, group: str | None) -> list[object]:
    return list(read(folder, **POLICIES, group=group))


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Two notes of one patient, each in the folder of its patient, and one of another."""
    for name in ("p1/a", "p1/b", "p2/a"):
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("Rash")
        path.with_suffix(".ann").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (None, ["p1/a", "p1/b", "p2/a"]),
        ("^[^/]+", ["p1", "p1", "p2"]),
        (r"^p(\d)", ["1", "1", "2"]),
        ("(a|b)$", ["a", "b", "a"]),
    ],
)
def test_documents_are_grouped_by_their_ids(patients: Path, group: str | None, expected: list[str]) -> None:
    found = [entry for entry in grouped(patients, group) if isinstance(entry, Example)]
    assert [example.group for example in found] == expected


def test_ids_without_a_group_are_told(patients: Path) -> None:
    error = grouped(patients, "p1/a")[-1]
    assert isinstance(error, UserError)
    assert error.reason == "corpus.group = 'p1/a' finds no group in 2 ids: p1/b, p2/a"
    error = grouped(patients, "p(3)?")[-1]
    assert isinstance(error, UserError)
    assert error.reason.endswith("in 3 ids: p1/a, p1/b, p2/a")


def test_a_group_must_be_an_expression(patients: Path) -> None:
    with pytest.raises(UserError, match=r"corpus\.group = '\(': not a regular expression"):
        grouped(patients, "(")


def test_the_groups_that_a_corpus_names_win(tmp_path: Path) -> None:
    lines = [
        '{"id": "p1/a", "text": "Rash", "spans": []}',
        '{"id": "p1/b", "text": "Rash", "target": "L20"}',
        '{"id": "none", "text": "Rash", "spans": [], "group": "mine"}',
        '{"id": "own", "text": "Rash", "target": "L20", "group": "own"}',
    ]
    (tmp_path / "notes.jsonl").write_text("\n".join(lines))
    found = list(read(tmp_path, **{**POLICIES, "format": "jsonl"}, group="^(.*)/"))
    assert {entry.id: entry.group for entry in found if isinstance(entry, Example)} == {
        "p1/a": "p1",
        "p1/b": "p1",
        "none": "mine",
        "own": "own",
    }
    assert len(found) == 4
