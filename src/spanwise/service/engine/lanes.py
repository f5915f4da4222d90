"""What a thread of inference does: a batch at once, and where that fails each item alone."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from spanwise.errors import UserError
from spanwise.service.contract import DeadlineError, ItemError, ServiceError
from spanwise.service.engine.tickets import TOO_LATE, Outcome, R, T, Ticket, Work

LOG = logging.getLogger(__name__)

UNTOLD = "the document could not be processed"


@dataclass(frozen=True)
class Computed(Generic[R]):
    """What became of a batch, in its order, and the seconds that it took."""

    outcomes: list[Outcome[R]]
    seconds: float


def compute(work: Work[T, R], tickets: Sequence[Ticket[T, R]]) -> Computed[R]:
    """Do the work of a batch.

    Where it fails as a whole, each item is tried alone, so that one that cannot be computed fails alone.
    """
    began = time.monotonic()
    values = _together(work, [ticket.item for ticket in tickets])
    if isinstance(values, list):
        outcomes = [Outcome(value, len(tickets)) for value in values]
    elif len(tickets) == 1:
        outcomes = [Outcome(values, 1)]
    else:
        outcomes = [_alone(work, ticket) for ticket in tickets]
    return Computed(outcomes, time.monotonic() - began)


def failure(error: BaseException) -> ServiceError:
    """What may be said of a failure: what the library says of a document, since it never quotes one.

    Any other is the server's: only its class and place are logged, since its message might hold a text.

    The failure itself is left behind: its traceback would keep the document and the model in memory.
    """
    if isinstance(error, ServiceError):
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)
    if isinstance(error, UserError):
        return ItemError(error.reason)
    LOG.error("an operation failed: %s at %s", type(error).__name__, _place(error))
    return ServiceError(UNTOLD)


def _place(error: BaseException) -> str:
    """The module and the line where it was raised."""
    frames = list(traceback.walk_tb(error.__traceback__))
    return f"{frames[-1][0].f_globals.get('__name__', '?')}:{frames[-1][1]}" if frames else "?"


def _alone(work: Work[T, R], ticket: Ticket[T, R]) -> Outcome[R]:
    if not ticket.wanted(time.monotonic()):
        return Outcome(DeadlineError(TOO_LATE), 0)
    values = _together(work, [ticket.item])
    return Outcome(values[0] if isinstance(values, list) else values, 1)


def _together(work: Work[T, R], items: Sequence[T]) -> list[R | Exception] | ServiceError:
    """A value for each item, or what went wrong with all of them."""
    try:
        values = list(work(items))
    except Exception as error:  # whatever it is, the others go on
        return failure(error)
    if len(values) != len(items):
        return ItemError("the model gave another number of answers than it was asked for")
    return [failure(value) if isinstance(value, Exception) else value for value in values]
