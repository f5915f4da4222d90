"""Google's Gemini, by the API for developers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from spanwise.clients import api_key, keep_quiet, missing
from spanwise.pairs.generation.answers import Answer, FailedRequestError, Sampling, Stop
from spanwise.pairs.generation.providers.failures import retry_after, unanswered

KEY = "GEMINI_API_KEY"

_STOPS: dict[str | None, Stop] = {"STOP": "whole", "MAX_TOKENS": "truncated"}
_REFUSALS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
        "ESCALATION",
    }
)


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    text: str = ""
    thought: bool = False


class _Content(BaseModel):
    parts: tuple[_Part, ...] = ()


class _Candidate(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    content: _Content = _Content()
    finish_reason: str | None = None


class _Feedback(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    block_reason: str | None = None


class _Usage(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    prompt_token_count: int = Field(ge=0)
    candidates_token_count: int = Field(default=0, ge=0)
    thoughts_token_count: int = Field(default=0, ge=0)


class _Response(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    candidates: tuple[_Candidate, ...] = ()
    prompt_feedback: _Feedback = _Feedback()
    usage_metadata: _Usage | None = None


class Gemini:
    """See `Provider`; the key is `$GEMINI_API_KEY`.

    Args:
        model: What the provider calls the model.
        address: Of another server that speaks the protocol, as in `http://127.0.0.1:8000`.
        timeout: Seconds for one answer.
    """

    name = "gemini"

    def __init__(self, model: str, address: str | None = None, timeout: float = 120.0) -> None:
        self.model = model
        self.address = address
        try:
            import httpx2  # what the package stands on
            from google import genai
            from google.genai import errors, types
        except ImportError:
            raise missing("google-genai", wanted_by="the provider gemini") from None
        keep_quiet()
        self._errors = errors
        self._http = httpx2
        # A client of its own: else aiohttp is taken where it happens to be installed, with other exceptions.
        self._connections = httpx2.AsyncClient(timeout=timeout)
        # Retries are off unless asked for; the timeout is in milliseconds.
        options = types.HttpOptions(
            base_url=address, timeout=round(timeout * 1000), httpx_async_client=self._connections
        )
        self._client: Any = genai.Client(api_key=api_key(KEY), vertexai=False, http_options=options)

    async def ask(self, instructions: str, text: str, sampling: Sampling) -> Answer:
        """See `Provider`."""
        config: dict[str, Any] = {
            "system_instruction": instructions,
            "max_output_tokens": sampling.max_tokens,
            "should_return_http_response": True,
        }
        if sampling.temperature is not None:
            config["temperature"] = sampling.temperature
        try:
            response = await self._client.aio.models.generate_content(
                model=self.model, contents=text, config=config
            )
        except self._errors.APIError as error:
            headers = getattr(error.response, "headers", {})
            raise FailedRequestError(
                type(error).__name__, status=error.code, retry_after=retry_after(headers)
            ) from None
        except self._http.HTTPError as error:
            timed_out = isinstance(error, self._http.TimeoutException)
            raise unanswered(error, type(error).__name__, timed_out=timed_out) from None
        return _read(response.sdk_http_response.body or "")

    async def close(self) -> None:
        """See `Provider`."""
        await self._client.aio.aclose()
        await self._connections.aclose()


def _read(body: str) -> Answer:
    try:
        response = _Response.model_validate_json(body)
    except ValidationError:
        return Answer(text="", stop="malformed")
    candidate = response.candidates[0] if response.candidates else None
    stop = _stop(candidate, response.prompt_feedback)
    parts = candidate.content.parts if candidate and stop in {"whole", "truncated"} else ()
    usage = response.usage_metadata
    return Answer(
        text="".join(part.text for part in parts if not part.thought),
        stop=stop,
        input_tokens=None if usage is None else usage.prompt_token_count,
        output_tokens=None if usage is None else usage.candidates_token_count + usage.thoughts_token_count,
    )


def _stop(candidate: _Candidate | None, feedback: _Feedback) -> Stop:
    if candidate is None:
        return "refused" if feedback.block_reason else "malformed"
    if candidate.finish_reason in _REFUSALS:
        return "refused"
    return _STOPS.get(candidate.finish_reason, "malformed")
