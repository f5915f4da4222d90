"""Getting the metrics of services."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from spanwise.errors import UserError

SECONDS = 10
LARGEST = 64 * 1024 * 1024


def scrape(url: str, *, key: str | None) -> str:
    """What a service answers at `/metrics`.

    Args:
        url: Of the service, without a path.
        key: An API key with the role `metrics`, if the service asks for one.

    Raises:
        UserError: If it is no web address, or does not answer.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UserError(f"{url!r} is no address of a service", hint="As in http://127.0.0.1:8000.")
    address = f"{url.rstrip('/')}/metrics"
    headers = {"User-Agent": "spanwise", **({"X-API-Key": key} if key else {})}
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - looked at above
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            content = bytes(response.read(LARGEST + 1))
    except urllib.error.HTTPError as error:
        error.close()
        hint = "Set $SPANWISE_API_KEY to a key with the role metrics." if error.code in {401, 403} else None
        raise UserError(f"{address} answers {error.code}", hint=hint) from None
    except (OSError, http.client.HTTPException) as error:
        raise UserError(f"{address} cannot be reached: {type(error).__name__}") from None
    if len(content) > LARGEST:
        raise UserError(f"{address} answers with more than {LARGEST} bytes")
    return content.decode("utf-8", "replace")
