"""Documents from files: exact texts, and a failure in place of each bad one."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.bulk.documents import Document, Failure
from spanwise.bulk.reading import InputFile, Kind, Reading, bounded_lines, name_fault, open_parquet
from spanwise.errors import UserError

READING = Reading("id", "text", max_characters=20)


def read(path: Path, kind: Kind, reading: Reading = READING) -> list[Document | Failure]:
    return list(reading(InputFile(str(path), kind, path.stem)))


def test_a_text_keeps_its_line_ends_and_its_path_is_its_id(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffé\r\n\x00😀".encode())
    assert read(path, "txt") == [Document(str(path), "\ufeffé\r\n\x00😀", str(path), "a")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"ok \xff", "not UTF-8: byte 3 cannot be decoded"),
        (b"x" * 21, "longer than 20 characters (--max-characters)"),
        (b"x" * 81, "longer than 20 characters (--max-characters)"),
    ],
)
def test_a_bad_text_is_a_failure(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert read(path, "txt") == [Failure(str(path), str(path), reason)]


def test_a_text_of_just_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("😀" * 20, encoding="utf-8")
    [found] = read(path, "txt")
    assert isinstance(found, Document)
    assert len(found.text) == 20


def test_a_file_that_has_gone_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    assert read(path, "txt") == [Failure(None, str(path), "cannot be read: No such file or directory")]


def test_a_name_that_is_not_utf_8_is_a_failure_that_can_be_written(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))
    path.write_text("fever")
    [found] = read(path, "txt")
    assert isinstance(found, Failure)
    assert found.reason == "its name is not UTF-8"
    assert found.place.encode()


def test_each_line_of_json_is_a_document_or_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    lines = [
        '\ufeff{"id": "a", "text": "secret\u2028", "more": 1}',
        "",
        '{"id": 7, "text": ""}\r',
        '{"id": "secret"',
        '["secret"]',
        '{"text": "secret"}',
        '{"id": "b"}',
        '{"id": "", "text": "secret"}',
        '{"id": true, "text": "secret"}',
        '{"id": "c", "text": 5}',
        '{"id": "d", "text": "secret secret secret secret"}',
        '{"id": "e", "text": "\\ud800"}',
        '{"id": "../f", "text": "x"}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    found = read(path, "jsonl")
    assert found[:2] == [
        Document("a", "secret\u2028", f"{path}:1", "a"),
        Document("7", "", f"{path}:3", "7"),
    ]
    assert found[-1] == Document("../f", "x", f"{path}:13", "..%2Ff")
    failures = [entry for entry in found if isinstance(entry, Failure)]
    assert [(failure.id, failure.place.rpartition(":")[2], failure.reason) for failure in failures[1:8]] == [
        (None, "5", "not a JSON object"),
        (None, "6", "no field 'id'"),
        (None, "7", "no field 'text'"),
        (None, "8", "'id' is empty"),
        (None, "9", "'id' is neither a string nor an integer"),
        ("c", "10", "'text' is not a string"),
        ("d", "11", "longer than 20 characters (--max-characters)"),
    ]
    assert [failures[index].reason.partition(":")[0] for index in (0, 8)] == ["not valid JSON"] * 2
    assert not any("secret" in failure.reason for failure in failures)


def test_other_fields_are_named(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"note_id": "a", "body": "fever"}\n')
    assert read(path, "jsonl", Reading("note_id", "body", 20)) == [Document("a", "fever", f"{path}:1", "a")]


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b""))),
    limit=st.integers(min_value=2, max_value=8),
    ended=st.booleans(),
)
def test_lines_are_whole_or_none(lines: list[bytes], limit: int, ended: bool) -> None:
    content = b"\n".join(lines) + b"\n" * ended
    whole = content.split(b"\n")[: -1 if content.endswith(b"\n") or not content else None]
    found = list(bounded_lines(io.BytesIO(content), limit))
    assert len(found) == len(whole)
    for given_line, line in zip(whole, found, strict=True):
        if line is None:
            assert len(given_line) >= limit - 1
        else:
            assert line.removesuffix(b"\n") == given_line


def test_a_line_that_is_too_long_is_never_held(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    with path.open("w") as file:
        file.write('{"id": "a", "text": "' + "x" * 60_000_000 + '"}\n{"id": "b", "text": "y"}\n')
    tracemalloc.start()
    first, second = read(path, "jsonl")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first == Failure(None, f"{path}:1", "longer than 20 characters (--max-characters)")
    assert second == Document("b", "y", f"{path}:2", "b")
    assert peak < 10_000_000


def test_parquet_rows_are_documents(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    table = pa.table({"id": ["a", None, "c"], "text": ["fever", "x", None], "other": [1, 2, 3]})
    pq.write_table(table, path, row_group_size=2)
    assert read(path, "parquet") == [
        Document("a", "fever", f"{path}:1", "a"),
        Failure(None, f"{path}:2", "'id' is neither a string nor an integer"),
        Failure("c", f"{path}:3", "'text' is not a string"),
    ]


def test_parquet_ids_may_be_numbers_and_texts_of_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    texts = pa.array(["x", "y"] * 100).dictionary_encode()
    pq.write_table(pa.table({"id": range(200), "text": texts}), path)
    found = read(path, "parquet")
    assert [entry.id for entry in found] == [str(number) for number in range(200)]


def test_what_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_text(json.dumps({"id": "secret"}))
    with pytest.raises(UserError, match="not a Parquet file"):
        open_parquet(str(path))


def test_names_that_no_file_can_have() -> None:
    assert name_fault("a" * 200) is None
    assert name_fault("folder/" * 50 + "a") is None
    assert name_fault(".") is None
    assert name_fault("a" * 201) == "its id is too long for the name of a file"
