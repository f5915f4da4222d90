"""Templates: each gets marks around the assistant's part, writes what it wrote before, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.generator.templates import FALLBACK, MARK, marked
from tests.talkers import CHATML, tokenizer

LLAMA = (
    "{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}"
    "{% set system = messages[0]['content'] %}{% else %}{% set turns = messages %}{% set system = false %}"
    "{% endif %}{% for message in turns %}{% if loop.index0 == 0 and system != false %}"
    "{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}"
    "{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
"""Llama 2's: the system message is inside the user's, and there is no prompt for the assistant."""
NO_SYSTEM = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' ' + message['content'] + eos_token }}{% else %}{{ raise_exception('only user and assistant') }}"
    "{% endif %}{% endfor %}"
)
"""Mistral's first: it refuses system messages."""
DIALOGUE = [
    {"role": "user", "content": "Why?"},
    {"role": "assistant", "content": "So."},
    {"role": "user", "content": "How?"},
    {"role": "assistant", "content": "Thus."},
]


@pytest.mark.parametrize("template", [CHATML, LLAMA, NO_SYSTEM])
def test_a_template_without_marks_is_given_some_and_writes_the_same(template: str) -> None:
    words = tokenizer(template)
    found, origin = marked(words, "test")
    assert origin == "derived"
    assert MARK.search(found)
    for length in (1, 2, 3, 4):
        for asked in (False, True):
            texts = {
                words.apply_chat_template(
                    DIALOGUE[:length],
                    tokenize=False,
                    chat_template=each,
                    add_generation_prompt=asked and length % 2 == 1,
                )
                for each in (template, found)
            }
            assert len(texts) == 1


CHAT = tokenizer()
MARKED, _ = marked(CHAT, "test")


@given(st.lists(st.text(min_size=1).map(str.strip).filter(bool), min_size=1, max_size=5), st.booleans())
def test_any_dialogue_is_written_as_before(texts: list[str], system: bool) -> None:
    first = [{"role": "system", "content": texts[0]}] if system else []
    roles = ("user", "assistant")
    turns = [{"role": roles[turn % 2], "content": text} for turn, text in enumerate(texts)]
    one, two = (
        CHAT.apply_chat_template([*first, *turns], tokenize=False, chat_template=template)
        for template in (CHATML, MARKED)
    )
    assert one == two


def test_a_template_with_marks_stays_as_it_is() -> None:
    words = tokenizer(FALLBACK)
    assert marked(words, "test") == (FALLBACK, "own")


def test_without_a_template_there_is_a_fallback() -> None:
    words = tokenizer(None)
    template, origin = marked(words, "test")
    assert (template, origin) == (FALLBACK, "fallback")
    text = words.apply_chat_template(
        [{"role": "system", "content": "Be brief."}, *DIALOGUE], tokenize=False, chat_template=template
    )
    assert text == (
        "<|im_start|>[INST] Be brief.\n\nWhy? [/INST] So.<|im_end|>[INST] How? [/INST] Thus.<|im_end|>"
    )


def test_a_template_that_trl_knows_is_trained_with_its_version() -> None:
    from trl.chat_template_utils import qwen3_chat_template

    template, origin = marked(tokenizer(qwen3_chat_template), "test")
    assert origin == "known"
    assert MARK.search(template)


def test_of_several_templates_the_default_is_taken() -> None:
    words = tokenizer()
    words.chat_template = {"tools": "{{ 1 }}", "default": FALLBACK}
    assert marked(words, "test") == (FALLBACK, "own")


@pytest.mark.parametrize(
    "template",
    [
        CHATML.replace("'<|im_end|>'", "'.'"),  # nothing ends a turn
        "{{ strftime_now('%Y') }}" + CHATML,  # another one tomorrow
        CHATML.replace("message['content'] +", "(message['content'] | upper) +"),
        CHATML.replace("'<|im_start|>' +", "'<|im_start|>' + (loop.index | string) +"),
        "{% for m in messages %}{{ m['content'] + eos_token }}{% endfor %}{{ messages | length }}",
        "{{ raise_exception('no') }}",
    ],
)
def test_a_template_that_cannot_be_marked_safely_is_refused(template: str) -> None:
    with pytest.raises(UserError, match="cannot be given marks safely"):
        marked(tokenizer(template), "test")
