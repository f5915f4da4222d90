"""The secret that aliases and vaults depend on, and the keys made from it."""

from __future__ import annotations

import os
from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_text

VARIABLE = "SPANWISE_PII_KEY"
SHORTEST = 32  # characters: 128 bits in hexadecimal
HINT = 'Make one: python -c "import secrets; print(secrets.token_hex(32))"'


def read_secret(path: Path | None = None) -> bytes | None:
    """The secret of a file, else of the environment, else None.

    Raises:
        UserError: If it is shorter than 32 characters, or the file cannot be read.
    """
    text = read_text(path) if path is not None else os.environ.get(VARIABLE, "")
    secret = text.strip()
    if not secret and path is None:
        return None
    if len(secret) < SHORTEST:
        where = path if path is not None else f"${VARIABLE}"
        raise UserError(
            f"the key has {len(secret)} characters: at least {SHORTEST} are needed", path=where, hint=HINT
        )
    return secret.encode()


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 256 bits for one purpose (HKDF-SHA256, RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=32, salt=None, info=f"spanwise pii {purpose}".encode()).derive(secret)
