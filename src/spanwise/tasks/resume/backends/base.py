"""What a backend is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from spanwise.documents import ReadDocument


class Backend(Protocol):
    """Finds the fields of résumés."""

    @property
    def name(self) -> str:
        """What it is called in the sidecar."""
        ...

    def __call__(self, documents: Sequence[ReadDocument]) -> Iterator[dict[str, Any]]:
        """For each document the tree of `model.Resume` with `value.Value`s, in their order.

        Args:
            documents: With the status `ok`.
        """
        ...
