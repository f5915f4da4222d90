"""Answers become pairs that say who wrote them; the others are counted; recorded ones do as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer
from spanwise.pairs.generation.asking import Price, Question
from spanwise.pairs.generation.prompts import load_prompt
from spanwise.pairs.generation.recording import Recorded, read_recorded, write_recorded
from spanwise.pairs.generation.session import Model, record_answers
from spanwise.pairs.generation.teaching import Asked, by_model, by_recording, questions, replay, taught
from spanwise.pairs.records import Pair, Passage
from spanwise.schema import Change

PASSAGES = [
    Passage(id="a:1", domain="prose", kind="paragraph", text="The first text.", group="a"),
    Passage(id="b:1", domain="code", kind="function", text="def f(): pass", group="b", language="python"),
    Passage(id="c:1", domain="structured", kind="table", text="a | b", group="c"),
]
WHOLE = Answer(text=" short\n", stop="whole", input_tokens=1, output_tokens=1)


def asked() -> list[Asked]:
    return [each for each in questions(PASSAGES) if not isinstance(each, Change)]


def test_each_passage_gets_the_prompt_of_its_domain() -> None:
    *found, none = questions(PASSAGES)
    assert none == Change(kind="left_out", reason="no_teacher", document="c:1")
    assert [each for each in found if not isinstance(each, Change)] == [
        (PASSAGES[0], Question(load_prompt("prose"), "The first text.")),
        (PASSAGES[1], Question(load_prompt("code"), "def f(): pass")),
    ]


def test_pairs_say_which_model_wrote_them_by_which_prompt() -> None:
    one, other = taught(asked(), [WHOLE, WHOLE], by_model("openai", "m-1"))
    assert one == Pair(
        id="a:1:llm:openai/m-1@prose-1",
        domain="prose",
        kind="paragraph",
        original="The first text.",
        compressed="short",
        teacher="llm:openai/m-1@prose-1",
        group="a",
    )
    assert isinstance(other, Pair)
    assert (other.teacher, other.language) == ("llm:openai/m-1@code-1", "python")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(text="cut o", stop="truncated"), "truncated"),
        (Answer(text="", stop="refused"), "refused"),
        (Answer(text="", stop="malformed"), "malformed"),
        ("rejected", "rejected"),
        ("budget", "budget"),
    ],
)
def test_what_is_no_whole_answer_is_left_out_with_the_reason(answer: Answer | str, reason: str) -> None:
    left, _ = taught(asked(), [answer, WHOLE], by_model("p", "m"))
    assert left == Change(kind="left_out", reason=reason, document="a:1")


def test_answers_are_recorded_without_the_texts_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    wanted = [question for _, question in asked()]
    model = Model("openai", "m-1", Price(0, 0))
    assert record_answers(path, wanted, [WHOLE, "budget"], model) == 1
    assert "The first text" not in path.read_text()
    recorded = read_recorded(path)
    assert [each.model for each in recorded.values()] == ["m-1"]
    answers = replay(wanted, recorded)
    assert answers[1] == "not_recorded"
    pair, left = taught(asked(), answers, by_recording(path.stem))
    assert isinstance(pair, Pair)
    assert (pair.teacher, pair.compressed) == ("recorded:gold", "short")
    assert left == Change(kind="left_out", reason="not_recorded", document="b:1")


def test_recorded_answers_are_written_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [Recorded(prompt=digit * 64, provider="p", model="m", text="t") for digit in "bab"]
    write_recorded(path, rows)
    assert [line[11] for line in path.read_text().splitlines()] == ["a", "b"]


def test_what_cannot_be_recorded_or_read_is_an_error(tmp_path: Path) -> None:
    wanted = [question for _, question in asked()]
    with pytest.raises(UserError, match="no answer to record"):
        record_answers(tmp_path / "none.jsonl", wanted, ["budget", "budget"], Model("p", "m", Price(0, 0)))
    path = tmp_path / "twice.jsonl"
    line = Recorded(prompt="a" * 64, provider="p", model="m", text="t").model_dump_json()
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(UserError, match="two answers to the prompt"):
        read_recorded(path)
    path.write_text('{"prompt": "short", "provider": "p", "model": "m", "text": "t"}\n')
    with pytest.raises(UserError, match="not a valid Recorded"):
        read_recorded(path)
