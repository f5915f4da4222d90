from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import write_jsonl
from spanwise.readers import read
from spanwise.schema import Change, Example, Span

RECORD: dict[str, Any] = {"id": "a", "text": "fever now", "spans": [{"start": 0, "end": 5, "label": "Sign"}]}


def write(folder: Path, *records: object, name: str = "notes.jsonl") -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def entries(folder: Path, overlapping: str = "longest") -> list[object]:
    return list(read(folder, format="jsonl", discontinuous="envelope", overlapping=overlapping))


def test_examples_are_read_again(tmp_path: Path) -> None:
    spans = (Span(start=0, end=5, label="Sign"),)
    made = [
        Example(id="a", text="fever\u2028", target=spans, group="patient 1", split="test"),
        Example(id="b", text="long text", target="short", group="b"),
    ]
    write_jsonl(tmp_path / "notes.jsonl", made)
    assert entries(tmp_path) == made


@pytest.mark.parametrize("key", ["target", "spans", "entities"])
def test_spans_go_by_three_names(tmp_path: Path, key: str) -> None:
    record = {"id": "a", "text": "fever now", key: RECORD["spans"]}
    (only,) = entries(write(tmp_path, record))
    assert isinstance(only, Example)
    assert only.spans == (Span(start=0, end=5, label="Sign"),)
    assert (only.group, only.split) == ("a", None)


def test_the_split_is_the_records_own_or_else_the_files(tmp_path: Path) -> None:
    write(tmp_path, RECORD, RECORD | {"id": "b", "split": "test"}, name="dev.jsonl")
    assert [entry.split for entry in entries(tmp_path) if isinstance(entry, Example)] == [
        "validation",
        "test",
    ]


def test_documents_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    write(tmp_path, RECORD | {"id": "c"}, "", RECORD | {"id": "a"}, name="x.jsonl")
    write(tmp_path, {"id": "b", "text": "t", "target": "s"}, name="y.jsonl")
    assert [entry.id for entry in entries(tmp_path) if isinstance(entry, Example)] == ["a", "b", "c"]


def test_policies_hold_here_too(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 6, "label": "A"}, {"start": 4, "end": 9, "label": "B"}]
    first, second, example = entries(write(tmp_path, RECORD | {"spans": spans}))
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    assert isinstance(example, Example)
    assert (first.reason, second.reason) == ("whitespace_trimmed", "overlapping")
    assert example.spans == (Span(start=0, end=5, label="A"),)
    (error,) = [entry for entry in entries(tmp_path, overlapping="error") if isinstance(entry, UserError)]
    assert error.location == f"{tmp_path / 'notes.jsonl'}:1"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("{", "not valid JSON"),
        ('{"id": "secret", "text": "\\ud800", "spans": []}', "not valid JSON"),
        ("[]", "not a record with id, text and target, spans or entities"),
        ({"text": "secret", "spans": []}, "id: Field required"),
        (RECORD | {"id": ""}, "id: String should have at least 1 character"),
        (RECORD | {"id": 7}, "id: Input should be a valid string"),
        ({"id": "a", "text": "secret"}, "target: Field required"),
        (RECORD | {"entities": []}, "entities: Extra inputs are not permitted"),
        (RECORD | {"meta": {}}, "meta: Extra inputs are not permitted"),
        (RECORD | {"split": "training"}, "split: Input should be 'train', 'validation' or 'test'"),
        (RECORD | {"spans": [[0, 5, "Sign"]]}, "Input should be a valid dictionary"),
        (RECORD | {"spans": [{"start": 5, "end": 5, "label": "A"}]}, "span 5:5 is empty"),
        (RECORD | {"spans": [{"start": -1, "end": 5, "label": "A"}]}, "greater than or equal to 0"),
        (RECORD | {"spans": [{"start": 0, "end": 5, "label": ""}]}, "at least 1 character"),
        (RECORD | {"spans": [{"start": 0, "end": 10, "label": "A"}]}, "span 0:10 ends behind the text of 9"),
    ],
)
def test_malformed_lines_name_file_and_line(tmp_path: Path, record: object, reason: str) -> None:
    first, *others = entries(write(tmp_path, "", RECORD | {"id": "ok"}, record))
    assert isinstance(first, UserError)
    assert first.location == f"{tmp_path / 'notes.jsonl'}:3"
    assert reason in first.reason
    assert "secret" not in str(first)
    assert [entry.id for entry in others if isinstance(entry, Example)] == ["ok"]


def test_a_repeated_id_names_both_places(tmp_path: Path) -> None:
    write(tmp_path, RECORD, RECORD | {"id": "b"}, name="x.jsonl")
    write(tmp_path, RECORD, name="y.jsonl")
    (error,) = [entry for entry in entries(tmp_path) if isinstance(entry, UserError)]
    assert error.location == f"{tmp_path / 'y.jsonl'}:1"
    assert error.reason == f"id 'a' is already that of {tmp_path / 'x.jsonl'}:1"


def test_bytes_that_are_not_utf8_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xff")
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.path == tmp_path / "a.jsonl"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\ufeff" + json.dumps(RECORD), encoding="utf-8")
    assert len(entries(tmp_path)) == 1


def test_recorded_changes_come_with_the_documents(tmp_path: Path) -> None:
    change = Change(kind="repaired", reason="tag_scheme", document="a")
    (tmp_path / "examples.jsonl").write_text('{"id": "a", "text": "Rash", "spans": []}')
    (tmp_path / "changes.jsonl").write_text(change.model_dump_json() + "\n")
    first, second = entries(tmp_path)
    assert first == change
    assert isinstance(second, Example)
    (tmp_path / "changes.jsonl").write_text('{"id": "a"}')
    error = entries(tmp_path)[0]
    assert isinstance(error, UserError)
    assert (error.path, error.line) == (tmp_path / "changes.jsonl", 1)
