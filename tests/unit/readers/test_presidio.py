from __future__ import annotations

import json
from pathlib import Path

from spanwise.errors import UserError
from spanwise.readers.document import Annotation, Document
from spanwise.readers.presidio import read_presidio

SENTENCE = {
    "full_text": "Call Ada now",
    "masked": "Call {{name}} now",
    "spans": [{"entity_type": "PERSON", "entity_value": "Ada", "start_position": 5, "end_position": 8}],
    "template_id": 7,
    "metadata": None,
}


def test_a_sentence_is_a_document_with_its_template_as_group(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([SENTENCE, {**SENTENCE, "template_id": None}]))
    first, second = read_presidio(tmp_path)
    assert first == Document(
        "set-0", "Call Ada now", (Annotation(((5, 8),), "PERSON", None),), path, group="template-7"
    )
    assert isinstance(second, Document)
    assert second.group == "set-1"


def test_other_json_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[{}]")
    (tmp_path / "b.json").write_text("{")
    found = list(read_presidio(tmp_path))
    assert [isinstance(each, UserError) and each.path for each in found] == [
        tmp_path / "a.json",
        tmp_path / "b.json",
    ]


def test_a_folder_without_json_holds_nothing(tmp_path: Path) -> None:
    assert list(read_presidio(tmp_path)) == []


def test_the_corpus_is_read_whole(shared_data: Path) -> None:
    found = list(read_presidio(shared_data / "pii_presidio"))
    assert len(found) == 716
    assert all(isinstance(each, Document) for each in found)
