from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.frenchmedmcqa import SYSTEM
from spanwise.schema import Change, Example

QUESTION: dict[str, Any] = {
    "id": "q1",
    "question": "Lesquels sont des fruits ? ",
    "answers": {"b": "La poire", "a": "La pomme", "c": "Le chou"},
    "correct_answers": ["b", "a"],
    "subject_name": "cuisine",
    "type": "multiple",
    "nbr_correct_answers": 2,
}


def entries(folder: Path) -> list[object]:
    return list(read(folder, format="frenchmedmcqa", discontinuous="envelope", overlapping="longest"))


def write(folder: Path, *questions: object, name: str = "dev.json") -> Path:
    (folder / name).write_text(json.dumps(questions), encoding="utf-8")
    return folder


def test_a_question_with_several_right_choices_is_read(tmp_path: Path) -> None:
    assert entries(write(tmp_path, QUESTION)) == [
        Example(
            id="q1",
            text="Lesquels sont des fruits ?\n\na. La pomme\nb. La poire\nc. Le chou",
            target="a. La pomme\nb. La poire",
            group="q1",
            split="validation",
            stratum="mcq/fr",
            attributes={"language": "fr", "category": "mcq", "correct": ["a", "b"], "system": SYSTEM},
        )
    ]


def test_packed_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "train.json.gz").write_bytes(gzip.compress(json.dumps([QUESTION]).encode()))
    (found,) = entries(tmp_path)
    assert isinstance(found, Example)
    assert found.split == "train"


def test_the_same_question_with_the_same_choices_is_left_out_and_counted(tmp_path: Path) -> None:
    change, found = entries(write(tmp_path, QUESTION, QUESTION | {"id": "q2"}))
    assert change == Change(kind="left_out", reason="duplicate", document="q2")
    assert isinstance(found, Example)


def test_two_questions_of_one_id_are_an_error(tmp_path: Path) -> None:
    error, found = entries(write(tmp_path, QUESTION, QUESTION | {"question": "Quels légumes ?"}))
    assert isinstance(error, UserError)
    assert error.reason == "question 2 has the id 'q1' of another"
    assert isinstance(found, Example)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (QUESTION | {"correct_answers": ["d"]}, "no choice for the right answers d"),
        (QUESTION | {"correct_answers": []}, "correct_answers: Tuple should have at least 1 item"),
        (QUESTION | {"question": " "}, "the question or one of its choices is empty"),
        (QUESTION | {"answers": {"a": "", "b": "x"}}, "the question or one of its choices is empty"),
        (QUESTION | {"question": "aprÃ¨s"}, "was decoded wrongly"),
        ([], "not a record with id, question, answers, correct_answers"),
    ],
)
def test_a_bad_question_is_an_error_with_file_and_number(
    tmp_path: Path, question: object, reason: str
) -> None:
    (error,) = entries(write(tmp_path, question))
    assert isinstance(error, UserError)
    assert error.reason.startswith("question 1: ")
    assert reason in error.reason
    assert error.path == tmp_path / "dev.json"


@pytest.mark.parametrize(("text", "reason"), [("{}", "not a JSON list"), ("[", "not valid JSON")])
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x.json").write_text(text)
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.reason.startswith(reason)


def test_the_real_questions_are_read_without_an_error(shared_data: Path) -> None:
    found = entries(shared_data / "frenchmedmcqa")
    assert sum(isinstance(entry, Example) for entry in found) == 2480
    assert sum(isinstance(entry, Change) for entry in found) == 3
    assert len(found) == 2483
