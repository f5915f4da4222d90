from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.resume_quality.page import PAGE, Piece, pieces_of, write_page
from spanwise.resume_quality.survey import survey
from spanwise.schema import Example, Span
from spanwise.tasks.resume.generation.corpus import write_corpus
from spanwise.tasks.resume.generation.families import FAMILIES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "corpus"
    write_corpus(folder, count=7, seed=2)
    return folder


class Links(HTMLParser):
    """The addresses that a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def test_a_corpus_is_surveyed(folder: Path) -> None:
    found = survey(folder)
    assert (found.resumes, len(found.documents)) == (7, 21)
    assert found.faults == found.repeated == 0
    assert next(iter(found.labels)) == "Skill"
    assert "PERSON" in found.personal
    assert found.words > 50


def test_the_page_stands_alone_and_shows_a_page_of_each_family(folder: Path) -> None:
    found = write_page(folder)
    page = (folder / PAGE).read_text("utf-8")
    links = Links()
    links.feed(page)
    assert all(link.startswith(("data:", "#")) for link in links.found)
    families = {str((document.attributes or {})["family"]) for document in found.documents}
    assert page.count("data:image/png;base64,") == len(families)
    assert all(family.name in page for family in FAMILIES)
    assert "institution" in page


def test_the_page_is_the_same_again(folder: Path) -> None:
    write_page(folder)
    before = (folder / PAGE).read_bytes()
    write_page(folder)
    assert (folder / PAGE).read_bytes() == before


def test_a_text_is_cut_at_its_spans() -> None:
    spans = (Span(start=0, end=1, label="A"), Span(start=3, end=4, label="B"))
    example = Example(id="a", text="abcd", target=spans, group="a")
    assert pieces_of(example) == (Piece("a", "A"), Piece("bc", None), Piece("d", "B"))
    assert pieces_of(example.model_copy(update={"target": ()})) == (Piece("abcd", None),)


def test_another_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no corpus of résumés"):
        survey(tmp_path)
