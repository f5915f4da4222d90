"""The three files: what they hold, and what they must not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.label_noise.documents import Run, judge
from spanwise.label_noise.mentions import Elsewhere
from spanwise.label_noise.page import elsewhere, mention, write_pages
from spanwise.label_noise.ranking import Candidate
from tests.unit.label_noise.conftest import Noted

TEXT = "She had <b>fever</b> & a severe dry cough, took aspirin, and went home. " + "Nothing else. " * 40
FILES = ("label_noise.html", "label_noise.jsonl", "label_noise.md")


@pytest.fixture
def runs(noted: Noted) -> list[Run]:
    gold = [
        ("fever", "Disease", 0.02),
        ("dry cough", "Sign", 0.3),
        ("home", "Place", 0.0),
        ("dog", "X", None),
    ]
    found = [("fever", "Sign", 0.9), ("severe dry cough", "Sign", 0.6), ("aspirin", "Drug", 0.8)]
    prediction = noted(TEXT + "Where was her dog?", gold, found, id="cn-1")
    return [Run("fold|0", judge("fold|0", [prediction], None), None)]


class Tags(HTMLParser):
    """The elements of a page that are open, which must be closed in turn."""

    VOID = frozenset({"meta", "link", "br", "input", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(runs: list[Run], tmp_path: Path) -> None:
    write_pages(tmp_path, runs, limit=10)
    page = (tmp_path / "label_noise.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert not re.search(r"(src|href)=\"(?!#|data:)|url\(|@import", page)
    for target in re.findall(r'href="#([\w-]+)"', page):
        assert target in tags.ids
    assert "&lt;b&gt;" in page
    assert "<b>fever" not in page


def test_both_readings_are_marked_in_the_text(runs: list[Run], tmp_path: Path) -> None:
    write_pages(tmp_path, runs, limit=10)
    page = (tmp_path / "label_noise.html").read_text(encoding="utf-8")
    both = '<mark class="reading annotated suggested">fever</mark>'
    tags = (
        '<span class="tag annotated">annotated: Disease</span><span class="tag suggested">model: Sign</span>'
    )
    assert both + tags in page
    assert '<mark class="reading suggested">severe </mark>' in page
    assert "a disagreement of one model, not a verdict" in page


def test_the_page_shows_as_many_as_asked_for_and_the_lines_all(runs: list[Run], tmp_path: Path) -> None:
    summary = write_pages(tmp_path, runs, limit=1)
    page = (tmp_path / "label_noise.html").read_text(encoding="utf-8")
    assert page.count("<tr data-kind=") == 1
    assert "The first 1 of 4; all are in" in page
    candidates = list(read_jsonl(tmp_path / "label_noise.jsonl", Candidate))
    assert summary.candidates == len(candidates) == 4
    assert [each.rank for each in candidates] == [1, 2, 3, 4]
    for each in candidates:
        for side in filter(None, (each.annotated, each.suggested)):
            assert TEXT[side.start : side.end] == side.text


def test_the_summary_holds_mentions_and_no_more_text(runs: list[Run], tmp_path: Path) -> None:
    write_pages(tmp_path, runs, limit=10)
    text = (tmp_path / "label_noise.md").read_text(encoding="utf-8")
    assert "`fever`" in text
    assert "Disease 11-16 → Sign 11-16" in text
    assert "1 annotations that the model cannot express" in text
    assert "`fold\\|0` (1 document, raw)" in text
    assert "Nothing else" not in text
    assert "had" not in text


def test_every_row_of_a_markdown_table_is_as_wide_as_its_head(runs: list[Run], tmp_path: Path) -> None:
    write_pages(tmp_path, runs, limit=10)
    text = (tmp_path / "label_noise.md").read_text(encoding="utf-8").replace("\\|", "")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_same_predictions_give_the_same_bytes(runs: list[Run], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_pages(tmp_path / folder, runs, limit=10)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_no_disagreement_is_no_error(noted: Noted, tmp_path: Path) -> None:
    same = noted("fever", [("fever", "Sign", 0.9)], [("fever", "Sign", 0.9)])
    summary = write_pages(tmp_path, [Run("a", judge("a", [same], None), None)], limit=10)
    assert summary.candidates == 0
    assert (tmp_path / "label_noise.jsonl").read_text(encoding="utf-8") == ""


def test_nothing_is_written_where_runs_share_a_document(runs: list[Run], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="more than one prediction: cn-1"):
        write_pages(tmp_path / "out", [*runs, *runs], limit=10)
    assert not (tmp_path / "out").exists()


def test_long_types_break_at_their_underscores_and_are_escaped(noted: Noted, tmp_path: Path) -> None:
    said = noted("fever", [("fever", "<i>_b", 0.1)], [("fever", "Sign_symptom", 0.9)])
    write_pages(tmp_path, [Run("one", judge("one", [said], None), None)], limit=9)
    html = (tmp_path / "label_noise.html").read_text(encoding="utf-8")
    assert "Sign_<wbr>symptom<span" in html
    assert "&lt;i&gt;_<wbr>b<span" in html
    assert "<i>" not in html


def test_a_long_mention_ends_in_an_ellipsis() -> None:
    assert mention("a  dry\ncough") == "a dry cough"
    assert mention("x" * 61) == "x" * 59 + "…"


def test_what_stands_elsewhere_is_told_in_words() -> None:
    assert (
        elsewhere(Elsewhere(labels={"Sign": 5, "Drug": 1}, unannotated=3))
        == "Sign 5, Drug 1, not annotated 3"
    )
    assert elsewhere(Elsewhere(labels={}, unannotated=0)) == "nowhere"
