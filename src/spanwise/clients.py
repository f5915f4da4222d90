"""Servers of language models that speak OpenAI's protocol."""

from __future__ import annotations

import os
from typing import Any

from spanwise.errors import UserError

KEY = "OPENAI_API_KEY"


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
        raise UserError(f"{wanted_by} needs openai", hint="pip install 'spanwise[llm]'") from None
    key = os.environ.get(KEY)
    if not key:
        raise UserError(f"the environment has no {KEY}", hint="A server of your own may take any word.")
    return openai.OpenAI(base_url=base_url, api_key=key, timeout=timeout, max_retries=retries)
