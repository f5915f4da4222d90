"""Formats: lines as documents are done, and what they become."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from spanwise import readers
from spanwise.bulk import formats
from spanwise.bulk.documents import Document
from spanwise.bulk.formats import Format, finish, render
from spanwise.schema import Example
from spanwise.writers import Entities, Entity

TEXT = "Took vitamin\nC (10 mg) \u2028 daily."
DOCUMENT = Document("d", TEXT, "f:1", "folder/d")
FOUND = Entities(id="d", entities=(Entity(start=5, end=14, label="Drug", text="vitamin\nC", confidence=0.5),))
WITH_TEXT = FOUND.model_copy(update={"text": TEXT})
ROW = {"start": 5, "end": 14, "label": "Drug", "text": "vitamin\nC", "confidence": 0.5}


def written(format: Format, found: Entities, tmp_path: Path, times: int = 1) -> Path:
    rendered = render(format, DOCUMENT, found)
    assert (rendered.entities, rendered.characters) == (1, len(TEXT))
    part, output = tmp_path / "out.part", tmp_path / "out"
    part.write_text(rendered.lines * times, encoding="utf-8", newline="")
    finish(format, part, output)
    assert not part.exists()
    return output


def test_json_lines_stay_what_they_are(tmp_path: Path) -> None:
    output = written("jsonl", WITH_TEXT, tmp_path)
    assert json.loads(output.read_bytes()) == {"id": "d", "text": TEXT, "entities": [ROW]}


def test_conll_has_a_comment_the_words_and_an_empty_line(tmp_path: Path) -> None:
    words = [
        "Took\tO",
        "vitamin\tB-Drug",
        "C\tI-Drug",
        *(f"{word}\tO" for word in ["(", "10", "mg", ")", "daily", "."]),
    ]
    assert written("conll", FOUND, tmp_path).read_text() == "\n".join(["# id = d", *words, "", ""])


def test_brat_is_a_folder_that_can_be_read_as_a_corpus(tmp_path: Path) -> None:
    output = written("brat", FOUND, tmp_path)
    assert (output / "folder/d.txt").read_bytes() == TEXT.encode()
    [example] = readers.read(output, format="brat", discontinuous="error", overlapping="error")
    assert isinstance(example, Example)
    assert [(span.start, span.end, span.label) for span in example.spans] == [(5, 14, "Drug")]


@pytest.mark.parametrize("found", [FOUND, WITH_TEXT])
def test_parquet_has_a_row_a_document(found: Entities, tmp_path: Path) -> None:
    table = pq.read_table(written("parquet", found, tmp_path))
    assert table.to_pylist() == [{"id": "d", "text": found.text, "entities": [ROW]}]


def test_parquet_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "ROWS", 2)
    with pq.ParquetFile(written("parquet", FOUND, tmp_path, times=5)) as file:
        assert [file.metadata.row_group(group).num_rows for group in range(3)] == [2, 2, 1]


def test_a_row_group_is_bounded_in_bytes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "GROUP_BYTES", 1)
    with pq.ParquetFile(written("parquet", FOUND, tmp_path, times=3)) as file:
        assert file.num_row_groups == 3


def test_parquet_of_no_documents_has_its_columns(tmp_path: Path) -> None:
    table = pq.read_table(written("parquet", FOUND, tmp_path, times=0))
    assert (table.num_rows, table.column_names) == (0, ["id", "text", "entities"])


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    first = written("parquet", FOUND, tmp_path, times=3).read_bytes()
    assert written("parquet", FOUND, tmp_path, times=3).read_bytes() == first
