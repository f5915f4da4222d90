"""Training examples from feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel

from spanwise.errors import UserError
from spanwise.feedback.records import Feedback, Standing
from spanwise.readers.chat import Message
from spanwise.schema import Example, Record

GOOD = 4  # of 5: what was predicted may be learnt as it is


class Exported(NamedTuple):
    """Training examples, and how much feedback makes none, by reason."""

    examples: list[BaseModel]
    left_out: dict[str, int]


class ChatExample(Record):
    """A line for `readers.chat`."""

    id: str
    lang: str
    category: str
    group: str
    messages: tuple[Message, ...]
    must_include: tuple[str, ...] | None = None


def export(standing: Sequence[Standing], *, verdict: Literal["accepted"] | None) -> Exported:
    """Training examples from feedback: what was corrected as corrected, what was rated 4 or 5 as it is.

    Answers become lines for `readers.chat`, spans become `Example` records; both keep the group of their
    document, so that none of them stands on the other side of a split from it. Of several for one prompt the
    last is taken.

    Args:
        standing: What `read_store` gives.
        verdict: Only feedback with this verdict; None takes what was not reviewed yet, for reviewers.

    Raises:
        UserError: If answers and spans are mixed: no reader takes both.
    """
    left_out: Counter[str] = Counter()
    chosen: dict[str, Feedback] = {}
    for feedback, own in standing:
        if own != verdict:
            left_out["not_reviewed" if own is None else own] += 1
        elif feedback.correction is None and (feedback.rating or 0) < GOOD:
            left_out["rated_low_without_correction"] += 1
        elif feedback.answer is not None and not {"language", "category"} <= feedback.attributes.keys():
            left_out["no_language_or_category"] += 1
        else:
            left_out["superseded"] += feedback.prompt in chosen
            chosen[feedback.prompt] = feedback
    if len({feedback.answer is None for feedback in chosen.values()}) > 1:
        raise UserError("answers and spans in one store", hint="Keep a store for each task: --store.")
    examples: list[BaseModel] = [
        _span_example(each) if each.answer is None else _chat_example(each) for each in chosen.values()
    ]
    return Exported(examples, {reason: number for reason, number in sorted(left_out.items()) if number})


def _span_example(feedback: Feedback) -> Example:
    target = feedback.spans if feedback.correction is None else feedback.correction
    return Example(id=f"feedback-{feedback.id}", text=feedback.text, target=target, group=feedback.group)


def _chat_example(feedback: Feedback) -> ChatExample:
    known = feedback.attributes
    answer = feedback.answer if feedback.correction is None else feedback.correction
    system = [{"role": "system", "content": known["system"]}] if "system" in known else []
    turns = known.get("messages") or [*system, {"role": "user", "content": feedback.text}]
    return ChatExample(
        id=f"feedback-{feedback.id}",
        lang=known["language"],
        category=known["category"],
        group=feedback.group,
        messages=tuple(map(Message.model_validate, [*turns, {"role": "assistant", "content": answer}])),
        must_include=known.get("must_include"),
    )
