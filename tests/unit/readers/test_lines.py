from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.lines import read_lines


def test_the_byte_order_mark_and_line_ends_are_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\ntwo\n\u2028three\r".encode())
    assert read_lines(path) == ["one", "two", "\u2028three"]


def test_a_carriage_return_inside_a_line_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    with pytest.raises(UserError, match="a carriage return inside the line") as caught:
        read_lines(path)
    assert (caught.value.path, caught.value.line) == (path, 2)
    assert read_lines(path, returns=True) == ["one", "two\rthree", ""]


@pytest.mark.parametrize(
    ("format", "files"),
    [
        ("iob", {"train.tsv": "Fever\tB-Sign\rand\tO\rchills\tB-Sign\r"}),
        (
            "jsonl",
            {"a.jsonl": '{"id": "a", "text": "", "spans": []}\r{"id": "b", "text": "", "spans": []}\r'},
        ),
        ("brat", {"a.txt": "Fever", "a.ann": "#1\tnote\rT1\tSign 0 5\tFever\r"}),
        ("brat", {"a.txt": "Fever", "a.ann": "T1\tSign 0 5\tFever\tmore\rT2\tSign 0 5\tFever\r"}),
    ],
)
def test_no_format_takes_many_lines_for_one(tmp_path: Path, format: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode())
    (error,) = read(tmp_path, format=format, discontinuous="error", overlapping="error")
    assert isinstance(error, UserError)
    assert (error.path, error.line) == (tmp_path / [*files][-1], 1)
    assert error.reason == "a carriage return inside the line"
