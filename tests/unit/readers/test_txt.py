from __future__ import annotations

from pathlib import Path

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.document import Document
from spanwise.readers.inventory import take_inventory
from spanwise.readers.txt import read_txt
from spanwise.schema import Example


def documents(folder: Path) -> list[Document]:
    return [entry for entry in read_txt(folder) if isinstance(entry, Document)]


def test_each_file_at_any_depth_is_a_document_without_spans(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, text in {"b.txt": "Rash", "sub/a.TXT": "Fever", "a.v2.txt": "", "c.md": "not read"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / ".hidden.txt").write_text("not read")
    found = documents(tmp_path)
    assert [(document.id, document.text) for document in found] == [
        ("a.v2", ""),
        ("b", "Rash"),
        ("sub/a", "Fever"),
    ]
    assert all(document.annotations == () and document.split is None for document in found)


def test_line_ends_stay_and_a_byte_order_mark_goes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfNo rash.\r\n\rWell.\n")
    assert [document.text for document in documents(tmp_path)] == ["No rash.\r\n\rWell.\n"]


def test_a_folder_named_after_a_side_means_nothing(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "a.txt").write_text("Rash")
    assert [(document.id, document.split) for document in documents(tmp_path)] == [("test/a", None)]


def test_a_file_in_another_encoding_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("caf\xe9".encode("latin1"))
    (tmp_path / "b.txt").write_text("Rash")
    error, document = read_txt(tmp_path)
    assert isinstance(error, UserError)
    assert str(error).startswith(f"{tmp_path / 'a.txt'}: not UTF-8: byte 3")
    assert "iconv" in str(error.hint)
    assert isinstance(document, Document)
    assert document.id == "b"


def test_files_that_differ_in_the_case_of_their_suffix_are_one_id(tmp_path: Path) -> None:
    for name in ("a.txt", "a.TXT"):
        (tmp_path / name).write_text(name)
    assert [document.id for document in documents(tmp_path)] == ["a", "a"]


def test_a_folder_of_patients_can_be_grouped(tmp_path: Path) -> None:
    (tmp_path / "p1").mkdir()
    (tmp_path / "p1" / "a.txt").write_text("Rash")
    stream = read(tmp_path, format="txt", discontinuous="error", overlapping="error", group="^[^/]+")
    examples, inventory = take_inventory(stream, keep_going=False)
    assert examples == [Example(id="p1/a", text="Rash", target=(), group="p1")]
    assert inventory.spans == 0
