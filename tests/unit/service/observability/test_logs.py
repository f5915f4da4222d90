"""What is written in logs, and above all what is not."""

from __future__ import annotations

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from spanwise.service.observability import logs

SECRET = "Jane Doe, born 1970"
NAMES = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access")


@pytest.fixture
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level, threading.excepthook
    theirs = [(logging.getLogger(name), logging.getLogger(name).propagate) for name in NAMES]
    yield
    root.handlers[:], threading.excepthook = kept[0], kept[2]
    root.setLevel(kept[1])
    logging.captureWarnings(capture=False)
    for logger, propagate in theirs:
        logger.propagate = propagate


@pytest.fixture
def stream(_restored: None) -> io.StringIO:
    found = io.StringIO()
    logs.configure(json=True, stream=found)
    return found


def records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail() -> None:
    raise ValueError(SECRET)


def test_a_request_is_one_object(stream: io.StringIO) -> None:
    logs.log_request(
        request="r-1",
        endpoint="extract",
        method="POST",
        status=200,
        seconds=0.0123456789,
        model="ner",
        version="v1.2.0",
        documents=2,
        bytes=812,
        key="ward-7",
    )
    [found] = records(stream)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "spanwise.service.requests",
        "message": "request",
        "request": "r-1",
        "endpoint": "extract",
        "method": "POST",
        "status": 200,
        "seconds": 0.012346,
        "model": "ner",
        "version": "v1.2.0",
        "key": "ward-7",
        "documents": 2,
        "bytes": 812,
    }


@pytest.mark.parametrize(("status", "level"), [(404, "info"), (503, "info"), (504, "info"), (500, "error")])
def test_only_a_fault_of_the_server_is_an_error(stream: io.StringIO, status: int, level: str) -> None:
    logs.log_request(request="r", endpoint="parse", method="POST", status=status, seconds=0.1, code="c")
    [found] = records(stream)
    assert (found["level"], found["code"]) == (level, "c")
    assert "model" not in found


def test_an_exception_is_told_by_type_and_place_alone(stream: io.StringIO) -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        logging.getLogger("spanwise.service").exception("a batch failed")
    [found] = records(stream)
    assert found["message"] == "a batch failed"
    assert found["exception"] == ["RuntimeError", "ValueError"]
    assert len(found["places"]) == 1
    assert "test_logs" in found["places"][0]
    assert SECRET not in stream.getvalue()


def test_a_hidden_cause_is_not_told(stream: io.StringIO) -> None:
    try:
        try:
            fail()
        except ValueError:
            raise KeyError(SECRET) from None
    except KeyError:
        logging.getLogger("spanwise").exception("failed")
    assert records(stream)[0]["exception"] == ["KeyError"]


def test_of_other_libraries_only_the_place_is_told(stream: io.StringIO) -> None:
    logging.getLogger("pdfminer.psparser").warning("bad token %r", SECRET)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(SECRET, UserWarning, stacklevel=1)
    found = records(stream)
    assert [each["logger"] for each in found] == ["pdfminer.psparser", "py.warnings"]
    assert found[0]["place"].startswith("test_logs:")
    assert SECRET not in stream.getvalue()


def test_the_server_is_quoted_without_what_a_client_sent(stream: io.StringIO) -> None:
    server = logging.getLogger("uvicorn.error")
    server.info("Started server process [%d]", 12)
    server.info('%s - "WebSocket %s" 403', "127.0.0.1:1", f"/?q={SECRET}")
    logging.getLogger("uvicorn.access").info('"GET %s"', f"/?q={SECRET}")
    told = [each["message"] for each in records(stream)]
    assert told == ["Started server process [12]", '%s - "WebSocket %s" 403']


def test_the_server_tells_its_address(stream: io.StringIO) -> None:
    place = ("uvicorn.error", logging.INFO, "uvicorn/server.py", 1)
    record = logging.LogRecord(*place, "running on %s:%d", ("127.0.0.1", 80), None)
    logging.getLogger("uvicorn.error").handle(record)
    assert [each["message"] for each in records(stream)] == ["running on 127.0.0.1:80"]


def test_probes_do_not_fill_the_log(stream: io.StringIO) -> None:
    logs.log_request(request="r", endpoint="readyz", method="GET", status=503, seconds=0.1)
    assert list(records(stream)) == []


def test_a_thread_that_fails_is_told_without_its_words(stream: io.StringIO) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    [found] = records(stream)
    assert found["exception"] == ["ValueError"]
    assert SECRET not in stream.getvalue()


@pytest.mark.usefixtures("_restored")
def test_a_terminal_gets_plain_lines() -> None:
    stream = io.StringIO()
    logs.configure(json=False, level=logging.WARNING, stream=stream)
    logs.log_request(request="r-1\nforged", endpoint="parse", method="GET", status=500, seconds=0.25)
    logs.log_request(request="r-2", endpoint="parse", method="GET", status=200, seconds=0.25)
    logging.getLogger("pdfminer").warning("x")
    try:
        fail()
    except ValueError:
        logging.getLogger("spanwise").exception("failed")
    first, second, third = stream.getvalue().splitlines()
    assert first.split(" ", 1)[1] == (
        "error    request request=r-1?forged endpoint=parse method=GET status=500 seconds=0.25 "
        "documents=0 bytes=0"
    )
    assert "pdfminer place=test_logs:" in second
    assert "failed exception=ValueError places=" in third
