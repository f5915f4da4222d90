"""Asking again where that may help: later each time, and not before the server wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import FailedRequestError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

FIRST, LONGEST = 1.0, 60.0  # seconds: the wait doubles from one to the other
PATIENCE = 600.0  # seconds: a server that wants more of them before the next request is left alone


async def retried(ask: Callable[[], Awaitable[T]], *, attempts: int, sleep: Sleep = asyncio.sleep) -> T:
    """What `ask` gives, asked up to `attempts` times while failures are transient.

    Waits are drawn at random below a bound that doubles ("full jitter"), and are at least as long as the
    server asks for.

    Args:
        ask: Asks once.
        attempts: At least one.
        sleep: Waits for some seconds.

    Raises:
        FailedRequestError: The last failure, or the first that is not transient.
        UserError: If tenacity is not installed.
    """
    try:
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
    except ImportError:
        raise UserError("asking again takes tenacity", hint="pip install 'spanwise[llm]'") from None
    backoff = wait_random_exponential(multiplier=FIRST, max=LONGEST)

    def wait(state: RetryCallState) -> float:
        return max(backoff(state), _asked_for(state) or 0.0)

    retrying = AsyncRetrying(
        stop=stop_after_attempt(attempts),
        wait=wait,
        retry=retry_if_exception(_may_pass),
        sleep=sleep,
        reraise=True,
    )
    return await retrying(ask)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, FailedRequestError) and error.transient and (error.retry_after or 0) <= PATIENCE


def _asked_for(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, FailedRequestError) else None
