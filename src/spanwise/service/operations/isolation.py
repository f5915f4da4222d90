"""One document that fails takes no other along."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from spanwise.errors import UserError
from spanwise.service.contract import Answer, Item, ItemError, Operation, ServiceError

LOG = logging.getLogger(__name__)


def isolated(operation: Operation) -> Operation:
    """The same operation, which gives documents one by one where it fails on several.

    What the library says is wrong with a document becomes an `ItemError`, since it never quotes one. Of any
    other fault, which is the server's, only the class is logged, since its message might.
    """

    def compute(items: Sequence[Item]) -> Sequence[Answer | Exception]:
        try:
            return operation(items)
        except Exception as error:
            if len(items) == 1:
                return [_told(error)]
        return [compute([item])[0] for item in items]

    return compute


def _told(error: Exception) -> Exception:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, UserError):
        return ItemError(error.reason)
    LOG.error("an operation failed: %s", type(error).__name__)
    return ServiceError("the document could not be processed")
