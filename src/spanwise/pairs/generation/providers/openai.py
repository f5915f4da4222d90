"""OpenAI, and servers that speak its protocol of chat completions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from spanwise.clients import KEY, api_key, keep_quiet, missing
from spanwise.pairs.generation.answers import Answer, Sampling, Stop
from spanwise.pairs.generation.providers.failures import told

_STOPS: dict[str | None, Stop] = {"stop": "whole", "length": "truncated", "content_filter": "refused"}


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Completion(BaseModel):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAI:
    """See `Provider`; the key is `$OPENAI_API_KEY`.

    Args:
        model: What the provider calls the model.
        address: Of another server that speaks the protocol, as in `http://127.0.0.1:8000/v1`.
        timeout: Seconds for one answer.
    """

    name = "openai"

    def __init__(self, model: str, address: str | None = None, timeout: float = 120.0) -> None:
        self.model = model
        self.address = address
        try:
            import openai
        except ImportError:
            raise missing("openai", wanted_by="the provider openai") from None
        keep_quiet()
        self._sdk: Any = openai
        self._client: Any = openai.AsyncOpenAI(
            api_key=api_key(KEY, hint="A server of your own may take any word."),
            base_url=address,
            timeout=timeout,
            max_retries=0,
        )

    async def ask(self, instructions: str, text: str, sampling: Sampling) -> Answer:
        """See `Provider`."""
        settings: dict[str, Any] = {"max_completion_tokens": sampling.max_tokens}
        if sampling.temperature is not None:
            settings["temperature"] = sampling.temperature
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": text}]
        try:
            response = await self._client.chat.completions.with_raw_response.create(
                model=self.model, messages=messages, **settings
            )
        except self._sdk.OpenAIError as error:
            raise told(error, self._sdk) from None
        return _read(response.text)

    async def close(self) -> None:
        """See `Provider`."""
        await self._client.close()


def _read(body: str) -> Answer:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return Answer(text="", stop="malformed")
    choice, usage = completion.choices[0], completion.usage
    stop = "refused" if choice.message.refusal else _STOPS.get(choice.finish_reason, "malformed")
    return Answer(
        text=(choice.message.content or "") if stop in {"whole", "truncated"} else "",
        stop=stop,
        input_tokens=None if usage is None else usage.prompt_tokens,
        output_tokens=None if usage is None else usage.completion_tokens,
    )
