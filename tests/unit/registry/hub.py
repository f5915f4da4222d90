"""What is left of the Hugging Face Hub when it has to take one commit by its HTTP interface."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_" + "t" * 34
COMMIT = "c" * 40


@dataclass
class Hub:
    """A hub, and what it was sent.

    Attributes:
        files: What repositories hold, by path.
        tags: By name, what each points to.
        requests: Method and path of each request, in their order.
        tokens: That came with them.
        created: The bodies of requests for a new repository.
        status: With which it refuses commits; 200 takes them.
    """

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    created: list[dict[str, Any]] = field(default_factory=list)
    message: str = ""
    status: int = 200
    _large: dict[str, bytes] = field(default_factory=dict)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        self.requests.append(f"{method} {path.partition('?')[0]}")
        if "/preupload/" in path:
            large = (".safetensors", ".onnx")
            paths = [each["path"] for each in json.loads(body)["files"]]
            modes = {path: "lfs" if path.endswith(large) else "regular" for path in paths}
            told = [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]
            return 200, {"files": told}
        if path.endswith("/info/lfs/objects/batch"):
            return 200, self._batch(json.loads(body)["objects"])
        if path.startswith("/upload/"):
            self._large[path.removeprefix("/upload/")] = body
            return 200, {}
        if "/commit/" in path:
            return self._commit(body)
        return self._small(path, body)

    def _small(self, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            return 200, {"url": f"{self.url}/org/name", "name": "org/name", "id": "1"}
        if "/refs" in path:
            tags = [
                {"name": name, "ref": f"refs/tags/{name}", "targetCommit": of}
                for name, of in self.tags.items()
            ]
            return 200, {"branches": [], "converts": [], "tags": tags}
        if "/tree/" in path:
            return 200, [
                {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
                for name, data in self.files.items()
            ]
        if "/tag/" in path:
            self.tags[json.loads(body)["tag"]] = path.rpartition("/")[2]
            return 200, {}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        return 404, {"error": "not found"}

    def _batch(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "transfer": "basic",
            "objects": [
                {**each, "actions": {"upload": {"href": f"{self.url}/upload/{each['oid']}"}}}
                for each in objects
            ],
        }

    def _commit(self, body: bytes) -> tuple[int, Any]:
        if self.status != 200:
            return self.status, {"error": "no"}
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "header":
                self.message = value["summary"]
            elif line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                data = self._large[value["oid"]]
                assert hashlib.sha256(data).hexdigest() == value["oid"]
                self.files[value["path"]] = data
            else:
                assert line["key"] == "deletedFile"
                del self.files[value["path"]]
        return 200, {
            "commitUrl": f"{self.url}/org/name/commit/{COMMIT}",
            "commitOid": COMMIT,
            "success": True,
        }


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if not self.path.startswith("/upload/"):
                hub.tokens.add(self.headers.get("authorization"))
            status, value = hub.answer(self.command, self.path, body)
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST  # noqa: N815 - the server asks for these names

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub = Hub(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
