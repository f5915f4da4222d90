"""Pairs become conversations that the reader of chat takes; of the others it is counted why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.pairs.chat import Conversation, converse, sanitise
from spanwise.pairs.generation.prompts import load_prompt
from spanwise.pairs.records import Pair
from spanwise.readers.chat import read_chat
from spanwise.readers.document import Document
from spanwise.schema import Change
from tests.extras import needs

pytestmark = needs("py3langid")
TEXT = "The pump is stopped when the pressure rises above 40 bar, as the valve would not hold."
SHORT = "Pump stopped when pressure rises above 40 bar: valve would not hold."
FRENCH = "La pompe est arrêtée lorsque la pression dépasse quarante bars, car la soupape ne tiendrait pas."


def row(*turns: tuple[str, Any], **fields: Any) -> dict[str, Any]:
    messages = [{"role": role, "content": content} for role, content in turns]
    return {"id": "a", "lang": "en", "category": "prose", "messages": messages} | fields


def fault(value: Any) -> str | None:
    (found,) = sanitise([("place", value)])
    return found.reason if isinstance(found, Change) else None


def test_a_pair_is_instructions_text_and_shortened_form_as_the_reader_of_chat_takes_them(
    tmp_path: Path,
) -> None:
    pair = Pair(id="a", domain="nl", kind="k", original=TEXT, compressed=SHORT, group="f", split="validation")
    code = pair.model_copy(
        update={"id": "b", "domain": "code", "original": "x = 1  # one", "compressed": "x=1"}
    )
    french = pair.model_copy(update={"id": "c", "original": FRENCH, "compressed": FRENCH[:80]})
    found = list(sanitise((each.id, converse(each)) for each in (pair, code, french)))
    path = tmp_path / "chat.jsonl"
    path.write_text(
        "".join(f"{each.model_dump_json()}\n" for each in found if isinstance(each, Conversation))
    )
    documents = [each for each in read_chat(tmp_path) if isinstance(each, Document)]
    assert [(each.id, each.text, each.target, each.stratum) for each in documents] == [
        ("a", TEXT, SHORT, "prose/en"),
        ("b", "x = 1  # one", "x=1", "code/en"),
        ("c", FRENCH, FRENCH[:80], "prose/fr"),
    ]
    assert (documents[0].split, documents[0].group) == ("validation", "f")
    assert documents[0].attributes is not None
    assert documents[0].attributes["system"] == load_prompt("prose").instructions


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (row(("system", "Shorten."), ("user", TEXT), ("assistant", SHORT)), None),
        (row(("user", TEXT), ("assistant", SHORT), ("user", "x"), ("assistant", "y")), None),
        (None, "structure"),
        ([], "structure"),
        ({"messages": "text"}, "structure"),
        (row(("user", TEXT)), "structure"),
        (row(("user", TEXT), ("assistant", 3)), "structure"),
        (row(("user", TEXT), ("assistant", " \n")), "structure"),
        (row(("user", TEXT), ("assistant", SHORT), more=1), "structure"),
        (row(("user", TEXT), ("assistant", SHORT), lang="English"), "structure"),
        (row(("human", TEXT), ("assistant", SHORT)), "roles"),
        (row(("assistant", SHORT), ("user", TEXT)), "roles"),
        (row(("system", "Shorten."), ("system", TEXT)), "roles"),
        (row(("user", TEXT), ("assistant", SHORT), ("user", "x")), "roles"),
        (row(("user", TEXT + "\x00"), ("assistant", SHORT)), "encoding"),
        (row(("user", "it\xe2\u20ac\u2122s " + TEXT), ("assistant", SHORT)), "encoding"),
        (row(("user", TEXT + "\ud800"), ("assistant", SHORT)), "encoding"),
        (row(("user", "long " * 4000), ("assistant", SHORT)), "long"),
        (row(("user", TEXT), ("assistant", FRENCH)), "language"),
    ],
)
def test_what_a_conversation_may_not_hold(value: Any, reason: str | None) -> None:
    assert fault(value) == reason


def test_of_equal_ids_and_of_equal_questions_the_first_stays() -> None:
    rows = [
        row(("user", TEXT), ("assistant", SHORT)),
        row(("user", "Another."), ("assistant", "Other."), id="a"),
        row(("user", TEXT.upper()), ("assistant", SHORT), id="b"),
        row(("user", "A third."), ("assistant", "Third."), id="c"),
    ]
    found = [
        each.id if isinstance(each, Conversation) else each.reason
        for each in sanitise((str(number), value) for number, value in enumerate(rows))
    ]
    assert found == ["a", "copy", "copy", "c"]


def test_nothing_of_a_text_is_told_of_what_is_left_out() -> None:
    (left,) = sanitise([("f.jsonl:1", row(("user", "secret"), ("robot", "secret")))])
    assert "secret" not in json.dumps(left.model_dump())
