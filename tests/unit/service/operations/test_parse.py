"""Résumés, by rules and by a tagger."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.documents import read_document
from spanwise.service.contract import Answer, Item
from spanwise.service.operations import load
from spanwise.service.operations.options import ParseOptions
from tests.unit.service.operations.packages import RESUME, tagger_package

TEXT = "Ada Byron\nada.byron@example.com\n\nExperience\nEngineer, Example Ltd, 2019-03 to 2021-06\n"


def parsed(item: Item, folder: Path | None = None) -> Answer:
    [answer] = load("parse", folder, threads=1)([item])
    assert isinstance(answer, Answer)
    return answer


def test_rules_give_a_resume_with_the_origin_of_each_field() -> None:
    answer = parsed(Item(TEXT, ParseOptions(with_text=True)))
    assert answer.value["backend"] == "rules"
    assert answer.value["resume"]["basics"]["email"] == "ada.byron@example.com"
    assert answer.value["resume"]["work"][0]["startDate"] == "2019-03"
    assert answer.value["text"] == TEXT
    for origin in answer.value["origins"]:
        assert TEXT[origin["start"] : origin["end"]] == origin["raw"]
    assert "work.startDate" in answer.labels
    assert len(answer.labels) == len(answer.confidences) == len(answer.value["origins"])


def test_origins_are_left_out_where_nobody_wants_them() -> None:
    assert "origins" not in parsed(Item(TEXT, ParseOptions(origins=False))).value


def test_offsets_of_a_file_count_the_text_that_was_read() -> None:
    document = read_document(TEXT.encode(), cross_check=False)
    answer = parsed(Item(document.text, ParseOptions(with_text=True), document))
    assert answer.value["pages"] == 1
    for origin in answer.value["origins"]:
        assert document.text[origin["start"] : origin["end"]] == origin["raw"]


def test_a_tagger_and_the_rules_are_combined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    answer = parsed(Item(TEXT, ParseOptions()), tagger_package(tmp_path / "v1.0.0", RESUME))
    assert answer.value["backend"] == "tagger+rules"
    assert answer.value["resume"]["basics"]["email"] == "ada.byron@example.com"
