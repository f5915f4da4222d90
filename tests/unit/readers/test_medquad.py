from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.schema import Change, Example

LINE = {
    "id": "1-1",
    "source": "X",
    "url": "",
    "focus": "Gout",
    "qtype": "information",
    "question": "What is Gout ?",
    "answer": "A disease\n        \n\n\n  of   joints. ",
}


def entries(folder: Path) -> list[object]:
    return list(read(folder, format="medquad", discontinuous="envelope", overlapping="longest"))


def write(folder: Path, *lines: object) -> Path:
    texts = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "qa.jsonl.gz").write_bytes(gzip.compress(texts.encode(), mtime=0))
    return folder


def test_a_question_is_read_and_its_white_space_repaired(tmp_path: Path) -> None:
    assert entries(write(tmp_path, LINE)) == [
        Change(kind="repaired", reason="whitespace", document="X-1-1"),
        Example(
            id="X-1-1",
            text="What is Gout ?",
            target="A disease\n\nof joints.",
            group="Gout",
            stratum="qa/en",
            attributes={"language": "en", "category": "qa", "qtype": "information"},
        ),
    ]


def test_the_same_question_and_answer_is_left_out_and_counted(tmp_path: Path) -> None:
    plain = LINE | {"answer": "A disease."}
    found = entries(
        write(tmp_path, plain, plain | {"source": "Y"}, "", plain | {"answer": "Pain.", "id": "2"})
    )
    assert Change(kind="left_out", reason="duplicate", document="Y-1-1") in found
    assert [entry.id for entry in found if isinstance(entry, Example)] == ["X-1-1", "X-2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[", "not valid JSON"),
        (LINE | {"answer": " "}, "message 2, of the assistant, is empty"),
        ({"id": "1"}, "source: Field required"),
    ],
)
def test_bad_lines_are_errors_with_file_and_line(tmp_path: Path, line: object, reason: str) -> None:
    good = LINE | {"id": "9", "answer": "Fine."}
    error, *_ = entries(write(tmp_path, good, line))
    assert isinstance(error, UserError)
    assert reason in error.reason
    assert error.location == f"{tmp_path / 'qa.jsonl.gz'}:2"


def test_a_damaged_archive_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, LINE)
    path = tmp_path / "qa.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-10])
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.reason.startswith("cannot be unpacked")


def test_packed_text_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "qa.jsonl.gz").write_bytes(gzip.compress(b"\xff"))
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.reason == "not UTF-8: byte 0 cannot be decoded"


def test_the_real_sample_is_read_without_an_error(shared_data: Path) -> None:
    found = entries(shared_data / "medquad")
    assert sum(isinstance(entry, Example) for entry in found) == 595
    assert not any(isinstance(entry, UserError) for entry in found)
