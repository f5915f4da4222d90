"""A stand-in for Tinker's service: it keeps what it is sent, and answers as the package expects."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHANCE = -2.0
"""The log-probability of every token."""


class Service:
    """What was asked of the service, and what it promised.

    Attributes:
        asked: The paths and bodies of requests in JSON, those of sessions and telemetry apart.
        learnt: The place and the token of each target of weight, one list an example.
        refuse: Paths that are refused.
    """

    def __init__(self, refuse: tuple[str, ...] = ()) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.learnt: list[list[tuple[int, int]]] = []
        self.refuse = refuse
        self._promised: dict[str, Any] = {}

    def answer(self, path: str, body: bytes, encoding: str | None) -> tuple[str, bytes]:
        """The type and the bytes of an answer."""
        name = path.rpartition("/")[2]
        if name == "forward_backward":
            return self._promise("forward_backward", self._learn(body, encoding))
        asked = json.loads(body or b"{}")
        if name == "retrieve_future":
            value = self._promised[asked["request_id"]]
            return ("application/x-protobuf", value) if isinstance(value, bytes) else _json(value)
        if name in {"create_model", "optim_step", "save_weights", "save_weights_for_sampler"}:
            self.asked.append((name, asked))
            return self._promise(name, _RESULTS.get(name, {}) | {"type": name})
        return _json(_PLAIN.get(name, {}))

    def _promise(self, name: str, value: Any) -> tuple[str, bytes]:
        number = f"{name}-{len(self._promised)}"
        self._promised[number] = value
        return _json({"request_id": number, "model_id": "m"})

    def _learn(self, body: bytes, encoding: str | None) -> bytes:
        import numpy as np
        from tinker.proto import tinker_public_pb2 as pb

        assert encoding is None
        request = pb.ForwardBackwardRequest()
        request.ParseFromString(body)
        sizes = []
        for datum in request.data:
            inputs = datum.loss_fn_inputs
            targets = np.frombuffer(inputs["target_tokens"].dense, dtype=np.int64)
            weights = np.frombuffer(inputs["weights"].dense, dtype=np.float32)
            tokens = zip(targets, weights, strict=True)
            self.learnt.append(
                [(place, int(token)) for place, (token, weight) in enumerate(tokens, start=1) if weight]
            )
            sizes.append(4 * len(targets))
        output = pb.ForwardBackwardOutput(loss_fn_output_type="ArrayRecord")
        record = output.loss_fn_outputs.add()
        record.num_datums = len(sizes)
        field = record.fields["logprobs"]
        field.dtype = pb.DTYPE_FLOAT32
        field.data = np.full(sum(sizes) // 4, CHANCE, dtype=np.float32).tobytes()
        field.offsets = np.cumsum([0, *sizes]).astype(np.int64).tobytes()
        done: bytes = output.SerializeToString()
        return done


_RESULTS: dict[str, dict[str, Any]] = {
    "create_model": {"model_id": "s:train:0"},
    "save_weights": {"path": "tinker://s:train:0/weights/made"},
    "save_weights_for_sampler": {"path": "tinker://s:train:0/sampler_weights/made"},
}
_PLAIN: dict[str, dict[str, Any]] = {
    "create_session": {"type": "create_session", "session_id": "s"},
    "session_heartbeat": {"type": "session_heartbeat"},
    "telemetry": {"status": "accepted"},
    "get_info": {
        "type": "get_info",
        "model_id": "s:train:0",
        "model_data": {"arch": "a", "model_name": "some/model", "tokenizer_id": "some/model"},
    },
}


def _json(value: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(value).encode()


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of the service, which answers inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            refused = self.path.rpartition("/")[2] in service.refuse
            kind, data = (
                _json({"detail": "no"})
                if refused
                else service.answer(self.path, body, self.headers.get("Content-Encoding"))
            )
            self.send_response(403 if refused else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815 - as the base class calls it

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
