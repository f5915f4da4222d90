"""Rows: what is learnt from, token by token, and what is refused or counted before a training."""

from __future__ import annotations

import pytest

from spanwise.encoding import IGNORED
from spanwise.errors import UserError
from spanwise.generator.chat import Chat
from spanwise.generator.rows import Row, preflight, rows_of
from spanwise.schema import Example
from tests.talkers import tokenizer

GOLDEN = {
    "d00": ["1", ".", " Check", " aspirin", ".", "\n", "2", ".", " Give", " aspirin", " slowly", "."],
    "d08": ["1", ".", " Vérifier", " heparin", ".", "\n", "2", ".", " Donner", " heparin", " lentement", "."],
}
"""Of an answer in English and one in French, the tokens that are learnt, but the end token."""


def learnt(chat: Chat, row: Row) -> list[str]:
    return [str(chat.tokenizer.decode([label])) for label in row.labels if label != IGNORED]


def test_golden_rows_are_learnt_as_they_were(chat: Chat, dialogues: list[Example]) -> None:
    rows = {row.id: row for row in rows_of(dialogues, chat, 128)}
    for name, tokens in GOLDEN.items():
        assert learnt(chat, rows[name]) == [*tokens, "<|im_end|>"]


def test_labels_are_the_answer_s_tokens_and_nothing_else(chat: Chat, dialogues: list[Example]) -> None:
    for row, each in zip(rows_of(dialogues, chat, 128), dialogues, strict=True):
        start = len(chat.prompt(each))
        assert row.labels[:start] == [IGNORED] * start
        assert "".join(learnt(chat, row)) == f"{each.target}<|im_end|>"
        assert all(label in {IGNORED, token} for token, label in zip(row.input_ids, row.labels, strict=True))
        assert row.loss_tokens == len(learnt(chat, row))


def test_the_end_of_the_prompt_is_learnt_where_the_template_writes_it_with_the_answer() -> None:
    thinking = (
        "{% for m in messages %}{% if m['role'] == 'user' %}{{ bos_token + m['content'] }}{% else %}"
        "{{ '[A]' }}{% generation %}{{ m['content'] + eos_token }}{% endgeneration %}{% endif %}{% endfor %}"
    )
    chat = Chat.of(tokenizer(thinking), "test")
    [row] = rows_of([Example(id="e", text="Why?", target="So.", group="e")], chat, 128)
    assert "".join(learnt(chat, row)) == "[A]So.<|im_end|>"  # the model is given no [A] when it writes


def test_a_prompt_whose_last_token_the_answer_changes_is_counted() -> None:
    joined = (
        "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] + ' asp' }}{% else %}"
        "{% generation %}{{ m['content'] + eos_token }}{% endgeneration %}{% endif %}{% endfor %}"
    )
    chat = Chat.of(tokenizer(joined), "test")
    rows = rows_of([Example(id="e", text="Give", target="irin.", group="e")], chat, 128)
    assert preflight(rows, 128)["shared_boundary"] == 1
    assert "".join(learnt(chat, rows[0])).endswith(".<|im_end|>")


def test_what_is_cut_off_is_counted(chat: Chat, dialogues: list[Example]) -> None:
    whole = rows_of(dialogues, chat, 128)
    longest = max(len(row.input_ids) for row in whole)
    figures = preflight(rows_of(dialogues, chat, longest - 1), longest - 1)
    over = [len(row.input_ids) - longest + 1 for row in whole if len(row.input_ids) == longest]
    assert (figures["cut"], figures["cut_tokens"]) == (len(over), sum(over))
    assert figures["longest"] == longest - 1
    assert preflight(whole, 128) == {
        "examples": 12,
        "tokens": sum(len(row.input_ids) for row in whole),
        "loss_tokens": sum(row.loss_tokens for row in whole),
        "longest": longest,
        "fewest_loss_tokens": min(row.loss_tokens for row in whole),
        "cut": 0,
        "cut_tokens": 0,
        "shared_boundary": 0,
    }


def test_examples_that_nothing_is_learnt_from_are_refused_by_name(
    chat: Chat, dialogues: list[Example]
) -> None:
    prompt = min(len(chat.prompt(each)) for each in dialogues)
    with pytest.raises(UserError, match=r"12 of 12 examples .* first \d+: d00, d01, d02, d03, d04, \.\.\."):
        preflight(rows_of(dialogues, chat, prompt), prompt)
