"""Many questions to one model: at once, within limits and a budget, each paid once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer, FailedRequestError, Provider, Sampling
from spanwise.pairs.generation.prompts import Prompt
from spanwise.pairs.generation.rates import Rates
from spanwise.pairs.generation.retrying import Sleep, retried
from spanwise.pairs.generation.store import Store, answer_key

MILLION = 10**6
OVERHEAD = 64  # tokens that providers put around two messages; generous
PATIENCE = 20  # texts that are rejected before any is answered: then it is not for what they say

Unasked = Literal["rejected", "budget"]
"""Why there is no answer: the server refuses this text, or the budget would not have covered it."""


@dataclass(frozen=True)
class Price:
    """In one currency, for a million tokens: those that a model reads, and those that it writes."""

    input: float
    output: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Of one answer."""
        return (input_tokens * self.input + output_tokens * self.output) / MILLION


@dataclass(frozen=True)
class Question:
    """A text for a model, with what to do with it."""

    prompt: Prompt
    text: str

    @property
    def most_tokens(self) -> int:
        """No tokenizer of any provider makes more of it: none makes a token of less than a byte."""
        return len((self.prompt.instructions + self.text).encode("utf-8", "surrogatepass")) + OVERHEAD


@dataclass
class Tally:
    """What asking took.

    Attributes:
        requests: Sent, those that failed among them.
        answers: That came.
        from_disk: Answers that were there already.
        input_tokens: Of the answers that came, as the provider counts.
        output_tokens: Likewise.
        cost: Of all requests sent.
    """

    requests: int = 0
    answers: int = 0
    from_disk: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0


class _BudgetReachedError(Exception):
    """What comes next could cost more than is left."""


class Asker:
    """Asks one model.

    Args:
        provider: Of the model.
        store: What keeps answers and counts what was paid.
        price: Of the model's tokens.
        budget: What all that is in the store may cost. A request goes out only if it cannot exceed that, at a
            token for each byte of the question and `max_tokens` for the answer.
        sampling: How the model is to answer.
        rates: The most requests and tokens a minute.
        concurrency: The most requests at once.
        attempts: The most for one question.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        provider: Provider,
        store: Store,
        *,
        price: Price,
        budget: float,
        sampling: Sampling,
        rates: Rates,
        concurrency: int = 8,
        attempts: int = 6,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.tally = Tally()
        self._provider = provider
        self._store = store
        self._price = price
        self._budget = budget
        self._sampling = sampling
        self._rates = rates
        self._concurrency = concurrency
        self._attempts = attempts
        self._sleep = sleep
        self._under_way = self._rejected = 0
        self._settled = asyncio.Condition()
        self._stopped: FailedRequestError | _BudgetReachedError | None = None

    async def ask(self, questions: Sequence[Question]) -> list[Answer | Unasked]:
        """An answer to each question, or why there is none, in their order.

        Equal questions are one. Once a request fails for good, or the budget is reached, no other goes out,
        and what is under way is waited for and kept.

        Raises:
            UserError: If the server cannot be asked; what was answered before is kept.
        """
        keys = [self._key(question) for question in questions]
        found: dict[str, Answer | Unasked] = {}
        waiting = iter(dict(zip(keys, questions, strict=True)).items())
        workers = [self._work(waiting, found) for _ in range(self._concurrency)]
        await asyncio.gather(*workers)
        if isinstance(self._stopped, FailedRequestError):
            raise UserError(
                f"{self._provider.name}, {self._provider.model}: {self._stopped}",
                hint="What was answered before is kept; the same command goes on from there.",
            )
        return [found.get(key, "budget") for key in keys]

    def _key(self, question: Question) -> str:
        return answer_key(
            provider=self._provider.name,
            address=self._provider.address,
            model=self._provider.model,
            prompt=question.prompt.digest(question.text),
            settings=self._sampling.model_dump(),
        )

    async def _work(
        self, waiting: Iterator[tuple[str, Question]], found: dict[str, Answer | Unasked]
    ) -> None:
        """One of those that take questions, until there is none or asking has stopped."""
        for key, question in waiting:
            kept = self._store.find(key)
            if kept is not None:
                self.tally.from_disk += 1
                found[key] = kept
            elif self._stopped is None:
                answer = await self._asked(key, question)
                if answer is not None:
                    found[key] = answer

    async def _asked(self, key: str, question: Question) -> Answer | Unasked | None:
        """An answer, or that the server refuses the text; None if asking has to stop."""

        async def once() -> Answer:
            return await self._once(key, question)

        try:
            return await retried(once, attempts=self._attempts, sleep=self._sleep)
        except FailedRequestError as error:
            self._rejected += error.about_the_text
            if error.about_the_text and (self._rejected < PATIENCE or self.tally.answers):
                return "rejected"
            self._stopped = error
        except _BudgetReachedError as reached:
            self._stopped = self._stopped or reached
        return None

    async def _once(self, key: str, question: Question) -> Answer:
        """One request, paid.

        Raises:
            FailedRequestError: If it brings no answer.
            _BudgetReachedError: If it could cost more than is left.
        """
        most_tokens = question.most_tokens + self._sampling.max_tokens
        most = self._price.cost(question.most_tokens, self._sampling.max_tokens)
        reservation = await self._reserved(most)
        cost, kept = 0.0, None
        try:
            entry = await self._rates.enter(most_tokens)
            self.tally.requests += 1
            cost = most  # also where this program is stopped before the answer
            answer = await self._provider.ask(question.prompt.instructions, question.text, self._sampling)
        except FailedRequestError as error:
            cost = most if error.charged else 0.0
            raise
        else:
            cost, entry.tokens = self._paid(answer, most, most_tokens)
            kept = None if answer.stop == "malformed" else answer
            return answer
        finally:
            await self._settle(reservation, cost, key, kept)

    async def _reserved(self, most: float) -> str:
        async with self._settled:
            while (reservation := self._store.reserve(most, self._budget)) is None:
                if not self._under_way:
                    raise _BudgetReachedError
                await self._settled.wait()  # what is under way will have cost less than it could
            self._under_way += 1
            return reservation

    async def _settle(self, reservation: str, cost: float, key: str, kept: Answer | None) -> None:
        self._store.settle(reservation, cost, key=key, answer=kept)
        self.tally.cost += cost
        async with self._settled:
            self._under_way -= 1
            self._settled.notify_all()

    def _paid(self, answer: Answer, most: float, most_tokens: int) -> tuple[float, int]:
        """Cost and tokens of an answer; where the provider does not say, the most that they can be."""
        self.tally.answers += 1
        if answer.input_tokens is None or answer.output_tokens is None:
            return most, most_tokens
        self.tally.input_tokens += answer.input_tokens
        self.tally.output_tokens += answer.output_tokens
        cost = self._price.cost(answer.input_tokens, answer.output_tokens)
        return cost, answer.input_tokens + answer.output_tokens
