from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.tasks.pii.files import entry_of, mask_file, read_masked, restore_file
from spanwise.tasks.pii.masking import Masker
from spanwise.tasks.pii.rewriting.docx import open_docx
from spanwise.tasks.pii.rewriting.docx_new import write_plain_docx
from spanwise.tasks.pii.rewriting.pdf import write_plain_pdf


@pytest.fixture
def paths(tmp_path: Path, resume: str) -> dict[str, Path]:
    """The résumé in each format, under a name that is one."""
    made = {"txt": resume.encode(), "docx": write_plain_docx(resume), "pdf": write_plain_pdf(resume).data}
    for suffix, data in made.items():
        (tmp_path / f"CV_Marta_Quellnor.{suffix}").write_bytes(data)
    return {suffix: tmp_path / f"CV_Marta_Quellnor.{suffix}" for suffix in made}


@pytest.mark.parametrize("before", ["txt", "docx", "pdf"])
@pytest.mark.parametrize("after", ["txt", "docx", "pdf", "json", None])
def test_every_format_becomes_every_format(paths: dict[str, Path], before: str, after: str | None) -> None:
    made = mask_file(paths[before], Masker("basic"), after)  # type: ignore[arg-type]
    assert made.suffix == f".{after or before}"
    assert "Quellnor" not in made.masked.text
    assert b"Quellnor" not in made.data


def test_a_text_keeps_its_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada Byrne\n\n\nPython\n")
    assert mask_file(tmp_path / "a.txt", Masker("basic")).data == b"[PERSON_1]\n\n\nPython\n"


def test_the_name_of_the_file_tells_a_name(tmp_path: Path) -> None:
    (tmp_path / "cv-ada-byrne-2024.txt").write_text("hello from ada byrne\nPython\n")
    assert "byrne" not in mask_file(tmp_path / "cv-ada-byrne-2024.txt", Masker("basic")).masked.text


def test_json_tells_where_and_not_what(paths: dict[str, Path]) -> None:
    record = json.loads(mask_file(paths["txt"], Masker("basic"), "json").data)
    first = record["replacements"][0]
    assert record["text"][first["start"] : first["end"]] == "[PERSON_1]"
    assert first["label"] == "PERSON"
    assert "Quellnor" not in json.dumps(record)


@pytest.mark.parametrize("format", ["txt", "docx", "json"])
def test_what_was_masked_comes_back(paths: dict[str, Path], tmp_path: Path, resume: str, format: str) -> None:
    made = mask_file(paths["docx" if format == "docx" else "txt"], Masker("basic"), format)  # type: ignore[arg-type]
    masked = tmp_path / f"document-0001{made.suffix}"
    masked.write_bytes(made.data)
    data, suffix = restore_file(masked, entry_of(made, "cv"))
    back = open_docx(data).text if suffix == ".docx" else data.decode()
    assert back == resume


def test_a_pdf_is_not_restored(paths: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="cannot be restored"):
        read_masked(paths["pdf"])


def test_other_json_is_not_restored(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(UserError, match="cannot be restored"):
        read_masked(tmp_path / "a.json")


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 broken")
    with pytest.raises(UserError):
        mask_file(tmp_path / "a.pdf", Masker("basic"))
