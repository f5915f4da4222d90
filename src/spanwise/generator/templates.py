"""Chat templates with `{% generation %}` around what the assistant says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from spanwise.errors import UserError

Origin = Literal["own", "known", "derived", "fallback"]
"""`own` came with the model, `known` is TRL's version of that, `derived` writes the same as that by trial,
and `fallback` is of this module, for base models that came with none."""

SETTINGS: dict[str, Any] = {"enable_thinking": False}
"""Told to every template: Qwen3 would think aloud before it answers."""

FALLBACK = """\
{{- bos_token -}}
{%- for message in messages -%}
{%- if message['role'] == 'user' -%}
{%- set before = messages[loop.index0 - 1] if not loop.first else {'role': none} -%}
{%- set system = before['content'] + '\\n\\n' if before['role'] == 'system' else '' -%}
{{- '[INST] ' + system + message['content'] + ' [/INST]' -}}
{%- elif message['role'] == 'assistant' -%}
{%- generation -%}{{- ' ' + message['content'] + eos_token -}}{%- endgeneration -%}
{%- endif -%}
{%- endfor -%}
"""
"""Mistral's format for instructions (Jiang et al. 2023, arXiv 2310.06825), in any model's own tokens."""

MARK = re.compile(r"\{%-?\s*generation\s*-?%\}")
WORDS = ("Qazwsx", "Edcrfv", "Tgbyhn", "Ujmikol", "Plokmij")  # that no template holds


def marked(tokenizer: PreTrainedTokenizerBase, source: str) -> tuple[str, Origin]:
    """A template that writes what the tokenizer's own does, with the assistant's part marked.

    Raises:
        UserError: If the tokenizer's template has no marks and cannot be given any safely.
    """
    own = tokenizer.chat_template
    if isinstance(own, dict):  # several, by name
        own = own.get("default") or next(iter(own.values()))
        tokenizer.chat_template = own
    if not own:
        return FALLBACK, "fallback"
    if MARK.search(own):
        return own, "own"
    from trl.chat_template_utils import get_training_chat_template  # slow to import, and for training alone

    try:
        known = get_training_chat_template(tokenizer)
    except (ValueError, TemplateError, TypeError):  # TRL does not know it
        known = None
    if known is not None:
        return known, "known"
    return _derived(tokenizer, source), "derived"


@dataclass(frozen=True)
class _Parts:
    """What a template writes around the words of a dialogue.

    Attributes:
        opening: Before a first message of the user; None where there is no such dialogue.
        system: Before and behind a system message; None where the template refuses one.
        close: Behind a message of the user.
        prompt: Behind that, where the assistant is to write.
        head: Behind that, before what the assistant says.
        stop: Behind what the assistant says, up to the token that ends it.
        rest: Behind that token.
        between: Before a further message of the user.
    """

    opening: str
    system: tuple[str, str] | None
    close: str
    prompt: str
    head: str
    stop: str
    rest: str
    between: str

    def template(self) -> str:
        """As Jinja."""
        quoted = {
            name: json.dumps(value, ensure_ascii=False)
            for name, value in vars(self).items()
            if isinstance(value, str)
        }
        if self.system is None:
            first = "{{- raise_exception('no system messages') -}}"
        else:
            before, behind = (json.dumps(text, ensure_ascii=False) for text in self.system)
            first = f"{{{{- {before} + messages[0]['content'] + {behind} -}}}}"
        return (
            "{%- if messages[0]['role'] == 'system' -%}"
            f"{first}{{%- set turns = messages[1:] -%}}"
            f"{{%- else -%}}{{{{- {quoted['opening']} -}}}}{{%- set turns = messages -%}}{{%- endif -%}}"
            "{%- for turn in turns -%}{%- if turn['role'] == 'user' -%}"
            f"{{%- if not loop.first -%}}{{{{- {quoted['between']} -}}}}{{%- endif -%}}"
            f"{{{{- turn['content'] + {quoted['close']} -}}}}"
            "{%- elif turn['role'] == 'assistant' -%}"
            f"{{{{- {quoted['prompt']} -}}}}{{%- generation -%}}"
            f"{{{{- {quoted['head']} + turn['content'] + {quoted['stop']} -}}}}{{%- endgeneration -%}}"
            f"{{{{- {quoted['rest']} -}}}}"
            "{%- else -%}{{- raise_exception('unknown role') -}}{%- endif -%}{%- endfor -%}"
            f"{{%- if add_generation_prompt -%}}{{{{- {quoted['prompt']} -}}}}{{%- endif -%}}"
        )


def _derived(tokenizer: PreTrainedTokenizerBase, source: str) -> str:
    """A marked template that writes the same as the tokenizer's own in every dialogue that is tried.

    Raises:
        UserError: If there is none: the own template depends on more than roles and their order.
    """
    own = str(tokenizer.chat_template)
    parts = None if "strftime_now" in own else _taken_apart(tokenizer)
    if parts is not None:
        template = parts.template()
        if _same(tokenizer, own, template, system=parts.system is not None):
            return template
    raise UserError(
        f"model source {source}: its chat template does not mark answers, and cannot be given marks safely",
        hint="Put {% generation %} and {% endgeneration %} around the assistant's part of the template that "
        "lies with the tokenizer, and name that folder as model.tokenizer.",
    )


def _write(
    tokenizer: PreTrainedTokenizerBase,
    dialogue: list[dict[str, str]],
    template: str | None = None,
    **settings: Any,
) -> str:
    return str(
        tokenizer.apply_chat_template(
            dialogue, tokenize=False, chat_template=template, **SETTINGS, **settings
        )
    )


def _said(*words: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in words]


def _taken_apart(tokenizer: PreTrainedTokenizerBase) -> _Parts | None:
    """What a template writes around words; None where that is not the same in every turn."""
    system, one, two, three, four = WORDS
    turns = _said(("user", one), ("assistant", two), ("user", three), ("assistant", four))
    try:
        opening, said, between, again, end = _pieces(_write(tokenizer, turns), one, two, three, four)
        closed = _write(tokenizer, turns[:1]).removeprefix(opening + one)
        asked = _write(tokenizer, turns[:1], add_generation_prompt=True).removeprefix(opening + one)
    except (TemplateError, ValueError):
        return None
    place = _stop_place(tokenizer, end)
    alike = said == again and said.startswith(asked) and asked.startswith(closed) and between.startswith(end)
    if not alike or place is None:
        return None
    try:
        pieces = _pieces(_write(tokenizer, [*_said(("system", system)), *turns[:2]]), system, one, two)
    except (TemplateError, ValueError):
        pieces = None
    return _Parts(
        opening=opening,
        system=None if pieces is None else (pieces[0], pieces[1]),
        close=closed,
        prompt=asked.removeprefix(closed),
        head=said.removeprefix(asked),
        stop=end[:place],
        rest=end[place:],
        between=between.removeprefix(end),
    )


def _pieces(text: str, *words: str) -> list[str]:
    """What stands before, between and behind the words.

    Raises:
        ValueError: If a word is not there.
    """
    pieces = []
    for word in words:
        before, text = text.split(word)
        pieces.append(before)
    return [*pieces, text]


def _stop_place(tokenizer: PreTrainedTokenizerBase, end: str) -> int | None:
    """Where the first special token ends in what is behind an answer."""
    special = {*tokenizer.get_added_vocab(), *tokenizer.all_special_tokens}
    ends = [(end.index(token), -len(token)) for token in special if token and token in end]
    if not ends:
        return None
    start, length = min(ends)
    return start - length


def _same(tokenizer: PreTrainedTokenizerBase, own: str, template: str, *, system: bool) -> bool:
    """Whether two templates write the same in every dialogue that is tried."""
    for dialogue, prompted in product(_dialogues(system=system), (False, True)):
        asks = prompted and dialogue[-1]["role"] != "assistant"
        try:
            expected = _write(tokenizer, dialogue, own, add_generation_prompt=asks)
            if _write(tokenizer, dialogue, template, add_generation_prompt=asks) != expected:
                return False
        except TemplateError:
            return False
    return True


def _dialogues(*, system: bool) -> Iterator[list[dict[str, str]]]:
    """Dialogues of one to three turns, with what other templates react to."""
    texts = ["Yes.", "two\n\nlines", "<think>\nno\n</think>\n\nSo {{ it }} is", "Été : 5 µg/kg \U0001f489"]
    for length, first in product((1, 2, 3, 4, 5), range(len(texts))):
        roles = [("user", "assistant")[turn % 2] for turn in range(length)]
        said = [(role, texts[(first + turn) % len(texts)]) for turn, role in enumerate(roles)]
        yield _said(*said)
        if system:
            yield _said(("system", texts[first]), *said)
