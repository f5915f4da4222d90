"""A document that fails takes no other along, and nothing of it is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from spanwise.errors import UserError
from spanwise.service.contract import Answer, DeadlineError, Item, ItemError
from spanwise.service.operations.isolation import isolated
from spanwise.service.operations.options import ParseOptions

FAILURES = {"user": UserError("a reason", hint="x"), "own": DeadlineError(), "bug": KeyError("secret words")}


def failing(items: Sequence[Item]) -> Sequence[Answer | Exception]:
    for item in items:
        if item.text in FAILURES:
            raise FAILURES[item.text]
    return [Answer({"text": item.text}) for item in items]


def test_others_are_answered(caplog: pytest.LogCaptureFixture) -> None:
    texts = ["good", "user", "own", "bug", "fine"]
    answers = isolated(failing)([Item(text, ParseOptions()) for text in texts])
    assert [isinstance(answer, Answer) for answer in answers] == [True, False, False, False, True]
    assert isinstance(answers[1], ItemError)
    assert str(answers[1]) == "a reason"
    assert answers[2] is FAILURES["own"]
    assert answers[3].code == "internal"  # type: ignore[union-attr]
    assert "secret words" not in caplog.text + str(answers[3])
    assert "KeyError" in caplog.text


def test_one_document_is_tried_once() -> None:
    tried = []

    def counted(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        tried.append(len(items))
        return failing(items)

    assert isinstance(isolated(counted)([Item("user", ParseOptions())])[0], ItemError)
    assert tried == [1]
