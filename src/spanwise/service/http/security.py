"""Who may ask for what: hosts, keys, roles, quotas; and the headers that keep browsers careful."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spanwise.errors import UserError
from spanwise.service.http.exchange import exchange_of, header, refuse
from spanwise.service.http.keys import Bucket, Caller, Key, Keyring, Role, read_keys
from spanwise.service.http.problems import ProblemError
from spanwise.service.http.settings import Settings

_DIGEST = re.compile("[0-9a-f]{64}")

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

PUBLIC = frozenset({"/", "/livez", "/readyz"})
"""What anyone may see: probes, and the page, which asks for a key itself."""
PUBLIC_BELOW = "/static/"  # what the page is made of
DOCS = "/openapi.json"
FIGURES = frozenset({"/metrics", "/usage"})
ADMIN = frozenset({"/v1/models/reload"})

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every response that does not say otherwise, as pages do (OWASP REST Security Cheat Sheet)."""


class SecurityHeaders:
    """Adds `HEADERS` where they are not set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, careful if scope["type"] == "http" else send)


class Hosts:
    """Refuses requests by a name that is not the server's, as DNS rebinding sends them.

    Args:
        app: What answers the others.
        names: Without ports, in lower case; none allows any.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app, self._names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and self._names:
            host = (header(scope, b"host") or "").lower()
            name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
            if name not in self._names:
                await refuse(ProblemError("unknown-host"), scope, receive, send)
                return
        await self._app(scope, receive, send)


class Access:
    """Asks for a key, and for a role, and counts.

    Args:
        app: What answers who may ask.
        keyring: The keys.
        anonymous: Who has no key; None where a key is needed.
        docs_behind_auth: Whether `/openapi.json` needs one, too.
    """

    def __init__(
        self, app: ASGIApp, keyring: Keyring, anonymous: Caller | None, *, docs_behind_auth: bool
    ) -> None:
        self._app, self._keyring, self._anonymous = app, keyring, anonymous
        self._public = PUBLIC if docs_behind_auth else PUBLIC | {DOCS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or self._is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            caller = self._admitted(scope)
        except ProblemError as problem:
            await refuse(problem, scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(caller.quota_headers())
            await send(message)

        await self._app(scope, receive, counted)

    def _is_public(self, path: str) -> bool:
        return path in self._public or path.startswith(PUBLIC_BELOW)

    def _admitted(self, scope: Scope) -> Caller:
        """Who asks.

        Raises:
            ProblemError: If they may not.
        """
        presented = _presented(scope)
        caller = self._anonymous if presented is None else self._keyring.find(presented)
        role = role_for(scope["path"])
        if caller is None or (presented is None and not caller.may(role)):
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        exchange_of(scope).caller = caller
        if not caller.may(role):
            raise ProblemError("forbidden", f"it lacks the role {role}")
        if role == "use" and caller.bucket is not None and not caller.bucket.take():
            headers = {"Retry-After": str(max(1, caller.bucket.wait)), **caller.quota_headers()}
            raise ProblemError("quota-exceeded", headers=headers)
        return caller


def role_for(path: str) -> Role:
    """The role that a path takes."""
    if path in ADMIN:
        return "admin"
    return "metrics" if path in FIGURES else "use"


def read_access(settings: Settings) -> tuple[Keyring, Caller | None]:
    """The keys of a server, and who is served without one.

    Raises:
        UserError: If there is no file of keys and the server is not on loopback, the file is damaged, or the
            admin key is no digest.
    """
    keys = () if settings.keys is None else read_keys(settings.keys)
    if settings.keys is None and not settings.loopback:
        raise UserError(
            "without API keys it is served on loopback alone",
            hint="Name a file of keys, or bind to 127.0.0.1.",
        )
    if settings.admin_key:
        if not _DIGEST.fullmatch(settings.admin_key):
            raise UserError(
                "the admin key is told by its SHA-256 digest, 64 hexadecimal digits in lower case"
            )
        keys = (*keys, Key(name="admin-of-settings", sha256=settings.admin_key, roles=("admin",)))
    if settings.keys is not None:
        return Keyring(keys), None
    bucket = None if settings.per_minute is None else Bucket(settings.per_minute, settings.per_minute)
    return Keyring(keys), Caller(None, frozenset({"use", "metrics"}), bucket)


def hosts_of(settings: Settings) -> tuple[str, ...]:
    """The names that the server may be asked by, as `Hosts` takes them."""
    if settings.hosts or settings.keys is not None:
        return tuple(name.lower() for name in settings.hosts)
    return LOOPBACK


def _presented(scope: Scope) -> str | None:
    """The key that came with a request: `Authorization: Bearer KEY`, or `X-API-Key: KEY`."""
    kind, _, key = (header(scope, b"authorization") or "").partition(" ")
    if kind.lower() == "bearer":
        return key.strip()
    return header(scope, b"x-api-key")
