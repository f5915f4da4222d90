"""Anthropic's messages."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from spanwise.clients import api_key, keep_quiet, missing
from spanwise.pairs.generation.answers import Answer, Sampling, Stop
from spanwise.pairs.generation.providers.failures import told

KEY = "ANTHROPIC_API_KEY"

_STOPS: dict[str | None, Stop] = {
    "end_turn": "whole",
    "stop_sequence": "whole",
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "refusal": "refused",
}


class _Block(BaseModel):
    type: str
    text: str = ""


class _Usage(BaseModel):
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_creation_input_tokens: int | None = Field(default=None, ge=0)
    cache_read_input_tokens: int | None = Field(default=None, ge=0)

    @property
    def read(self) -> int:
        """All that went in: the provider's cache is not asked for, but would be counted apart."""
        return (
            self.input_tokens + (self.cache_creation_input_tokens or 0) + (self.cache_read_input_tokens or 0)
        )


class _Message(BaseModel):
    content: tuple[_Block, ...]
    stop_reason: str | None = None
    usage: _Usage | None = None


class Anthropic:
    """See `Provider`; the key is `$ANTHROPIC_API_KEY`.

    Args:
        model: What the provider calls the model.
        address: Of another server that speaks the protocol, as in `http://127.0.0.1:8000`.
        timeout: Seconds for one answer.
    """

    name = "anthropic"

    def __init__(self, model: str, address: str | None = None, timeout: float = 120.0) -> None:
        self.model = model
        self.address = address
        try:
            import anthropic
        except ImportError:
            raise missing("anthropic", wanted_by="the provider anthropic") from None
        keep_quiet()
        self._sdk: Any = anthropic
        self._client: Any = anthropic.AsyncAnthropic(
            api_key=api_key(KEY), base_url=address, timeout=timeout, max_retries=0
        )

    async def ask(self, instructions: str, text: str, sampling: Sampling) -> Answer:
        """See `Provider`."""
        # The package knows no temperature any more; models that do are told beside it.
        beside = {} if sampling.temperature is None else {"temperature": sampling.temperature}
        try:
            response = await self._client.messages.with_raw_response.create(
                model=self.model,
                system=instructions,
                messages=[{"role": "user", "content": text}],
                max_tokens=sampling.max_tokens,
                extra_body=beside,
            )
        except self._sdk.AnthropicError as error:
            raise told(error, self._sdk) from None
        return _read(await response.text())

    async def close(self) -> None:
        """See `Provider`."""
        await self._client.close()


def _read(body: str) -> Answer:
    try:
        message = _Message.model_validate_json(body)
    except ValidationError:
        return Answer(text="", stop="malformed")
    stop = _STOPS.get(message.stop_reason, "malformed")
    text = "".join(block.text for block in message.content if block.type == "text")
    return Answer(
        text=text if stop in {"whole", "truncated"} else "",
        stop=stop,
        input_tokens=None if message.usage is None else message.usage.read,
        output_tokens=None if message.usage is None else message.usage.output_tokens,
    )
