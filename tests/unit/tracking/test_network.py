"""Whether a server is there."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from spanwise.tracking.network import answers, is_remote


@pytest.mark.parametrize("status", [200, 404])
def test_a_server_answers_whatever_it_says(status: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert answers(f"http://127.0.0.1:{server.server_port}")
        thread.join()


def test_no_server_no_answer() -> None:
    assert not answers("http://127.0.0.1:9")


def test_a_file_is_no_server() -> None:
    assert is_remote("https://dagshub.com/me/notes.mlflow")
    assert not is_remote("sqlite:///mlflow.db")
