"""What a folder holds: reading, traits and duplicates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spanwise.documents.document import Part, ReadDocument
from spanwise.errors import UserError
from spanwise.inventory.survey import Entry, _traits, find_files, survey
from tests.paperwork import PROSE, column, docx, paragraph, pdf, scan, wrapped


def fill(folder: Path) -> Path:
    """A folder of documents that are read, alike, and not read."""
    (folder / "sub").mkdir(parents=True)
    left, right = column(wrapped(PROSE, 40)), column(wrapped(PROSE.upper(), 34), left=310)
    files = {
        "ana.pdf": pdf(column(wrapped(PROSE, 80))),
        "sub/ana again.pdf": pdf(column(wrapped(PROSE, 80))),
        "ana.txt": f"{PROSE} And one more.".encode(),
        "eva.docx": docx(paragraph("Eva Lund writes on harbours, tides and the people who live by them.")),
        "scan.pdf": scan(),
        "two.pdf": pdf([*left, *right]),
        ".hidden.txt": b"x",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "link.txt").symlink_to(folder / "ana.txt")
    return folder


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    folder = fill(tmp_path_factory.mktemp("cvs") / "in")
    files, left_out = find_files(folder)
    assert left_out == 2
    done: list[int] = []
    found = survey(folder, files, workers=2, advance=done.append)
    assert sum(done) == len(found) == 6
    return {entry.path: entry for entry in found}


def test_files_come_by_name(entries: dict[str, Entry]) -> None:
    assert list(entries) == ["ana.pdf", "ana.txt", "eva.docx", "scan.pdf", "sub/ana again.pdf", "two.pdf"]


def test_records_keep_no_text(entries: dict[str, Entry]) -> None:
    assert {entry.document.text for entry in entries.values()} == {""}
    assert entries["ana.pdf"].words == len(re.findall(r"\w+", PROSE))


def test_copies_have_the_same_bytes_and_near_copies_most_words(entries: dict[str, Entry]) -> None:
    assert [path for path, entry in entries.items() if entry.copies == 1] == ["ana.pdf", "sub/ana again.pdf"]
    near = [path for path, entry in entries.items() if entry.near == 1]
    assert near == ["ana.pdf", "ana.txt", "sub/ana again.pdf", "two.pdf"]
    assert entries["eva.docx"].near is None


def test_what_cannot_be_read_has_no_complexity(entries: dict[str, Entry]) -> None:
    assert entries["scan.pdf"].document.status == "no_text_layer"
    assert entries["scan.pdf"].complexity is None
    assert entries["ana.pdf"].complexity == "simple"
    assert entries["two.pdf"].complexity == "moderate"


def test_all_traits_make_a_document_complex() -> None:
    parts = tuple(
        Part.model_validate({"kind": kind, "text": "x"})
        for kind in ("text_box", "footer", "comment", "deleted", "hidden")
    )
    document = ReadDocument(
        status="ok",
        layout="sidebar",
        columns=3,
        pages=9,
        images=1,
        pages_without_text=(2,),
        disagreement=0.3,
        parts=parts,
    )
    traits = tuple(_traits(document))
    assert traits[0] == "sidebar"
    assert len(traits) == 11
    assert Entry("x", document, 1, traits).complexity == "complex"


def test_a_folder_without_documents_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no document"):
        find_files(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        find_files(tmp_path / "none")
