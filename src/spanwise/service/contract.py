"""What the parts of the service say to each other: items, answers, failures, and what is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel

if TYPE_CHECKING:
    from spanwise.documents import ReadDocument

Endpoint = Literal["extract", "parse", "anonymise", "compress", "generate"]
ENDPOINTS: tuple[Endpoint, ...] = ("extract", "parse", "anonymise", "compress", "generate")

RULES = "rules"
"""The name of what answers where no model is deployed; its version is that of the package."""


@dataclass(frozen=True)
class Item:
    """One document of a request.

    Attributes:
        text: Of the document, as Unicode.
        options: Of the operation, frozen; documents of one batch may have different ones.
        document: What was read of an uploaded file; None of text.
    """

    text: str
    options: BaseModel
    document: ReadDocument | None = None


@dataclass(frozen=True)
class Answer:
    """What is said of one document.

    Attributes:
        value: The body, ready for JSON.
        labels: Of what was found, for the mix of types that is watched; never a text.
        confidences: Of each of these, calibrated, in their order.
    """

    value: dict[str, Any]
    labels: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()


class Operation(Protocol):
    """What an endpoint does with documents. It blocks, and is called by one thread at a time."""

    def __call__(self, items: Sequence[Item]) -> Sequence[Answer | Exception]:
        """An answer for each item in their order, or what went wrong with it alone."""
        ...


class Loader(Protocol):
    """Makes operations, e.g. `operations.load`."""

    def __call__(self, endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
        """The operation of an endpoint with the packaged model in `folder`, or with rules alone (None).

        Raises:
            UserError: If the folder holds no whole model for it, or there are no rules for it.
        """
        ...


@dataclass(frozen=True)
class Served:
    """An answer, and who gave it.

    Attributes:
        model: The name in the registry, or `RULES`.
        version: Its version, as resolved.
        fallback: Whether rules stood in for a model that is not deployed.
        cached: Whether it was given before.
        batch: How many documents were computed with this one, itself counted; 0 if it was cached.
    """

    answer: Answer
    model: str
    version: str
    fallback: bool = False
    cached: bool = False
    batch: int = 1


class ServiceError(Exception):
    """Why a request is not answered: the code is stable, and the message never quotes the body."""

    code = "internal"


class QueueFullError(ServiceError):
    """More waits than can be answered in time."""

    code = "overloaded"

    def __init__(self, retry_after: float) -> None:
        super().__init__("more requests wait than can be answered in time")
        self.retry_after = retry_after


class DrainingError(ServiceError):
    """The server is about to stop and takes nothing new."""

    code = "draining"


class DeadlineError(ServiceError):
    """The answer would come later than the client waits for it."""

    code = "deadline-exceeded"


class NoModelError(ServiceError):
    """No model is deployed for the endpoint, and no rules can stand in."""

    code = "no-model"


class NoVersionError(ServiceError):
    """The version that was asked for is not deployed."""

    code = "no-version"


class ItemError(ServiceError):
    """This document alone cannot be answered for."""

    code = "document-failed"


@dataclass(frozen=True)
class ModelState:
    """A version that is loaded, or why it is not.

    Attributes:
        stages: Where the registry puts it.
        state: `loading`, `ready`, `failed` or `retiring` (it finishes what it has begun).
        reason: Why it failed, without a text.
        digest: Of its folder's files, from the registry.
    """

    name: str
    version: str
    endpoint: Endpoint
    state: Literal["loading", "ready", "failed", "retiring"]
    stages: tuple[str, ...] = ()
    backend: str = ""
    digest: str = ""
    reason: str = ""
    metrics: dict[str, float] = field(default_factory=dict)


class Observer:
    """Told of what happens in the engine; this one forgets it. `observability.metrics` counts."""

    def queued(self, endpoint: Endpoint, depth: int) -> None:
        """The number of documents that wait has changed."""

    def batched(self, endpoint: Endpoint, size: int, seconds: float) -> None:
        """A batch was computed."""

    def looked_up(self, endpoint: Endpoint, *, hit: bool) -> None:
        """The cache was asked."""

    def swapped(self, name: str, version: str, seconds: float) -> None:
        """A version took the place of another."""

    def answered(self, served: Served) -> None:
        """A document was answered for."""
