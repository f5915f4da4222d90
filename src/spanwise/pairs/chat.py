"""Pairs as conversations, as `readers.chat` reads them, and what such may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from spanwise.errors import UserError
from spanwise.metrics.language import identify
from spanwise.pairs.generation.prompts import load_prompt
from spanwise.pairs.records import Filled, Pair
from spanwise.readers.chat import LONGEST, Message, check_conversation
from spanwise.schema import Change, Record, SplitName

Fault = Literal["structure", "roles", "encoding", "long", "language", "copy"]
UNTOLD = "en"
"""The language of what is too short to tell."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Conversation(Record):
    """What a model is told, asked and should answer."""

    id: Filled
    lang: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    category: Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$")]
    messages: Annotated[tuple[Message, ...], Field(min_length=2)]
    group: Filled | None = None
    split: SplitName | None = None


def converse(pair: Pair) -> dict[str, Any]:
    """A pair as a conversation: the instructions of its domain, the text, the shortened form.

    Returns:
        What a `Conversation` holds, not looked at yet: see `sanitise`.

    Raises:
        UserError: If there are no instructions for the domain.
    """
    domain = "prose" if pair.domain == "nl" else pair.domain
    turns = (
        ("system", load_prompt(domain).instructions),
        ("user", pair.original),
        ("assistant", pair.compressed),
    )
    return {
        "id": pair.id,
        "lang": identify(pair.original) or identify(pair.compressed) or UNTOLD,
        "category": domain,
        "messages": [{"role": role, "content": content} for role, content in turns],
        "group": pair.group,
        "split": pair.split,
    }


def sanitise(rows: Iterable[tuple[str, Any]]) -> Iterator[Conversation | Change]:
    """The conversations that a model may learn from, and of each other one why it is left out.

    `structure`: no `id`, `lang`, `category` and filled `messages`, or what nobody knows. `roles`: others than
    an optional system and then user and assistant in turn, the assistant last. `encoding`: decoded wrongly,
    lone surrogates, control characters. `long`: above `readers.chat.LONGEST` characters. `language`: question
    or answer is in another than it says. `copy`: an id or a question that came before.

    Args:
        rows: JSON values, each with the place that it is told by.
    """
    seen: set[str] = set()
    for place, row in rows:
        found = _parse(row)
        reason = found if isinstance(found, str) else _fault(found)
        if reason is None and not isinstance(found, str):
            keys = {f"id {found.id}", f"question {_asked(found)}"}
            reason = "copy" if keys & seen else None
            seen |= keys
        if reason is not None:
            yield Change(kind="left_out", reason=reason, document=place)
        elif not isinstance(found, str):
            yield found


def _parse(row: Any) -> Conversation | Fault:
    try:
        # By way of JSON, as it will be read: what JSON cannot hold is found here.
        found = Conversation.model_validate_json(json.dumps(row))
    except (ValidationError, TypeError, ValueError):
        return _misfit(row)
    return found if all(message.content.strip() for message in found.messages) else "structure"


def _misfit(row: Any) -> Fault:
    """Why a row is no conversation."""
    messages = row.get("messages") if isinstance(row, Mapping) else None
    turns = [turn for turn in messages if isinstance(turn, Mapping)] if isinstance(messages, list) else []
    if any(_SURROGATE.search(str(turn.get("content"))) for turn in turns):
        return "encoding"
    roles = {str(turn.get("role")) for turn in turns}
    return "roles" if roles - {"system", "user", "assistant", "None"} else "structure"


def _fault(found: Conversation) -> Fault | None:
    roles = [message.role for message in found.messages]
    turns = roles[1:] if roles[0] == "system" else roles
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        return "roles"
    if sum(len(message.content) for message in found.messages) > LONGEST:
        return "long"
    if not _accepted(found, None):
        return "encoding"  # all else that is looked at without a language was, above
    return None if _accepted(found, found.lang) else "language"


def _accepted(found: Conversation, language: str | None) -> bool:
    try:
        check_conversation(found.messages, language)
    except UserError:
        return False
    return True


def _asked(found: Conversation) -> str:
    """All that stands before the answer, system apart, as the reader compares it."""
    turns = [message.content for message in found.messages[:-1] if message.role != "system"]
    return " ".join(" ".join(turns).casefold().split())
