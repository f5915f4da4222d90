"""Passages to pairs, by what language models answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from spanwise.pairs.generation.answers import Answer
from spanwise.pairs.generation.asking import Question
from spanwise.pairs.generation.prompts import VERSIONS, Prompt, load_prompt
from spanwise.pairs.generation.recording import Recorded
from spanwise.pairs.records import Pair, Passage
from spanwise.schema import Change

Asked = tuple[Passage, Question]
Reason = str
"""Why there is no answer: one of `asking.Unasked`, or `not_recorded`."""


def questions(passages: Iterable[Passage]) -> Iterator[Asked | Change]:
    """Each passage with what a model is asked about it; one of a domain without a prompt is `no_teacher`."""
    prompts: dict[str, Prompt] = {}
    for passage in passages:
        if passage.domain not in VERSIONS:
            yield Change(kind="left_out", reason="no_teacher", document=passage.id)
            continue
        if passage.domain not in prompts:
            prompts[passage.domain] = load_prompt(passage.domain)
        yield passage, Question(prompts[passage.domain], passage.text)


def replay(asked: Iterable[Question], recorded: Mapping[str, Recorded]) -> list[Answer | Reason]:
    """The recorded answer to each question; `not_recorded` where there is none."""
    found = (recorded.get(question.prompt.digest(question.text)) for question in asked)
    return ["not_recorded" if each is None else Answer(text=each.text, stop=each.stop) for each in found]


def by_model(provider: str, model: str) -> Callable[[Prompt], str]:
    """What pairs of a model are labelled as: `llm:PROVIDER/MODEL@PROMPT`."""
    return lambda prompt: f"llm:{provider}/{model}@{prompt.name}"


def by_recording(name: str) -> Callable[[Prompt], str]:
    """What pairs of recorded answers are labelled as: `recorded:NAME`."""
    return lambda _: f"recorded:{name}"


def taught(
    asked: Sequence[Asked], answers: Iterable[Answer | Reason], teacher: Callable[[Prompt], str]
) -> Iterator[Pair | Change]:
    """A pair of each passage that was answered, and of each other why not.

    Args:
        asked: Passages and their questions.
        answers: To each, in the same order. One that is not whole is left out: `truncated`, `refused`,
            `malformed`.
        teacher: The label of pairs, by prompt.
    """
    for (passage, question), answer in zip(asked, answers, strict=True):
        if not isinstance(answer, Answer) or answer.stop != "whole":
            reason = answer.stop if isinstance(answer, Answer) else answer
            yield Change(kind="left_out", reason=reason, document=passage.id)
            continue
        label = teacher(question.prompt)
        yield Pair(
            id=f"{passage.id}:{label}",
            domain=passage.domain,
            kind=passage.kind,
            original=passage.text,
            compressed=answer.text.strip(),
            language=passage.language,
            teacher=label,
            group=passage.group,
        )
