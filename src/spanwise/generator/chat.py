"""Chats: how a model writes a dialogue down, and which part of it is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from spanwise.errors import UserError
from spanwise.generator.templates import SETTINGS, Origin, marked
from spanwise.schema import Example

Message = dict[str, str]
"""`role` (system, user or assistant) and `content`."""

PROBE: list[Message] = [{"role": "user", "content": "Why?"}]


@dataclass(frozen=True)
class Chat:
    """A tokenizer with a template that tells the answer apart.

    Attributes:
        tokenizer: Its `chat_template` marks what the assistant says by `{% generation %}`.
        origin: Where the template comes from.
        stop: The token that ends an answer.
        system: Whether the template knows system messages; else they begin the first message of the user.
    """

    tokenizer: PreTrainedTokenizerBase
    origin: Origin
    stop: int
    system: bool

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, source: str) -> Chat:
        """The chat of a tokenizer, which is given a marked template in place of its own.

        Raises:
            UserError: If its template cannot be marked safely, or no special token ends an answer.
        """
        template, origin = marked(tokenizer, source)
        tokenizer.chat_template = template
        return cls(tokenizer, origin, _stop(tokenizer, source), _knows_system(tokenizer))

    def prompt(self, example: Example) -> list[int]:
        """The tokens before the answer: what the model is given when it is to write it.

        Raises:
            UserError: If the template does not allow this order of roles.
        """
        return list(self._render(example, self.messages(example), add_generation_prompt=True)["input_ids"])

    def answered(self, example: Example) -> tuple[list[int], list[bool]]:
        """The tokens of prompt and answer, and which of them are the answer's, its end token included.

        Raises:
            UserError: If the template does not allow this order of roles.
        """
        answer = {"role": "assistant", "content": str(example.target).strip()}
        rendered = self._render(example, [*self.messages(example), answer], return_assistant_tokens_mask=True)
        tokens, marks = list(rendered["input_ids"]), list(rendered["assistant_masks"])
        end = max((place for place, mark in enumerate(marks) if mark), default=-1) + 1
        start = end
        while start and marks[start - 1]:  # the last turn of the assistant alone: earlier ones are given
            start -= 1
        while end > start and tokens[end - 1] != self.stop:  # a line break, say, behind the end token
            end -= 1
        return tokens, [start <= place < end for place in range(len(tokens))]

    def messages(self, example: Example) -> list[Message]:
        """The dialogue before the answer.

        `attributes.messages` holds it, perhaps with the answer as its end; without, it is
        `attributes.system`, where there is such, and the text as the user's message. White space around a
        message is no part of it: some templates strip it and some do not.
        """
        known = example.attributes or {}
        dialogue: list[Message] = [
            {"role": message["role"], "content": message["content"].strip()}
            for message in known.get("messages") or ()
        ]
        if dialogue and dialogue[-1]["role"] == "assistant":
            dialogue.pop()
        if not dialogue:
            system = [{"role": "system", "content": known["system"].strip()}] if known.get("system") else []
            dialogue = [*system, {"role": "user", "content": example.text.strip()}]
        if self.system or dialogue[0]["role"] != "system":
            return dialogue
        first, second, *rest = dialogue
        return [{"role": second["role"], "content": f"{first['content']}\n\n{second['content']}"}, *rest]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of an answer's tokens, without special tokens and without white space around it."""
        return str(self.tokenizer.decode(list(tokens), skip_special_tokens=True)).strip()

    def _render(self, example: Example, messages: list[Message], **settings: Any) -> Any:
        try:
            return self.tokenizer.apply_chat_template(
                messages, tokenize=True, return_dict=True, **SETTINGS, **settings
            )
        except TemplateError:  # its message may quote the dialogue
            roles = ", ".join(message["role"] for message in messages)
            raise UserError(
                f"example {example.id}: the chat template does not allow the roles {roles} in this order"
            ) from None


def _stop(tokenizer: PreTrainedTokenizerBase, source: str) -> int:
    """The last special token of what a template marks as the assistant's."""
    answered = [*PROBE, {"role": "assistant", "content": "So"}, *PROBE]
    try:
        rendered: Any = tokenizer.apply_chat_template(
            answered, tokenize=True, return_dict=True, return_assistant_tokens_mask=True, **SETTINGS
        )
    except TemplateError:
        raise UserError(
            f"model source {source}: its chat template refuses a question and its answer"
        ) from None
    special = {*tokenizer.get_added_vocab().values(), *tokenizer.all_special_ids}
    marks = zip(rendered["input_ids"], rendered["assistant_masks"], strict=True)
    ends = [token for token, mark in marks if mark and token in special]
    if not ends:
        raise UserError(f"model source {source}: no special token ends an answer in its chat template")
    return int(ends[-1])


def _knows_system(tokenizer: PreTrainedTokenizerBase) -> bool:
    probe = [{"role": "system", "content": "Answer."}, *PROBE]
    try:
        return "Answer." in str(tokenizer.apply_chat_template(probe, tokenize=False, **SETTINGS))
    except TemplateError:
        return False
