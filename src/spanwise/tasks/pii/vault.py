"""What was masked, encrypted, so that who holds the key can bring it back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from spanwise.errors import UserError
from spanwise.io import read_json, write_json
from spanwise.schema import Record
from spanwise.tasks.pii.levels import Level
from spanwise.tasks.pii.secret import derive

CIPHER = "AES-256-GCM"
_BOUND = b"spanwise vault 1"


class Original(Record):
    """What stood where a masked text has something else.

    Attributes:
        start: Half-open offsets in the masked text.
        end: Behind the last character of what replaces it.
        text: The original.
    """

    start: int
    end: int
    text: str


class Entry(Record):
    """One masked document.

    Attributes:
        name: Of its file, as it was.
        sha256: Of the masked text.
        originals: In the order of the text.
    """

    name: str
    sha256: str
    originals: tuple[Original, ...]


class Vault(Record):
    """The documents of a run by the names of their outputs, without suffixes."""

    level: Level
    entries: dict[str, Entry]


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def restore(text: str, entry: Entry) -> str:
    """The original of a masked text.

    Raises:
        UserError: If the text is not the one that was masked.
    """
    if digest(text) != entry.sha256:
        raise UserError(
            "the text was changed since it was masked", hint="Restore the file as it was written."
        )
    return _put_back(text, entry.originals)


def _put_back(text: str, originals: Sequence[Original]) -> str:
    parts, place = [], 0
    for original in originals:
        parts += [text[place : original.start], original.text]
        place = original.end
    return "".join([*parts, text[place:]])


def write_vault(path: Path, vault: Vault, secret: bytes) -> None:
    """Encrypt with AES-256-GCM (NIST SP 800-38D).

    The nonce is an HMAC of the content with a key of its own: the same content gives the same bytes, and two
    contents never share a nonce but by a collision of 96 bits.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    plain = vault.model_dump_json().encode()
    nonce = hmac.digest(derive(secret, "nonce"), plain, "sha256")[:12]
    sealed = AESGCM(derive(secret, "vault")).encrypt(nonce, plain, _BOUND)
    write_json(path, {"cipher": CIPHER, "nonce": _encoded(nonce), "data": _encoded(sealed)})


def read_vault(path: Path, secret: bytes) -> Vault:
    """Decrypt a vault.

    Raises:
        UserError: If it is no vault, was changed, or has another key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stored = read_json(path)
    try:
        nonce, sealed = (base64.b64decode(stored[name], validate=True) for name in ("nonce", "data"))
        plain = AESGCM(derive(secret, "vault")).decrypt(nonce, sealed, _BOUND)
        return Vault.model_validate_json(plain)
    except InvalidTag:
        raise UserError("cannot be opened: another key, or the file was changed", path=path) from None
    except (KeyError, TypeError, ValueError, ValidationError):
        raise UserError("is no vault", path=path) from None


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
