"""What an operator may set of the HTTP side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Plain settings; what they mean for clients is in `docs/service.md`.

    Attributes:
        max_body_bytes: Of a request, and of each file in it.
        max_characters: Of a document's text.
        max_documents: Of one request.
        max_headers: Of a request.
        max_header_bytes: Of all of these together.
        body_s: Seconds in which the body of a request must have arrived.
        deadline_s: Seconds until an answer is given up, from when the body has arrived.
        readers: Files that are read at once, each by a process of its own.
        reading_queue: Files that may wait for one of them.
        keys: The file of API keys; None serves whoever asks, which takes `loopback`.
        admin_key: The SHA-256 digest of a key beside these that may do everything.
        loopback: Whether the server is bound to a loopback address.
        per_minute: Documents a minute of who has no key; None does not count.
        origins: Of web pages that may ask, as `https://app.example.org`; none may by default.
        hosts: Names that the server is asked by; by default any, or loopback's where there are no keys.
        docs_behind_auth: Whether `/openapi.json` takes a key, where there are keys.
        drain_s: Seconds in which what was accepted may finish at the end.
    """

    max_body_bytes: int = 20 * MB
    max_characters: int = 200_000
    max_documents: int = 32
    max_headers: int = 64
    max_header_bytes: int = 16 * 1024
    body_s: float = 15.0
    deadline_s: float = 10.0
    readers: int = 2
    reading_queue: int = 16
    keys: Path | None = None
    admin_key: str | None = None
    loopback: bool = False
    per_minute: int | None = None
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    docs_behind_auth: bool = True
    drain_s: float = 20.0
