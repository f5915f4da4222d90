"""What names on the command line stand for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spanwise.bulk.inputs import FEW, Inputs, count_lines
from spanwise.bulk.reading import Reading
from spanwise.errors import UserError

READING = Reading("id", "text", 1000)


def inputs(*names: object, format: Any = "auto") -> Inputs:
    return Inputs(tuple(map(str, names)), format, READING)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "notes"
    for name in ("b.txt", "a/2.txt", "a/10.TXT", "a.txt", "c.jsonl", ".hidden/x.txt", ".y.txt", "a/z.ann"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text('{"id": "j", "text": "x"}\n')
    (top / "link").symlink_to(top, target_is_directory=True)
    return top


def test_a_folder_is_its_visible_texts_in_the_order_of_their_paths(folder: Path) -> None:
    found = list(inputs(folder).files())
    expected = sorted(
        path for path in [*folder.glob("*.txt"), *folder.glob("a/*")] if path.suffix.lower() == ".txt"
        and not path.name.startswith(".")
    )  # fmt: skip
    assert [Path(file.path) for file in found] == expected
    assert [file.name for file in found] == ["a/10", "a/2", "a", "b"]
    assert {file.kind for file in found} == {"txt"}


def test_a_folder_can_be_read_for_another_format(folder: Path) -> None:
    [file] = inputs(folder, format="jsonl").files()
    assert (file.path, file.kind) == (str(folder / "c.jsonl"), "jsonl")
    [document] = inputs(folder, format="jsonl").items()
    assert document.id == "j"


def test_files_are_told_by_their_suffix_and_all_others_are_text(tmp_path: Path) -> None:
    for name in ("a.NDJSON", "b.pq", "c.md", "d"):
        (tmp_path / name).touch()
    kinds = [file.kind for file in inputs(*sorted(tmp_path.iterdir())).files()]
    assert kinds == ["jsonl", "parquet", "txt", "txt"]


def test_a_pattern_is_its_files_sorted(folder: Path) -> None:
    found = [file.path for file in inputs(folder / "**" / "*.txt").files() if "link" not in file.path]
    assert found == [str(folder / "a.txt"), str(folder / "a/2.txt"), str(folder / "b.txt")]


def test_a_name_with_brackets_that_exists_is_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "[a].txt"
    path.touch()
    assert [file.path for file in inputs(path).files()] == [str(path)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.txt", "no such file"),
        ("*.nothing", "no file matches"),
        ("empty", "no .txt file is in this folder"),
    ],
)
def test_a_name_that_stands_for_nothing_is_an_error(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=reason):
        inputs(tmp_path / name).survey(count=False)


def test_parquet_cannot_come_from_standard_input() -> None:
    with pytest.raises(UserError, match="cannot be read from standard input"):
        inputs("-", format="parquet").survey(count=False)


def test_documents_are_counted_without_reading_them(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["x", "y"]}), table)
    lines = tmp_path / "l.jsonl"
    lines.write_bytes(b"a\nb\nc")
    assert inputs(folder, table, lines).survey(count=True).documents == 4 + 2 + 3
    assert inputs(folder, table, lines).survey(count=False).documents is None


def test_a_parquet_file_without_a_column_is_told_with_those_it_has(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a"], "note": ["x"]}), path)
    with pytest.raises(UserError, match="no column 'text'; it has: id, note"):
        inputs(path).survey(count=False)


def test_the_digest_changes_with_files_and_only_with_them(folder: Path) -> None:
    before = inputs(folder).survey(count=False).digest
    assert before == inputs(folder).survey(count=True).digest
    os.utime(folder / "b.txt", (1, 1))
    touched = inputs(folder).survey(count=False).digest
    (folder / "d.txt").touch()
    assert len({before, touched, inputs(folder).survey(count=False).digest}) == 3


def test_a_stream_can_neither_be_counted_nor_read_again(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name in ("-", tmp_path / "pipe.jsonl"):
        assert inputs(folder, name).survey(count=True) == (None, None)


def test_few_are_texts_that_were_named(folder: Path) -> None:
    assert inputs("-", folder / "a.txt").few
    assert inputs(*[folder / "a.txt"] * FEW).few
    assert not inputs(*[folder / "a.txt"] * (FEW + 1)).few
    assert not inputs(folder).few
    assert not inputs(folder / "*.txt").few
    assert not inputs(folder / "c.jsonl").few
    assert not inputs("-", format="jsonl").few


def test_lines_are_counted(tmp_path: Path) -> None:
    for content, lines in ((b"", 0), (b"a", 1), (b"a\n", 1), (b"a\n\nb", 3)):
        (tmp_path / "f").write_bytes(content)
        assert count_lines(tmp_path / "f") == lines
