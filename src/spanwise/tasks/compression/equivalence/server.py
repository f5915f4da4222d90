"""A model behind an OpenAI-compatible server that answers prompts. The texts go to the server whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from spanwise.clients import connect
from spanwise.errors import UserError


@dataclass
class Server:
    """Asks one model, prompt by prompt.

    Attributes:
        base_url: Of the server, as in `http://127.0.0.1:8000/v1`.
        model: What the server calls it.
        max_tokens: The longest answer.
        seed: Told to the server, with temperature 0: the same question should have the same answer.
        timeout: Seconds for one answer.
        retries: After a failed connection, a full queue or an error of the server.
        read: The tokens of all prompts so far, as the server counts them.
    """

    base_url: str
    model: str
    max_tokens: int = 256
    seed: int = 13
    timeout: float = 120.0
    retries: int = 2
    read: int = field(default=0, init=False)

    def __call__(self, prompts: Sequence[str]) -> list[str]:
        """The answer to each prompt.

        Raises:
            UserError: If the package or a key is missing, or the server fails.
        """
        return [self._answer(prompt) for prompt in prompts]

    def _answer(self, prompt: str) -> str:
        client = self._client
        import openai

        try:
            response = client.chat.completions.create(
                model=self.model,
                messages=[{"role": "user", "content": prompt}],
                max_tokens=self.max_tokens,
                temperature=0,
                seed=self.seed,
            )
        except openai.OpenAIError as error:
            # The message may quote the request, and that holds the user's text.
            raise UserError(f"{self.model}: no answer: {type(error).__name__}") from None
        self.read += response.usage.prompt_tokens if response.usage is not None else 0
        return (response.choices[0].message.content or "") if response.choices else ""

    @cached_property
    def _client(self) -> Any:
        return connect(
            self.base_url, wanted_by="answering prompts", timeout=self.timeout, retries=self.retries
        )
