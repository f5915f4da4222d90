"""The providers' own packages, asked through one interface. Retries are not theirs to do: see `retrying`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Provider
from spanwise.pairs.generation.providers.anthropic import Anthropic
from spanwise.pairs.generation.providers.gemini import Gemini
from spanwise.pairs.generation.providers.openai import OpenAI

PROVIDERS: Mapping[str, Callable[[str, str | None, float], Provider]] = {
    "anthropic": Anthropic,
    "gemini": Gemini,
    "openai": OpenAI,
}


def connect(name: str, model: str, *, address: str | None = None, timeout: float = 120.0) -> Provider:
    """A provider to ask, with the key that the environment holds.

    Args:
        name: One of `PROVIDERS`.
        model: What the provider calls the model.
        address: Of another server that speaks its protocol.
        timeout: Seconds for one answer.

    Raises:
        UserError: If there is no such provider, its package is not installed, or the environment has no key.
    """
    if name not in PROVIDERS:
        raise UserError(f"no provider {name!r}", hint=f"One of {', '.join(PROVIDERS)}.")
    return PROVIDERS[name](model, address, timeout)
