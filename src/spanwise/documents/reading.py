"""Files to records, one or many, by processes that can be killed."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from spanwise.documents.document import LIMITS, Limits, ReadDocument
from spanwise.errors import UserError

AHEAD = 4  # files for each worker that are read before the first of them is asked for
HINTS = {
    "no_text_layer": "Run it through OCR first, e.g. `ocrmypdf`.",
    "encrypted": "Save it without a password.",
    "corrupt": "Open it and save it anew.",
    "too_large": "Divide it, or raise the limits.",
    "unsupported": "Save it as PDF, DOCX or text.",
    "timeout": "Print it to PDF anew, or raise the limits.",
}


def read_document(
    source: Path | str | bytes, *, name: str | None = None, limits: Limits = LIMITS, cross_check: bool = True
) -> ReadDocument:
    """Read a PDF, DOCX or TXT, whatever it holds: a file that cannot be read has another status than `ok`.

    A process of its own reads it, that is kept for the next file and killed when it passes the limits. It may
    be called by several threads at once.

    Args:
        source: A path, or the bytes of a file.
        name: Kept in the record; of a path, its last part where not given.
        limits: What reading may cost.
        cross_check: Whether to compare a PDF with what pdfminer.six finds, at several times the cost.

    Raises:
        UserError: If there is no file at the path, it cannot be opened, or no process can be started.
    """
    if isinstance(source, bytes):
        return _read(source, name, limits, cross_check)
    return _read_file(Path(source), name or Path(source).name, limits, cross_check)


def read_or_fail(
    source: Path | str | bytes, *, name: str | None = None, limits: Limits = LIMITS, cross_check: bool = True
) -> ReadDocument:
    """The same, for who can do nothing without the text.

    Raises:
        UserError: If the status is not `ok`; as above.
    """
    document = read_document(source, name=name, limits=limits, cross_check=cross_check)
    if document.status != "ok":
        path = None if isinstance(source, bytes) else source
        reason = f"{document.status.replace('_', ' ')}: {document.reason}"
        raise UserError(reason, path=path, hint=HINTS[document.status])
    return document


def read_documents(
    sources: Iterable[Path], *, workers: int = 1, limits: Limits = LIMITS, cross_check: bool = True
) -> Iterator[ReadDocument]:
    """Read many files, in order. A file that vanishes meanwhile is `corrupt`.

    Args:
        sources: Paths.
        workers: Processes that read at once.
        limits: What reading each may cost.
        cross_check: As in `read_document`.
    """
    waiting: deque[Future[ReadDocument]] = deque()
    with ThreadPoolExecutor(workers) as threads:
        try:
            for path in sources:
                waiting.append(threads.submit(_read_one, path, limits, cross_check))
                if len(waiting) > AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)


def _read_one(path: Path, limits: Limits, cross_check: bool) -> ReadDocument:
    try:
        return _read_file(path, path.name, limits, cross_check)
    except UserError as error:
        return ReadDocument(status="corrupt", reason=error.reason, name=path.name)


def _read_file(path: Path, name: str, limits: Limits, cross_check: bool) -> ReadDocument:
    try:
        if not path.is_file():
            raise UserError("is no file" if path.exists() else "no such file", path=path)
        size = path.stat().st_size
        data = path.read_bytes() if size <= limits.file_bytes else b""
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", path=path) from None
    return (
        _too_large(size, name, limits) if size > limits.file_bytes else _read(data, name, limits, cross_check)
    )


def _too_large(size: int, name: str | None, limits: Limits) -> ReadDocument:
    reason = f"{size:,} bytes, of {limits.file_bytes:,} at most"
    return ReadDocument(status="too_large", reason=reason, size=size, name=name)


def _read(data: bytes, name: str | None, limits: Limits, cross_check: bool) -> ReadDocument:
    from spanwise.documents.language import tell_language
    from spanwise.documents.sandbox import POOL

    if len(data) > limits.file_bytes:
        return _too_large(len(data), name, limits)
    with POOL.borrow(limits.memory_bytes) as worker:
        document = worker.read(data, limits, cross_check=cross_check)
    known = {"name": name, "digest": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return document.model_copy(update=known | {"language": tell_language(document.text)})
