"""Whether a server can be reached: without one, runs are recorded here and sent later."""

from __future__ import annotations

import urllib.error
import urllib.request

ANSWER_S = 5.0
"""Seconds for a server to answer."""


def is_remote(uri: str) -> bool:
    """Whether it names a server, not a file."""
    return uri.startswith(("http://", "https://"))


def answers(url: str) -> bool:
    """Whether a server answers at all, through the proxy that the environment names, if any."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_S):  # noqa: S310 - `is_remote` has been asked
            return True
    except urllib.error.HTTPError:
        return True  # it refuses, but is there
    except OSError:
        return False
