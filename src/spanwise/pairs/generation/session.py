"""One run of asking a model, from its settings to its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer, Sampling
from spanwise.pairs.generation.asking import Asker, Price, Question, Tally, Unasked
from spanwise.pairs.generation.providers import connect
from spanwise.pairs.generation.rates import Rates
from spanwise.pairs.generation.recording import Recorded, write_recorded
from spanwise.pairs.generation.store import Store, opened


@dataclass(frozen=True)
class Model:
    """Whom to ask, and what that costs.

    Attributes:
        provider: One of `providers.PROVIDERS`.
        name: What the provider calls the model.
        price: Of its tokens.
        address: Of another server that speaks the provider's protocol.
        timeout: Seconds for one answer.
    """

    provider: str
    name: str
    price: Price
    address: str | None = None
    timeout: float = 120.0


@dataclass(frozen=True)
class Limits:
    """How far a run may go.

    Attributes:
        budget: What all that is in the store may cost.
        requests: The most a minute; None for any number.
        tokens: The most a minute, in and out; None likewise.
        concurrency: The most requests at once.
        attempts: The most for one question.
    """

    budget: float
    requests: int | None = None
    tokens: int | None = None
    concurrency: int = 8
    attempts: int = 6


@dataclass(frozen=True)
class Session:
    """What a run gave.

    Attributes:
        answers: To each question, or why there is none, in their order.
        tally: What asking took.
        spent: What all that is in the store has cost.
        unsettled: The most that requests of killed runs can have cost beside that.
    """

    answers: list[Answer | Unasked]
    tally: Tally
    spent: float
    unsettled: float


def ask_model(
    questions: Sequence[Question], model: Model, *, folder: Path, limits: Limits, sampling: Sampling
) -> Session:
    """Ask a model all questions that the folder has no answer to.

    Args:
        questions: In the order in which they are asked.
        model: Whom to ask.
        folder: Keeps answers and what was paid.
        limits: How far to go.
        sampling: How the model is to answer.

    Raises:
        UserError: If the server cannot be asked, a package is not installed, or there is no key.
    """
    with opened(folder) as store:
        return asyncio.run(_asked(questions, model, store, limits, sampling))


async def _asked(
    questions: Sequence[Question], model: Model, store: Store, limits: Limits, sampling: Sampling
) -> Session:
    provider = connect(model.provider, model.name, address=model.address, timeout=model.timeout)
    asker = Asker(
        provider,
        store,
        price=model.price,
        budget=limits.budget,
        sampling=sampling,
        rates=Rates(requests=limits.requests, tokens=limits.tokens),
        concurrency=limits.concurrency,
        attempts=limits.attempts,
    )
    try:
        answers = await asker.ask(questions)
    finally:
        await provider.close()
    return Session(answers, asker.tally, store.spent, store.unsettled)


def record_answers(
    path: Path, questions: Sequence[Question], answers: Sequence[Answer | Unasked], model: Model
) -> int:
    """Write what was answered for `recording.read_recorded`; how many answers there are.

    Raises:
        UserError: If there is none.
    """
    found = [
        Recorded(
            prompt=question.prompt.digest(question.text),
            provider=model.provider,
            model=model.name,
            text=answer.text,
            stop=answer.stop,
        )
        for question, answer in zip(questions, answers, strict=True)
        if isinstance(answer, Answer)
    ]
    if not found:
        raise UserError("there is no answer to record", path=path)
    write_recorded(path, found)
    return len(found)
