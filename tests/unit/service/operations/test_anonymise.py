"""Masking: levels, operators, and what the secret is for."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents import read_document
from spanwise.schema import Labels
from spanwise.service.contract import Answer, Item
from spanwise.service.operations import load
from spanwise.service.operations.anonymise import NoKeyError
from spanwise.service.operations.options import AnonymiseOptions
from spanwise.tasks.pii.levels import LEVELS, Level
from spanwise.tasks.pii.masking import Masker
from spanwise.tasks.pii.secret import VARIABLE
from tests.paperwork import docx, paragraph
from tests.unit.service.operations.packages import tagger_package

TEXT = (
    "Ada Byron\nada.byron@example.com\n+44 20 7946 0958\n\nExperience\n"
    "Engineer, Example Ltd, 2019-03 to 2021-06\nAda Byron led a team of four.\n"
)
SECRET = "k" * 40


def masked(text: str, level: Level = "basic", operator: str = "level", folder: Path | None = None) -> Answer:
    options = AnonymiseOptions.model_validate({"level": level, "operator": operator})
    [answer] = load("anonymise", folder, threads=1)([Item(text, options)])
    assert isinstance(answer, Answer), answer
    return answer


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)


@pytest.mark.parametrize("level", ["basic", "thorough"])
def test_a_level_masks_as_the_library_does(level: Level) -> None:
    answer = masked(TEXT, level)
    expected = Masker(level).mask(TEXT)
    assert answer.value["text"] == expected.text
    assert answer.value["counts"] == expected.counts
    assert answer.labels == tuple(each.label for each in expected.replacements)


@pytest.mark.parametrize(("level", "operator"), itertools.product(LEVELS, ("level", "alias", "redact")))
def test_no_direct_identifier_is_left_and_places_are_those_of_the_masked_text(
    level: Level, operator: str
) -> None:
    value = masked(TEXT, level, operator).value
    for surface in ("Ada", "Byron", "ada.byron", "7946"):
        assert surface not in value["text"]
    for place in value["replacements"]:
        stands = value["text"][place["start"] : place["end"]]
        assert stands
        assert operator != "redact" or stands == "[redacted]"
        assert operator != "alias" or stands.startswith(f"[{place['label']}_")


def test_an_entity_has_one_alias_that_the_text_does_not_have_yet() -> None:
    text = masked(TEXT + "See [PERSON_1].\n", "thorough", "alias").value["text"]
    assert text.count("[PERSON_2]") == 2
    assert text.count("[PERSON_1]") == 1


def test_stand_ins_follow_the_text_and_the_secret_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    first = masked(TEXT, "moderate").value["text"]
    assert masked(TEXT, "moderate").value["text"] == first
    monkeypatch.setenv(VARIABLE, "m" * 40)
    assert masked(TEXT, "moderate").value["text"] != first


@pytest.mark.parametrize("known", [None, "short"])
def test_without_a_secret_there_are_no_stand_ins(known: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    if known:
        monkeypatch.setenv(VARIABLE, known)
    options = AnonymiseOptions(level="moderate")
    with pytest.raises(NoKeyError) as raised:
        load("anonymise", None, threads=1)([Item(TEXT, options)])
    assert "short" not in str(raised.value)
    masked(TEXT, "moderate", "redact")


def test_the_author_of_a_file_is_known_by_its_metadata() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Zorblat Quux</dc:creator>'
        "</cp:coreProperties>"
    )
    parts = {"docProps/core.xml": core}
    data = docx(paragraph("zorblat quux") + paragraph("Experience"), parts)
    document = read_document(data, cross_check=False)
    [answer] = load("anonymise", None, threads=1)([Item(document.text, AnonymiseOptions(), document)])
    assert isinstance(answer, Answer)
    assert "zorblat" not in answer.value["text"]


def test_a_tagger_helps_the_rules(labels: Labels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    known = Labels(id2tag=("O", "B-PERSON", "I-PERSON"), tiers={"PERSON": "high"})
    folder = tagger_package(tmp_path / "v1.0.0", known)
    words = "plain words of nobody in particular, and more of them in a second line"
    by_rules, by_both = (masked(words, "basic", folder=each) for each in (None, folder))
    assert by_rules.value["text"] == words
    assert set(by_both.labels) == {"PERSON"}


@given(st.text(max_size=80))
def test_masking_again_changes_nothing(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, SECRET)
        once = masked(text, "thorough", "redact").value["text"]
        assert masked(once, "thorough", "redact").value["text"] == once
