"""Logs without texts: one line a record, as JSON for programs or plain for a terminal.

What others write may hold anything: a reader quotes a document, an exception its argument. So the words of a
record are written only where this package or the server wrote it; of any other there are logger, level and
place, and of an exception its type and the places that it came through.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any

LOGGER = logging.getLogger("spanwise.service.requests")

OWN, SERVER = "spanwise", "uvicorn"
REPLACED = "uvicorn.access"  # it writes paths with their queries

PROBES = {"livez", "readyz", "metrics"}
"""Endpoints that are asked every few seconds, for ever."""

Trace = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(*, json: bool, level: int = logging.INFO, stream: IO[str] | None = None) -> None:
    """Let all logs of the process go through one handler.

    Args:
        json: Whether each record is a JSON object; else a plain line.
        level: The least that is written.
        stream: Where to; standard error if it is None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if json else PlainFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_of_thread
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", REPLACED):
        theirs = logging.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = name != REPLACED


def log_request(
    *,
    request: str,
    endpoint: str,
    method: str,
    status: int,
    seconds: float,
    model: str = "",
    version: str = "",
    documents: int = 0,
    bytes: int = 0,
    code: str | None = None,
    key: str | None = None,
) -> None:
    """Say that a request was answered.

    Args:
        request: Its id.
        endpoint: The name of its route, never the path.
        method: Of HTTP.
        status: Of HTTP.
        seconds: That it took.
        model: The name of what answered.
        version: The same's, as resolved.
        documents: How many it held.
        bytes: The length of its body.
        code: Of the problem, if it was one.
        key: The name of the API key, if there was one.
    """
    known = {"model": model, "version": version, "code": code, "key": key}
    fields = {
        "request": request,
        "endpoint": endpoint,
        "method": method,
        "status": status,
        "seconds": round(seconds, 6),
        **{name: value for name, value in known.items() if value},
        "documents": documents,
        "bytes": bytes,
    }
    level = logging.ERROR if status >= 500 and status not in {503, 504} else logging.INFO
    if endpoint in PROBES:
        level = logging.DEBUG
    LOGGER.log(level, "request", extra={"fields": fields})


def _log_of_thread(thread: threading.ExceptHookArgs) -> None:
    trace = (thread.exc_type, thread.exc_value, thread.exc_traceback)
    logging.getLogger(__name__).error("a thread ended", exc_info=trace)  # type: ignore[arg-type]


def told(record: logging.LogRecord) -> dict[str, Any]:
    """What may be written of a record."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    found = {"time": time, "level": record.levelname.lower(), "logger": record.name}
    origin = record.name.split(".")[0]
    if origin == OWN:
        found |= {"message": record.getMessage(), **getattr(record, "fields", {})}
    elif origin == SERVER:
        found |= {"message": _without_words(record)}
    else:
        found |= {"place": f"{record.module}:{record.lineno}"}
    return found | _exception(record.exc_info)


def _without_words(record: logging.LogRecord) -> str:
    """A message of uvicorn; unfilled where it would quote something, as the path of a web socket."""
    own = record.module == "server"  # of addresses and processes, never of a request
    filled = own or (isinstance(record.args, tuple) and all(isinstance(each, int) for each in record.args))
    return (record.getMessage() if filled else str(record.msg)).strip()


def _exception(trace: Trace | None) -> dict[str, Any]:
    """The types of an exception and of what caused it, and where it came from; not its message."""
    if not trace or trace[1] is None:
        return {}
    types: list[str] = []
    error: BaseException | None = trace[1]
    while error is not None and len(types) < 8:
        types.append(f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = traceback.walk_tb(trace[1].__traceback__)
    places = [f"{frame.f_globals.get('__name__', '?')}:{line}" for frame, line in frames]
    return {"exception": types, "places": places[-16:]}


class JsonFormatter(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        return json.dumps(told(record), ensure_ascii=True)


class PlainFormatter(logging.Formatter):
    """Time, level and what happened, for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        fields = told(record)
        time, level = fields.pop("time"), fields.pop("level")
        words = [time[11:23], f"{level:<8}", str(fields.pop("message", fields.pop("logger")))]
        fields.pop("logger", None)
        line = " ".join([*words, *(f"{name}={_plain(value)}" for name, value in fields.items())])
        return "".join(sign if sign.isprintable() else "?" for sign in line)


def _plain(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
