from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.chat import LONGEST
from spanwise.schema import Example

QUESTION = "Explique en trois points comment se laver les mains avant un soin, et pourquoi c'est important."
ANSWER = "1. Mouiller les mains.\n2. Savonner pendant trente secondes.\n3. Rincer puis sécher avec soin."
ENGLISH = "Wet your hands, use soap for thirty seconds, then rinse and dry them carefully with a towel."


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


LINE: dict[str, Any] = {
    "id": "a",
    "lang": "fr",
    "category": "protocol",
    "messages": [turn("system", "Soyez bref."), turn("user", QUESTION), turn("assistant", ANSWER)],
}


def write(folder: Path, *lines: object, name: str = "chats.jsonl") -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (folder / name).write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def entries(folder: Path) -> list[object]:
    return list(read(folder, format="chat", discontinuous="envelope", overlapping="longest"))


def only_error(folder: Path) -> UserError:
    (found,) = entries(folder)
    assert isinstance(found, UserError)
    return found


def test_a_conversation_becomes_question_answer_and_attributes(tmp_path: Path) -> None:
    write(tmp_path, LINE | {"group": "hands", "must_include": ["savon"]}, name="test.jsonl")
    assert entries(tmp_path) == [
        Example(
            id="a",
            text=QUESTION,
            target=ANSWER,
            group="hands",
            split="test",
            stratum="protocol/fr",
            attributes={
                "language": "fr",
                "category": "protocol",
                "must_include": ["savon"],
                "system": "Soyez bref.",
            },
        )
    ]


def test_earlier_turns_are_kept_as_all_that_stands_before_the_answer(tmp_path: Path) -> None:
    turns = [turn("user", "Bonjour"), turn("assistant", "Bonjour !"), *LINE["messages"][1:]]
    (found,) = entries(write(tmp_path, LINE | {"messages": turns}))
    assert isinstance(found, Example)
    assert found.attributes == {"language": "fr", "category": "protocol", "messages": turns[:-1]}
    assert (found.text, found.target, found.group) == (QUESTION, ANSWER, "a")


def test_documents_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    other = LINE | {"id": "0", "messages": [turn("user", QUESTION + " Merci."), turn("assistant", ANSWER)]}
    found = entries(write(tmp_path, LINE, "", other))
    assert [entry.id for entry in found if isinstance(entry, Example)] == ["0", "a"]


@pytest.mark.parametrize(
    "roles",
    [["assistant", "user"], ["system", "assistant"], ["user", "user", "assistant"], ["user", "system"],
     ["system", "system", "user", "assistant"], ["user", "assistant", "user"]],
)  # fmt: skip
def test_roles_out_of_order_are_an_error_with_file_and_line(tmp_path: Path, roles: list[str]) -> None:
    line = LINE | {"messages": [turn(role, ANSWER) for role in roles]}
    error = only_error(write(tmp_path, "", line))
    assert error.location == f"{tmp_path / 'chats.jsonl'}:2"
    assert error.reason == f"messages in the order {', '.join(roles)}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (" \n", "message 3, of the assistant, is empty"),
        (
            "Se laver les mains aprÃ¨s le soin.",
            "message 3, of the assistant, was decoded wrongly: character 23",
        ),
        ("On lâ€™arrÃªte.", "message 3, of the assistant, was decoded wrongly: character 5"),
        ("Un cÅ“ur.", "message 3, of the assistant, was decoded wrongly: character 5"),
        ("arr\N{REPLACEMENT CHARACTER}ter", "message 3, of the assistant, was decoded wrongly: character 4"),
        ("tension\x00", "message 3, of the assistant, was decoded wrongly: character 8"),
        (ENGLISH, "the answer is in the language 'en', and lang says 'fr'"),
        ("Rincer. " * (LONGEST // 8), "characters in its messages, more than"),
    ],
)
def test_bad_content_is_an_error_that_does_not_quote_it(tmp_path: Path, content: str, reason: str) -> None:
    error = only_error(
        write(tmp_path, LINE | {"messages": [*LINE["messages"][:2], turn("assistant", content)]})
    )
    assert reason in error.reason
    assert error.line == 1
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "content",
    [
        "QUALITÉ\N{NO-BREAK SPACE}: « le cœur » d'abord… “vraiment” : oui ; L'ÂGE, l'âme, Å, Ã.",
        "Oui.",
        ENGLISH[:50],
    ],
)
def test_french_typography_and_short_answers_are_no_fault(tmp_path: Path, content: str) -> None:
    messages = [*LINE["messages"][:2], turn("assistant", content)]
    (found,) = entries(write(tmp_path, LINE | {"messages": messages}))
    assert isinstance(found, Example)


def test_a_question_in_another_language_is_an_error(tmp_path: Path) -> None:
    messages = [turn("user", ENGLISH), turn("assistant", ANSWER)]
    assert only_error(write(tmp_path, LINE | {"messages": messages})).reason.startswith("the question is in")


def test_ids_and_questions_come_once(tmp_path: Path) -> None:
    again = LINE | {"id": "b", "messages": [turn("user", QUESTION.upper()), turn("assistant", ANSWER)]}
    longer = LINE | {"messages": [turn("user", "Encore ?"), turn("assistant", ANSWER)]}
    first, *errors = entries(write(tmp_path, LINE, longer, again))[::-1]
    assert isinstance(first, Example)
    place = f"{tmp_path / 'chats.jsonl'}:1"
    reasons = sorted(error.reason for error in errors if isinstance(error, UserError))
    assert reasons == [f"the same id as {place}", f"the same question as {place}"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ({"id": "a"}, "not a record with id, lang, category, messages: lang: Field required"),
        (LINE | {"lang": "français"}, "lang: String should match"),
        (LINE | {"more": 1}, "more: Extra inputs are not permitted"),
        (LINE | {"messages": [turn("doctor", QUESTION)] * 2}, "messages.0.role: Input should be 'system'"),
    ],
)
def test_a_malformed_line_is_an_error_with_what_was_expected(
    tmp_path: Path, line: object, reason: str
) -> None:
    error = only_error(write(tmp_path, line))
    assert reason in error.reason
    assert error.line == 1


def test_reading_goes_on_behind_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xff\n")
    error, found = entries(write(tmp_path, LINE))
    assert isinstance(error, UserError)
    assert isinstance(found, Example)


def test_the_protocols_of_the_repository_are_sound(root: Path) -> None:
    found = entries(root / "data" / "corpora" / "protocols")
    examples = [entry for entry in found if isinstance(entry, Example)]
    assert len(examples) == len(found) == 56
    strata = [example.stratum for example in examples]
    assert {name: strata.count(name) for name in sorted(set(map(str, strata)))} == {
        "incident/en": 1, "incident/fr": 3, "protocol/en": 11, "protocol/fr": 17, "training/en": 9,
        "training/fr": 15,
    }  # fmt: skip
