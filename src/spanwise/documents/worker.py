"""The process that reads files: `python -m spanwise.documents.worker`, fed by `sandbox`.

It holds no secret and writes no file. On standard input come a line of JSON, which is the job, and the bytes;
on standard output go the length of the answer and the answer, a record in JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType
from typing import BinaryIO

from spanwise.documents.document import LIMITS, Format, Limits, ReadDocument
from spanwise.documents.failure import Unreadable
from spanwise.documents.sniffing import sniff

READY = b"ready\n"
AGAIN = 0.2  # seconds
HEADER = 8  # bytes of the length of an answer, big-endian
_SMALL = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R
/Resources <</Font <</F 4 0 R>>>>>> endobj
4 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
5 0 obj <</Length 22>> stream
BT /F 9 Tf (a b) Tj ET
endstream endobj
trailer <</Root 1 0 R>>
"""


def read_bytes(data: bytes, limits: Limits, *, cross_check: bool) -> ReadDocument:
    """Read a file in this process, which it may crash or exhaust; in its main thread, where signals arrive.

    Args:
        data: The file.
        limits: Of pages, characters and what it unpacks to; time and memory are not limited here.
        cross_check: Whether to compare a PDF with what pdfminer.six finds.
    """
    kind: Format | None = None
    try:
        kind, failure = sniff(data, limits)
        if failure is not None or kind is None:
            raise failure or Unreadable("unsupported", "is of no known format")
        document = _READERS[kind](data, limits)
        compared = _disagreement(data, document.text) if kind == "pdf" and cross_check else None
        return document.model_copy(update={"format": kind, "disagreement": compared})
    except Unreadable as failure:
        return ReadDocument(status=failure.status, reason=failure.reason, format=kind)
    except MemoryError:
        return ReadDocument(status="too_large", reason="needs too much memory", format=kind)
    except RecursionError:
        return ReadDocument(status="corrupt", reason="is nested too deep", format=kind)


def _pdf(data: bytes, limits: Limits) -> ReadDocument:
    from spanwise.documents.inflation import check_streams
    from spanwise.documents.pdf import read_pdf

    check_streams(data, limits)
    return read_pdf(data, limits)


def _docx(data: bytes, limits: Limits) -> ReadDocument:
    from spanwise.documents.docx import read_docx

    return read_docx(data, limits)


def _txt(data: bytes, limits: Limits) -> ReadDocument:
    from spanwise.documents.txt import read_txt

    return read_txt(data, limits)


_READERS = {"pdf": _pdf, "docx": _docx, "txt": _txt}


def _disagreement(data: bytes, text: str) -> float | None:
    """What the cross-check finds in the time that is left; what has been read is not lost by it."""
    from spanwise.documents.cross_check import find_disagreement

    before = signal.signal(signal.SIGPROF, _give_up)
    try:
        return find_disagreement(data, text)
    except (MemoryError, TimeoutError):
        return None
    finally:
        signal.signal(signal.SIGPROF, before)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer jobs until there are no more."""
    while header := requests.readline():
        job = json.loads(header)
        data = requests.read(job["size"])
        if len(data) < job["size"]:
            return
        limits = Limits(**job["limits"])
        # Its signal ends the process, whatever native code is doing; a cross-check gets it again and again.
        signal.setitimer(signal.ITIMER_PROF, limits.seconds, AGAIN)
        try:
            document = read_bytes(data, limits, cross_check=job["cross_check"])
        except Exception:
            document = ReadDocument(status="corrupt", reason="is damaged")
        answer = document.model_dump_json().encode("utf-8", errors="replace")
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(len(answer).to_bytes(HEADER, "big") + answer)
        answers.flush()


def confine(memory_bytes: int) -> None:
    """Limit what this process may do: its memory, no core dump, no file written, no process started."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def load_libraries() -> None:
    """Import all that reading takes, and use it once, before there is a limit to run into."""
    for data in (_SMALL, "Zoë".encode("latin-1")):
        read_bytes(data, LIMITS, cross_check=True)
    from lxml import etree  # noqa: F401

    import spanwise.documents.docx  # noqa: F401


def main() -> None:
    """Serve the process that started this one."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not come between the answers
        load_libraries()
        confine(int(sys.argv[1]))
        answers.write(READY)
        answers.flush()
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
