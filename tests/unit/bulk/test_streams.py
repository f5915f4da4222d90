"""Standard output."""

from __future__ import annotations

import json

import pytest

from spanwise.bulk.documents import Document
from spanwise.bulk.formats import Format, render
from spanwise.bulk.streams import stream_writer
from spanwise.writers import Entities, Entity

TEXT = "took [bold]aspirin\u2028"
FOUND = Entities(
    id="d", entities=(Entity(start=5, end=18, label="Drug", text="[bold]aspirin", confidence=0.25),)
)


def shown(format: Format, capsysbinary: pytest.CaptureFixture[bytes]) -> str:
    lines = render(format, Document("d", TEXT, "f:1", "d"), FOUND).lines
    stream_writer(format)(lines + lines)
    return capsysbinary.readouterr().out.decode()


def test_a_table_keeps_brackets(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    output = shown("table", capsysbinary)
    assert output.count("[bold]aspirin") == 2
    assert "0.25" in output


def test_brat_is_its_annotations(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    line = "T1\tDrug 5 18\t[bold]aspirin\n#1\tAnnotatorNotes T1\tconfidence 0.2500\n"
    assert shown("brat", capsysbinary) == 2 * line


def test_lines_are_written_as_they_are(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    first, second = shown("jsonl", capsysbinary).splitlines()
    assert first == second
    assert json.loads(first)["id"] == "d"
