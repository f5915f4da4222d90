"""Why a file could not be read."""

from __future__ import annotations

from spanwise.documents.document import Status


class Unreadable(Exception):
    """A file that has no text to give.

    Args:
        status: What the record says.
        reason: What was wrong, in words that hold nothing of the file.
    """

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
