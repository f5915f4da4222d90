"""Answers of a tuned language model."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.generator.model import Generator
from spanwise.generator.stored import save
from spanwise.service.contract import Answer, Item, Operation
from spanwise.service.operations import load
from spanwise.service.operations.options import GenerateOptions
from tests import talkers


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Operation:
    folder = tmp_path_factory.mktemp("generate")
    talkers.tokenizer().save_pretrained(folder / "words")
    recipe = talkers.recipe(adapter={"rank": 0})
    save(Generator.pretrained(recipe, **talkers.settings(folder / "words", "qwen3")), folder / "learner")
    return load("generate", folder / "learner", threads=1)


def values(operation: Operation, *items: Item) -> list[dict[str, object]]:
    answers = operation(items)
    assert all(isinstance(answer, Answer) for answer in answers), answers
    return [answer.value for answer in answers if isinstance(answer, Answer)]


def test_each_question_is_answered_by_its_own_options(operation: Operation) -> None:
    short, long = GenerateOptions(max_new_tokens=3), GenerateOptions(max_new_tokens=6, system="Answer.")
    alone = [values(operation, Item("Why is it so?", each))[0] for each in (short, long)]
    together = values(operation, *(Item("Why is it so?", each) for each in (short, long, short)))
    assert [each["text"] for each in together] == [alone[0]["text"], alone[1]["text"], alone[0]["text"]]
    assert together[0]["tokens"] == 3 or together[0]["finished"]


def test_what_is_drawn_follows_the_seed(operation: Operation) -> None:
    drawn = GenerateOptions(max_new_tokens=8, temperature=1.5, seed=3)
    assert values(operation, Item("Why?", drawn)) == values(operation, Item("Why?", drawn))


def test_a_prompt_that_leaves_no_room_is_refused(operation: Operation) -> None:
    with pytest.raises(UserError, match="positions of the model"):
        operation([Item("why " * 5_000, GenerateOptions(max_new_tokens=4))])


def test_a_folder_without_a_generator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no generator"):
        load("generate", tmp_path, threads=1)
