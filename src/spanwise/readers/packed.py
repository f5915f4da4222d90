"""Text files, perhaps packed by gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_text


def read_packed(path: Path) -> str:
    """The file as UTF-8; one that is named `.gz` is unpacked first.

    Raises:
        UserError: If it cannot be read or unpacked, or is not UTF-8.
    """
    if path.suffix.lower() != ".gz":
        return read_text(path)
    try:
        with gzip.open(path, "rb") as file:
            return file.read().decode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"cannot be unpacked: {error}", path=path) from None
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8: byte {error.start} cannot be decoded", path=path) from None
