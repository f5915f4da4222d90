"""The one exception that tells a user what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class UserError(Exception):
    """Something that the user can mend: bad input, a bad setting, a missing file.

    Commands print it without a traceback and exit with code 1.

    Args:
        reason: What is wrong, and what was expected instead.
        path: The file at fault.
        line: The line at fault, counted from 1.
        hint: What to do about it.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        self.hint = hint
        super().__init__(str(self))

    @property
    def location(self) -> str:
        """`path:line`, as editors and terminals understand it; empty when no file is at fault."""
        if self.path is None:
            return ""
        return f"{self.path}:{self.line}" if self.line is not None else str(self.path)

    def __str__(self) -> str:
        message = f"{self.location}: {self.reason}" if self.location else self.reason
        return f"{message}\n  {self.hint}" if self.hint else message


class UserErrors(UserError):
    """Several of them, reported at once."""

    def __init__(self, errors: Sequence[UserError], *, hint: str | None = None) -> None:
        self.errors = tuple(errors)
        listing = "\n".join(str(error) for error in errors)
        noun = "error" if len(errors) == 1 else "errors"
        super().__init__(f"{len(errors)} {noun}:\n{listing}", hint=hint)


def first_line(error: BaseException) -> str:
    """What an error of a library says first; its kind where it says nothing."""
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
