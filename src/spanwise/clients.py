"""Clients of language models: their packages, keys from the environment, and one for OpenAI's protocol."""

from __future__ import annotations

import logging
import os
from typing import Any

from spanwise.errors import UserError

KEY = "OPENAI_API_KEY"

_TALKATIVE = ("openai", "anthropic", "google_genai", "httpx2", "httpcore2")


def connect(base_url: str, *, wanted_by: str, timeout: float, retries: int) -> Any:
    """A client of OpenAI's own package, with the key that the environment holds.

    Args:
        base_url: Of the server, as in `http://127.0.0.1:8000/v1`.
        wanted_by: What asks, for messages.
        timeout: Seconds for one answer.
        retries: After a failed connection, a full queue or an error of the server.

    Raises:
        UserError: If the package is not installed, or the environment has no key.
    """
    try:
        import openai
    except ImportError:
        raise missing("openai", wanted_by=wanted_by) from None
    keep_quiet()
    key = api_key(KEY, hint="A server of your own may take any word.")
    return openai.OpenAI(base_url=base_url, api_key=key, timeout=timeout, max_retries=retries)


def missing(package: str, *, wanted_by: str) -> UserError:
    """What to tell where a provider's package is not installed.

    Args:
        package: As pip knows it.
        wanted_by: What asks.
    """
    return UserError(f"{wanted_by} needs {package}", hint="pip install 'spanwise[llm]'")


def keep_quiet() -> None:
    """Keep the providers' packages from writing what is sent to logs, as they do at level DEBUG."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.INFO:
            logger.setLevel(logging.INFO)


def api_key(variable: str, *, hint: str | None = None) -> str:
    """The key that the environment holds.

    Args:
        variable: Of the environment.
        hint: What to do without.

    Raises:
        UserError: If there is none.
    """
    key = os.environ.get(variable)
    if not key:
        raise UserError(f"the environment has no {variable}", hint=hint)
    return key
