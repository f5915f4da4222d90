from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.readers.document import Document
from spanwise.readers.xml import read_xml


def write(folder: Path, body: str, name: str = "1.xml") -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<cv>{body}</cv>\n', encoding="utf-8")


def told(folder: Path) -> list[tuple[str, str]]:
    [document] = read_xml(folder)
    assert isinstance(document, Document)
    return [
        (annotation.label, document.text[start:end])
        for annotation in document.annotations
        for start, end in annotation.fragments
    ]


def test_the_text_is_what_is_left_without_tags(tmp_path: Path) -> None:
    write(
        tmp_path,
        '\n<label type="Name">Ada &amp; Co</label>\n<label type="Email Address">a@b.example</label>, é',
    )
    [document] = read_xml(tmp_path)
    assert isinstance(document, Document)
    assert document.text == "\nAda & Co\na@b.example, é"
    assert told(tmp_path) == [("Name", "Ada & Co"), ("Email_Address", "a@b.example")]
    assert [annotation.line for annotation in document.annotations] == [3, 4]


def test_labels_may_nest_and_comments_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, 'I am <label type="A">a <!-- no --><label type="B">b</label> c</label>.')
    assert told(tmp_path) == [("A", "a b c"), ("B", "b")]


def test_other_tags_are_passed_over_but_not_their_text(tmp_path: Path) -> None:
    write(tmp_path, '<p>x <label type="A">a</label></p> y')
    [document] = read_xml(tmp_path)
    assert isinstance(document, Document)
    assert document.text == "x a y"


def test_documents_come_in_the_order_of_their_ids_with_published_sides(tmp_path: Path) -> None:
    for name in ("train/2.xml", "b.xml", "train/10.xml"):
        write(tmp_path, "x", name)
    found = [entry for entry in read_xml(tmp_path) if isinstance(entry, Document)]
    assert [(each.id, each.split) for each in found] == [
        ("b", None),
        ("train/10", "train"),
        ("train/2", "train"),
    ]


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        ("\n\n<label type='A'>x", "not well-formed", 4),
        ("\n<label>x</label>", "a label without a type", 3),
        ("<label type=' '>x</label>", "a label without a type", 2),
        ("<label type='A'></label>", "a label around no text", 2),
    ],
)
def test_a_malformed_file_is_named_and_reading_goes_on(
    tmp_path: Path, body: str, reason: str, line: int
) -> None:
    write(tmp_path, body)
    write(tmp_path, "fine", "2.xml")
    error, document = read_xml(tmp_path)
    assert isinstance(error, UserError)
    assert isinstance(document, Document)
    assert reason in error.reason
    assert error.line == line
    assert error.path == tmp_path / "1.xml"


def test_entities_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text('<!DOCTYPE cv [<!ENTITY a "x">]><cv>&a;</cv>')
    [error] = read_xml(tmp_path)
    assert isinstance(error, UserError)
    assert "document type" in error.reason


def test_the_published_resumes_are_read_whole(shared_data: Path) -> None:
    found = list(read_xml(shared_data / "resumes_dotin"))
    documents = [entry for entry in found if isinstance(entry, Document)]
    assert len(found) == len(documents) == 311
    labels = [annotation.label for document in documents for annotation in document.annotations]
    assert len(labels) == 16021
    assert len(set(labels)) == 12
