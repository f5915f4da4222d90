"""Answers that were given, in memory, for documents that come again; the document itself is not kept."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict

from spanwise.service.contract import Answer, Item
from spanwise.service.engine.bundles import Bundle

ENTRY = 256  # bytes that an answer takes in memory besides its JSON


def key_of(bundle: Bundle, item: Item) -> bytes:
    """A SHA-256 digest of all that an answer follows from: document, version, endpoint and options.

    Of a file these are its bytes: whatever it is called, the answer is the same.
    """
    document, options = item.document, item.options
    facts = (
        bundle.endpoint,
        bundle.key.name,
        bundle.key.version,
        bundle.key.digest,
        type(options).__qualname__,
        options.model_dump_json(),
        None if document is None else document.digest,
    )
    digest = hashlib.sha256(json.dumps(facts).encode())
    digest.update(b"\0" + item.text.encode("utf-8", "surrogatepass"))
    return digest.digest()


class Results:
    """The answers that were asked for last, as JSON, so that nobody can change them.

    Args:
        limit: Bytes that they may take; 0 keeps none.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def enabled(self) -> bool:
        """Whether any are kept."""
        return self._limit > 0

    def get(self, key: bytes) -> Answer | None:
        """The answer that was kept under a key, if it still is."""
        stored = self._kept.get(key)
        if stored is None:
            return None
        self._kept.move_to_end(key)
        value, labels, confidences = json.loads(stored)
        return Answer(value, tuple(labels), tuple(confidences))

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep an answer; those that nobody asked for for longest give way."""
        stored = json.dumps([answer.value, answer.labels, answer.confidences], ensure_ascii=False)
        encoded = stored.encode("utf-8", "surrogatepass")
        self._forget(key)
        if len(encoded) + ENTRY > self._limit:
            return
        self._kept[key] = encoded
        self.size += len(encoded) + ENTRY
        while self.size > self._limit:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: bytes) -> None:
        stored = self._kept.pop(key, None)
        if stored is not None:
            self.size -= len(stored) + ENTRY
