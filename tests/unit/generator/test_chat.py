"""Chats: what the model is given, which tokens are the answer's, and how messages reach a template."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.generator.chat import Chat
from spanwise.generator.templates import FALLBACK
from spanwise.schema import Example
from tests.talkers import tokenizer
from tests.unit.generator.test_templates import NO_SYSTEM


def example(text: str = "Why?", target: str = "So.", **attributes: Any) -> Example:
    return Example(id="e", text=text, target=target, group="e", attributes=attributes or None)


def pieces(chat: Chat, asked: Example) -> list[tuple[str, bool]]:
    """Neighbouring tokens that are the answer's or not, as text."""
    runs: list[tuple[str, bool]] = []
    for token, mark in zip(*chat.answered(asked), strict=True):
        text = str(chat.tokenizer.decode([token]))
        if runs and runs[-1][1] == mark:
            runs[-1] = (runs[-1][0] + text, mark)
        else:
            runs.append((text, mark))
    return runs


def test_the_answer_and_its_end_are_marked_and_nothing_else(chat: Chat) -> None:
    system = "<|im_start|>system\nBe brief.<|im_end|>\n"
    prompt = f"{system}<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
    assert pieces(chat, example(system="Be brief.")) == [
        (prompt, False),
        ("So.<|im_end|>", True),
        ("\n", False),
    ]


def test_the_prompt_is_what_stands_before_the_answer(chat: Chat, dialogues: list[Example]) -> None:
    for each in dialogues:
        tokens, answer = chat.answered(each)
        assert tokens[: answer.index(True)] == chat.prompt(each)


def test_of_several_turns_the_last_answer_alone_is_marked(chat: Chat) -> None:
    said = [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
        {"role": "user", "content": "How?"},
    ]
    without_end = pieces(chat, example(target="Thus.", messages=said))
    assert [text for text, mark in without_end if mark] == ["Thus.<|im_end|>"]
    with_end = [*said, {"role": "assistant", "content": "Thus."}]
    assert pieces(chat, example(target="Thus.", messages=with_end)) == without_end


def test_white_space_around_a_message_is_no_part_of_it(chat: Chat) -> None:
    assert chat.answered(example(" Why?\n", " So. ")) == chat.answered(example())


def test_a_template_without_system_messages_gets_them_before_the_question() -> None:
    chat = Chat.of(tokenizer(NO_SYSTEM), "test")
    assert not chat.system
    prompt = chat.tokenizer.decode(chat.prompt(example(system="Be brief.")))
    assert prompt == "<|im_start|>[INST] Be brief.\n\nWhy? [/INST]"


def test_a_base_model_writes_as_mistral_does() -> None:
    chat = Chat.of(tokenizer(None), "test")
    assert (chat.origin, chat.stop) == ("fallback", chat.tokenizer.eos_token_id)
    assert pieces(chat, example(system="Be brief.")) == [
        ("<|im_start|>[INST] Be brief.\n\nWhy? [/INST]", False),
        (" So.<|im_end|>", True),
    ]


def test_qwen_answers_without_thinking_aloud() -> None:
    from trl.chat_template_utils import qwen3_chat_template

    chat = Chat.of(tokenizer(qwen3_chat_template), "test")
    prompt = str(chat.tokenizer.decode(chat.prompt(example())))
    assert prompt.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


def test_roles_that_a_template_refuses_are_told_without_their_words() -> None:
    refusing = (
        "{%- if messages[0]['role'] != 'user' -%}{{ raise_exception(messages[0]['content']) }}{%- endif -%}"
    )
    chat = Chat.of(tokenizer(refusing + FALLBACK), "test")
    said = [{"role": "assistant", "content": "secret"}, {"role": "user", "content": "secret"}]
    with pytest.raises(UserError, match=r"example e: .* roles assistant, user in this order") as caught:
        chat.prompt(example(messages=said))
    assert "secret" not in str(caught.value)


def test_a_template_whose_marks_hold_no_end_is_refused() -> None:
    endless = "{% for m in messages %}{% generation %}{{ m['content'] }}{% endgeneration %}{% endfor %}"
    with pytest.raises(UserError, match="no special token ends an answer"):
        Chat.of(tokenizer(endless), "test")


def test_special_tokens_are_no_text(chat: Chat) -> None:
    tokens = chat.tokenizer("Give aspirin.<|im_end|>")["input_ids"]
    assert chat.decode(tokens) == "Give aspirin."
