"""The page and the JSON of an inventory."""

from __future__ import annotations

import re
from pathlib import Path

from spanwise.documents.document import ReadDocument
from spanwise.inventory.page import STATUSES, summarise, write_inventory
from spanwise.inventory.survey import Entry
from spanwise.io import read_json

GOOD = ReadDocument(
    status="ok", format="pdf", digest="a", size=2048, pages=2, layout="columns", columns=2, language="de"
)
TEXT = ReadDocument(status="ok", format="txt", digest="b", size=10, pages=1, language="en", encoding="utf-8")
BAD = ReadDocument(status="unsupported", reason="is a PNG image", digest="c", size=5)
ENTRIES = [
    Entry("a <b>.pdf", GOOD, 300, ("columns",), copies=1, near=1),
    Entry("b.pdf", GOOD, 300, ("columns",), copies=1, near=1),
    Entry("c.txt", TEXT, 12, (), near=1),
    Entry("d.pdf", BAD, 0, ()),
]


def test_counts_are_over_all_files_or_those_read() -> None:
    summary = summarise(ENTRIES, 3)
    assert (summary.documents, summary.read, summary.pages, summary.words) == (4, 3, 5, 612)
    assert (summary.copies, summary.near, summary.left_out) == (1, 2, 3)
    assert summary.by["status"] == {"ok": 3, "unsupported": 1}
    assert summary.by["format"] == {"pdf": 2, "other": 1, "txt": 1}
    assert summary.by["complexity"] == {"simple": 1, "moderate": 2}
    assert summary.by["encoding"] == {"utf-8": 1}


def test_the_page_names_every_file_and_loads_nothing(tmp_path: Path) -> None:
    write_inventory(tmp_path, ENTRIES, 0)
    page = (tmp_path / "inventory.html").read_text()
    assert "a &lt;b&gt;.pdf" in page
    assert "<b>.pdf" not in page
    assert "is a PNG image" in page
    assert not re.search(r"(?:src|href)=[\"'](?!#|data:)", page)
    assert page.count("<tr data-status=") == 4


def test_the_json_holds_neither_text_nor_metadata(tmp_path: Path) -> None:
    write_inventory(tmp_path, ENTRIES, 0)
    record = read_json(tmp_path / "inventory.json")
    assert record["summary"]["documents"] == 4
    assert record["documents"][0]["path"] == "a <b>.pdf"
    assert not {"text", "lines", "metadata", "links", "name"} & set(record["documents"][0])


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_inventory(tmp_path / name, ENTRIES, 0)
    for file in ("inventory.html", "inventory.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_every_status_is_explained() -> None:
    from typing import get_args

    from spanwise.documents.document import Status
    from spanwise.documents.reading import HINTS

    assert set(STATUSES) == set(get_args(Status))
    assert set(HINTS) == set(get_args(Status)) - {"ok"}
