"""The work of one process: chunks of documents in, rendered entities and failures out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from spanwise.bulk.documents import Chunk, Document, Failure, Outcome, Rendered
from spanwise.bulk.formats import Format, render
from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.runtime.predictor import BATCH_TOKENS, Predictor
from spanwise.schema import Example, Prediction
from spanwise.writers import entities


@dataclass(frozen=True)
class Job:
    """What a worker needs to know; plain values, which are sent to other processes.

    Attributes:
        model: The folder of the model.
        digest: Its `runtime.cache.model_digest`.
        backend: What it computes with.
        threads: On how many threads.
        calibration: What confidence becomes; None leaves it raw.
        format: How entities are written.
        with_text: Whether the text of the document is written too.
        cache: The folder of the prediction cache, if one is wanted.
        cache_mb: How large that may become.
    """

    model: Path
    digest: str
    backend: str
    threads: int
    calibration: Calibration | None
    format: Format
    with_text: bool = False
    cache: Path | None = None
    cache_mb: int = 1024


class Worker:
    """A predictor at work on a `Job`. It is a context manager, since a cache must be closed.

    Raises:
        UserError: If the model cannot be loaded, or the cache not be used.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._open = ExitStack()
        self._predict = self._predictor()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def __call__(self, chunk: Chunk) -> list[Outcome]:
        """What becomes of each item, in their order; a failure stays one.

        A model that fails on any document is given them one by one, to tell which.
        """
        documents = [item for item in chunk if isinstance(item, Document)]
        try:
            found: Iterator[Outcome] = iter(self._found(documents))
        except UserError:
            found = (self._alone(document) for document in documents)
        return [item if isinstance(item, Failure) else next(found) for item in chunk]

    def _alone(self, document: Document) -> Outcome:
        try:
            return self._found([document])[0]
        except UserError as error:
            return Failure(document.id, document.place, error.reason)

    def _found(self, documents: Sequence[Document]) -> list[Outcome]:
        examples = [Example(id=each.id, text=each.text, target=(), group=each.id) for each in documents]
        return [
            self._rendered(document, prediction)
            for document, prediction in zip(documents, self._predict(examples), strict=True)
        ]

    def _rendered(self, document: Document, prediction: Prediction) -> Rendered:
        calibration = self.job.calibration
        if calibration is None:
            confidence = [span.confidence.minimum for span in prediction.predicted]
        else:
            confidence = apply(calibration, [prediction]).tolist()
        found = entities(prediction, confidence, with_text=self.job.with_text)
        return render(self.job.format, document, found)

    def _predictor(self) -> Callable[[Sequence[Example]], Iterator[Prediction]]:
        job = self.job
        predictor = Predictor.load(
            job.model, batch_tokens=BATCH_TOKENS, backend=job.backend, threads=job.threads
        )
        if job.cache is None:
            return predictor
        from spanwise.runtime.cache import CachedPredictor, opened

        store = self._open.enter_context(opened(job.cache, job.cache_mb))
        return CachedPredictor(predictor, store, job.digest, job.backend)
