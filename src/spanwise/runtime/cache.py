"""Predictions kept on disk, for texts that come again.

What is stored is what was predicted, never the text. A text is looked up by a digest of itself and of all
that its prediction follows from, so that neither another model nor another setting finds it. Nothing in the
folder is trusted: no pickle is read, and an entry that is not a prediction of this text counts as none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from spanwise import __version__
from spanwise.errors import UserError
from spanwise.schema import Example, PredictedSpan, Prediction

if TYPE_CHECKING:
    import diskcache

    from spanwise.runtime.predictor import Predictor

CHUNK = 256  # documents that are looked up, and predicted, at once
MB = 10**6
CULLED = 2  # entries that give way to a new one, once the cache is full
TIMEOUT = 60  # seconds that a process waits for others to write
WEIGHTS = ("*.json", "*.safetensors", "*.model", "*.txt", "onnx/*")
"""What a model's folder holds that predictions follow from: weights, tokenizer, tags and windows."""
BESIDE = ("calibration.json", "package.json")
"""What else may be called so in it."""

_SPANS = TypeAdapter(tuple[PredictedSpan, ...])


def model_digest(folder: Path) -> str:
    """A SHA-256 digest of the model in `folder`, without its calibration."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in WEIGHTS for path in folder.glob(pattern)}):
        if path.is_file() and path.name not in BESIDE:
            with path.open("rb") as file:
                name = path.relative_to(folder).as_posix().encode()
                digest.update(name + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class CachedPredictor:
    """A predictor that looks texts up before it predicts them.

    A document is predicted with the others that are missing, so that its confidence may differ from what an
    empty cache would have given by as much as batches make it differ: the rounding of a float.

    Attributes:
        predictor: What predicts.
        store: Where predictions are kept; see `opened`.
        model: The `model_digest`.
        backend: What the predictor computes with.
    """

    predictor: Predictor
    store: diskcache.Cache
    model: str
    backend: str

    def __call__(
        self, examples: Iterable[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        """A prediction for each example, in their order, as `Predictor` gives; without gold spans.

        Raises:
            ValueError: If an example has gold spans: their probability is not kept.
        """
        stream = iter(examples)
        while chunk := list(islice(stream, CHUNK)):
            if any(example.spans for example in chunk):
                raise ValueError("only documents without gold spans can be cached")
            yield from self._chunk(chunk, annotated)

    def _chunk(self, chunk: Sequence[Example], annotated: Sequence[str] | None) -> list[Prediction]:
        keys = [self._key(example.text, annotated) for example in chunk]
        found = [self._lookup(key, example) for key, example in zip(keys, chunk, strict=True)]
        missing = [index for index, prediction in enumerate(found) if prediction is None]
        predicted = list(self.predictor([chunk[index] for index in missing], annotated=annotated))
        # All or none of a chunk: a run that is killed and resumed finds either, and predicts the same.
        with self.store.transact(retry=True):
            for index, prediction in zip(missing, predicted, strict=True):
                found[index] = prediction
                self.store.set(keys[index], _SPANS.dump_json(prediction.predicted).decode())
        return [prediction for prediction in found if prediction is not None]

    def _key(self, text: str, annotated: Sequence[str] | None) -> str:
        scope = {
            "version": __version__,
            "model": self.model,
            "backend": self.backend,
            "room": self.predictor.encoder.room,
            "stride": self.predictor.encoder.stride,
            "annotated": None if annotated is None else sorted(annotated),
        }
        header = json.dumps(scope, sort_keys=True).encode()
        return hashlib.sha256(header + b"\0" + text.encode("utf-8", "surrogatepass")).hexdigest()

    def _lookup(self, key: str, example: Example) -> Prediction | None:
        stored = self.store.get(key, retry=True)
        if stored is None:
            return None
        try:
            spans = _SPANS.validate_json(stored)
        except ValidationError:
            return None
        known = self.predictor.labels.names
        if any(span.end > len(example.text) or span.label not in known for span in spans):
            return None
        return Prediction(id=example.id, text=example.text, group=example.group, predicted=spans)


@contextmanager
def opened(folder: Path, size_mb: int) -> Iterator[diskcache.Cache]:
    """The cache in `folder`, which several processes may have open.

    Args:
        folder: It is made where it does not exist.
        size_mb: Beyond so many MB (10^6 bytes) the entries that were stored first give way.

    Raises:
        UserError: If the folder holds something else, or diskcache is not installed.
    """
    import sqlite3

    try:
        import diskcache
    except ImportError:
        raise UserError("a cache takes diskcache", hint="pip install 'spanwise[serve]'") from None
    try:
        store = diskcache.Cache(
            str(folder),
            timeout=TIMEOUT,
            disk=_text_disk(),
            size_limit=size_mb * MB,
            eviction_policy="least-recently-stored",
            cull_limit=CULLED,
            disk_min_file_size=2**31 - 1,  # all in the database: see `_text_disk`
        )
    except (sqlite3.Error, OSError, TypeError) as error:
        raise UserError(
            f"cannot be used as a cache: {error}", path=folder, hint="Name a new folder."
        ) from None
    with closing(store):
        yield store


@cache
def _text_disk() -> type[diskcache.Disk]:
    """How diskcache stores values: as text in its database, and never as it would by itself, by pickle.

    What a damaged or a forged database says is otherwise, pickled or in a file elsewhere, is none.
    """
    import diskcache
    from diskcache.core import MODE_RAW

    class TextDisk(diskcache.Disk):  # type: ignore[misc]
        def put(self, key: Any) -> tuple[str, bool]:
            return _text(key), True

        def get(self, key: Any, _raw: bool) -> str:
            return _text(key)

        def store(self, value: Any, _read: bool, **_: object) -> tuple[int, int, None, str]:
            return 0, MODE_RAW, None, _text(value)

        def fetch(self, mode: int, _filename: str | None, value: Any, _read: bool) -> str | None:
            return value if mode == MODE_RAW and isinstance(value, str) else None

        def remove(self, file_path: str) -> None:
            """Leaves any file alone: no entry of ours has one."""

    return TextDisk


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"only text is cached, not {type(value).__name__}")
    return value
