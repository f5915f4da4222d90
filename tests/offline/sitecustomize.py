"""Keeps the Python processes that a test starts from every host but this one.

pytest-socket guards the test's own process alone. Python imports this module at its start when this folder is
on PYTHONPATH. Each refusal is also written to $OFFLINE_LOG, since a program may swallow it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

# Where the host or address stands in the arguments: https://docs.python.org/3/library/audit_events.html
HOSTS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}
ADDRESSES = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
LOOPBACK = ("localhost", "::1")


def destination(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The host that an audit event is about to reach beyond this machine, or the daemon that would."""
    host = arguments[HOSTS[event]] if event in HOSTS else None
    if event in ADDRESSES:
        address = arguments[ADDRESSES[event]]
        host = address[0] if isinstance(address, tuple) else None  # else a path: a socket of this machine
    if event == "subprocess.Popen" and "daemon" in arguments[1]:
        # DVC's usage reports go through one, with a PYTHONPATH that leaves this module out.
        return " ".join(map(str, arguments[1]))
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    return None if name in LOOPBACK or name.startswith("127.") else name


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Write down and refuse what would leave this machine."""
    found = destination(event, arguments)
    if found is None:
        return
    with Path(os.environ["OFFLINE_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{Path(sys.argv[0]).name}: {event} {found}\n")
    raise PermissionError(f"tests are offline: {event} {found}")


sys.addaudithook(refuse)
