from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.io import (
    atomic,
    read_json,
    read_jsonl,
    read_record,
    read_text,
    rounded,
    write_csv,
    write_json,
    write_jsonl,
    write_text,
)
from spanwise.schema import Span

AGE = Span(start=0, end=2, label="Age")
SEX = Span(start=3, end=4, label="Sex\u2028\u00e9")


def test_text_keeps_its_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one\r\ntwo\n\u00e9\r")
    assert (tmp_path / "a.txt").read_bytes() == "one\r\ntwo\n\u00e9\r".encode()
    assert read_text(tmp_path / "a.txt") == "one\r\ntwo\n\u00e9\r"


def test_a_missing_file_a_folder_and_another_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file") as missing:
        read_text(tmp_path / "a.txt")
    assert missing.value.path == tmp_path / "a.txt"
    with pytest.raises(UserError, match="is a folder"):
        read_text(tmp_path)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match="byte 3 cannot be decoded") as latin:
        read_text(tmp_path / "latin.txt")
    assert latin.value.hint is not None
    assert "iconv" in latin.value.hint


def test_json_is_sorted_rounded_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": 1 / 3, "a": [None, "\u00e9"]})
    assert path.read_text(encoding="utf-8") == (
        '{\n  "a": [\n    null,\n    "\u00e9"\n  ],\n  "b": 0.333333\n}\n'
    )
    assert read_json(path) == {"a": [None, "\u00e9"], "b": 0.333333}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_holds_no_undefined_number(tmp_path: Path, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"f1": number})
    assert list(tmp_path.iterdir()) == []


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    write_text(tmp_path / "a.json", '{"a": 1,\n"b" 2}')
    with pytest.raises(UserError, match="not valid JSON") as error:
        read_json(tmp_path / "a.json")
    assert error.value.line == 2


def test_rounding_reaches_every_depth_and_leaves_the_rest() -> None:
    value = {"a": [0.12345678, (1, "x", None, True)], "b": {"c": 2.0000001}}
    assert rounded(value) == {"a": [0.123457, [1, "x", None, True]], "b": {"c": 2.0}}


def test_a_record_is_read_from_its_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", AGE.model_dump())
    assert read_record(tmp_path / "a.json", Span) == AGE


def test_a_wrong_record_names_its_fields_but_no_value(tmp_path: Path) -> None:
    write_text(tmp_path / "a.json", '{"start": "Jane Doe", "end": 2}')
    with pytest.raises(UserError, match=r"not a valid Span: start: .*; label: Field required") as error:
        read_record(tmp_path / "a.json", Span)
    assert "Jane" not in str(error.value)
    write_text(tmp_path / "a.json", '{"start": 2, "end": 2, "label": "Age"}')
    with pytest.raises(UserError, match="Span: Value error, span 2:2 is empty"):
        read_record(tmp_path / "a.json", Span)


def test_jsonl_is_read_back_line_separators_inside_strings_and_blank_lines_included(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, [AGE, SEX])
    assert path.read_bytes().count(b"\n") == 2
    assert list(read_jsonl(path, Span)) == [AGE, SEX]
    write_text(path, f"\n{AGE.model_dump_json()}\r\n\n{SEX.model_dump_json()}")
    assert list(read_jsonl(path, Span)) == [AGE, SEX]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_text(path, f"{AGE.model_dump_json()}\n\n{{}}\n")
    with pytest.raises(UserError, match="start: Field required") as error:
        list(read_jsonl(path, Span))
    assert error.value.location == f"{path}:3"


def test_a_failing_source_of_records_leaves_the_old_file(tmp_path: Path) -> None:
    def broken() -> Iterator[Span]:
        yield AGE
        raise RuntimeError("the source dried up")

    path = tmp_path / "a.jsonl"
    write_jsonl(path, [SEX])
    with pytest.raises(RuntimeError, match="dried up"):
        write_jsonl(path, broken())
    assert list(read_jsonl(path, Span)) == [SEX]
    assert list(tmp_path.iterdir()) == [path]


def test_a_csv_has_rounded_numbers_and_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "plots" / "a.csv"
    write_csv(path, ("label", "f1", "low"), [("A,b", 1 / 3, None), ('"C"', 1, 0.5)])
    assert path.read_bytes() == b'label,f1,low\n"A,b",0.333333,\n"""C""",1,0.5\n'


def test_a_csv_row_is_as_long_as_its_header(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 cells in a row, 2 in the header"):
        write_csv(tmp_path / "a.csv", ("label", "f1"), [("A", 1.0), ("B",)])
    assert list(tmp_path.iterdir()) == []


# Codecs refuse lone surrogates; the reader folds "\r" and NUL into something else than it was given.
@given(
    cells=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")), min_size=2)
)
def test_a_csv_is_read_back(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    write_csv(path, [str(i) for i in range(len(cells))], [cells])
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == cells


def test_a_folder_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "plots"
    for name in ("old", "new"):
        with atomic(path) as folder:
            folder.mkdir()
            (folder / name).touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    with pytest.raises(ZeroDivisionError), atomic(path) as folder:
        folder.write_text(str(1 / 0))
    assert [file.name for file in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_written_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").touch()
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "folder"):
        pass
    assert (tmp_path / "folder" / "kept").is_file()


def test_a_path_through_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "new", tmp_path / "file" / "folder" / "new"):
        with pytest.raises(UserError, match=r"file.*: no folder can be made here"):
            write_text(path, "text")
    with pytest.raises(UserError, match="cannot be read: Not a directory"):
        read_text(tmp_path / "file" / "below")
