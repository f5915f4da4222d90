"""API keys, of which only digests are kept, and what each of them may do and how often."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from spanwise.deployment import Digest
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.schema import Record

Role = Literal["use", "metrics", "admin"]
"""`use` asks the endpoints, `metrics` reads figures, `admin` may do everything."""

PREFIX = "sw_"  # by which scanners for leaked secrets know a key
ENTROPY = 32  # bytes: so much that a digest needs no salt and no slow hash
WINDOW = 60  # seconds of a quota


class Key(Record):
    """What the file says of a key.

    Attributes:
        name: Whose it is; it stands in logs.
        sha256: The digest of the key.
        roles: What it may do.
        per_minute: Documents a minute; None does not count them.
        burst: Documents at once; by default as many as a minute has.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    sha256: Digest
    roles: tuple[Role, ...] = ("use",)
    per_minute: Annotated[int, Field(gt=0)] | None = None
    burst: Annotated[int, Field(gt=0)] | None = None


class Keys(Record):
    """The file: each key and each name once."""

    keys: tuple[Key, ...]

    @model_validator(mode="after")
    def _distinct(self) -> Keys:
        for values in ([key.name for key in self.keys], [key.sha256 for key in self.keys]):
            if len(set(values)) < len(values):
                raise ValueError("a name or a key is there twice")
        return self


@dataclass
class Bucket:
    """A token bucket: a token a document, refilled evenly.

    A request of several documents may take more than there is, and the next ones wait until that is made up.

    Attributes:
        per_minute: Tokens that a minute brings.
        capacity: Tokens that it holds at most.
        clock: Seconds that only grow.
    """

    per_minute: int
    capacity: int
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _filled: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._filled = float(self.capacity), self.clock()

    def take(self) -> bool:
        """Take a token, if there is one."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def spend(self, tokens: int) -> None:
        """Take tokens whether they are there or not."""
        self._fill()
        self._tokens -= tokens

    @property
    def left(self) -> int:
        """Whole tokens."""
        self._fill()
        return max(0, math.floor(self._tokens))

    @property
    def wait(self) -> int:
        """Seconds until there is a token."""
        self._fill()
        return max(0, math.ceil((1 - self._tokens) * WINDOW / self.per_minute))

    def _fill(self) -> None:
        now = self.clock()
        grown = (now - self._filled) * self.per_minute / WINDOW
        self._tokens, self._filled = min(self.capacity, self._tokens + grown), now


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        name: Of the key; None without one.
        roles: What they may do.
        bucket: Their quota; None without one.
    """

    name: str | None
    roles: frozenset[Role]
    bucket: Bucket | None = None

    def may(self, role: Role) -> bool:
        """Whether they have a role."""
        return role in self.roles or "admin" in self.roles

    def quota_headers(self) -> dict[str, str]:
        """How much is left, and when there is more (draft-ietf-httpapi-ratelimit-headers-10)."""
        if self.bucket is None:
            return {}
        policy = f'"documents";q={self.bucket.per_minute};w={WINDOW}'
        return {
            "RateLimit-Policy": policy,
            "RateLimit": f'"documents";r={self.bucket.left};t={self.bucket.wait}',
        }


class Keyring:
    """The keys of a server.

    Args:
        keys: Those.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._callers = [
            (key.sha256.encode(), Caller(key.name, frozenset(key.roles), _bucket(key))) for key in keys
        ]

    def find(self, presented: str) -> Caller | None:
        """Whose key it is. All are compared, each in constant time, so that time tells nothing."""
        digest = digest_of(presented).encode()
        found = None
        for known, caller in self._callers:
            if hmac.compare_digest(known, digest):
                found = caller
        return found


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def make_key() -> tuple[str, str]:
    """A new key, and its digest."""
    key = PREFIX + secrets.token_urlsafe(ENTROPY)
    return key, digest_of(key)


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a file.

    Raises:
        UserError: If it is missing or damaged, or has none.
    """
    if not path.is_file():
        raise UserError("no such file of keys", path=path)
    keys = read_record(path, Keys).keys
    if not keys:
        raise UserError("has no key", path=path, hint="`spanwise serve --new-key NAME` makes one.")
    return keys


def _bucket(key: Key) -> Bucket | None:
    return None if key.per_minute is None else Bucket(key.per_minute, key.burst or key.per_minute)
