"""Lines of a text file, one way for all formats."""

from __future__ import annotations

from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_text

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def read_lines(path: Path, *, returns: bool = False) -> list[str]:
    """The lines of a UTF-8 file without its byte order mark and their ends, LF or CRLF.

    Args:
        path: The file.
        returns: Let lines hold carriage returns: the caller tells stray ones from text.

    Raises:
        UserError: If it is not UTF-8, or a carriage return stands inside a line: where it ends lines alone,
            many would be read as one.
    """
    lines = [line.removesuffix("\r") for line in read_text(path).removeprefix(BOM).split("\n")]
    for number, line in enumerate(lines, start=1):
        if "\r" in line and not returns:
            raise stray_return(path, number)
    return lines


def stray_return(path: Path, line: int) -> UserError:
    """The error for a carriage return that is neither text nor half of a CRLF."""
    hint = "Line ends must be LF or CRLF: convert them, e.g. `tr '\\r' '\\n'`."
    return UserError("a carriage return inside the line", path=path, line=line, hint=hint)
