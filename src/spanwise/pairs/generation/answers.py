"""What is asked of a language model, what it answers, and how asking fails."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

Stop = Literal["whole", "truncated", "refused", "malformed"]
"""How an answer ended: as the model wanted; at the most tokens allowed; by a refusal, of the model or of a
filter; or as something that the protocol does not know."""


class Sampling(BaseModel):
    """How a model is to answer.

    Attributes:
        max_tokens: The most it may write, thoughts included.
        temperature: 0 to 2; None for what the model has by itself, as some accept no other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_tokens: int = Field(default=2048, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)


class Answer(BaseModel):
    """What a model wrote.

    Attributes:
        text: Its answer; empty unless `stop` is `whole` or `truncated`.
        stop: How it ended.
        input_tokens: Of the question, as the provider counts; None where it does not say.
        output_tokens: Of the answer, thoughts included; None likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    stop: Stop
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)


class FailedRequestError(Exception):
    """A request that brought no answer. Its message holds nothing of what was asked.

    Args:
        kind: What happened, in the words of the provider's package: the name of its exception.
        status: Of the HTTP answer, if there was one.
        timed_out: Whether none came in time.
        charged: Whether it may be charged all the same: it went out, and nobody knows what became of it.
        retry_after: Seconds that the server asks to wait.
    """

    def __init__(
        self,
        kind: str,
        *,
        status: int | None = None,
        timed_out: bool = False,
        charged: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.kind = kind
        self.status = status
        self.timed_out = timed_out
        self.charged = charged
        self.retry_after = retry_after
        super().__init__(f"{kind}, status {status}" if status is not None else kind)

    @property
    def transient(self) -> bool:
        """Whether asking once more may help: too many requests, an error of the server, a timeout."""
        return self.timed_out or (
            self.status is not None and (self.status in {408, 429} or self.status >= 500)
        )

    @property
    def about_the_text(self) -> bool:
        """Whether the server refuses this one request: others may pass."""
        return self.status in {400, 413, 422}


class Provider(Protocol):
    """Somebody who has language models to ask.

    Attributes:
        name: Of the provider.
        model: What it calls the model.
        address: Of the server, as far as it was given; part of what answers are kept by.
    """

    name: str
    model: str
    address: str | None

    async def ask(self, instructions: str, text: str, sampling: Sampling) -> Answer:
        """One answer, asked for once.

        Raises:
            FailedRequestError: If there is none.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
