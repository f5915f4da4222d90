"""Files read by a process of their own: records, limits, and what becomes of the process."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from spanwise.documents import LIMITS, Limits, read_document, read_documents, read_or_fail, sandbox, worker
from spanwise.documents.document import MB, ReadDocument
from spanwise.errors import UserError
from tests.paperwork import (
    PROSE,
    column,
    docx,
    double_flate_bomb,
    many_pages,
    one_page,
    paragraph,
    pdf,
    scan,
    wrapped,
    zip_bomb,
)

ENGLISH = "Built the billing platform of a regional carrier and moved its invoices to events."
HARD = Limits(seconds=0.1)
ENDLESS = one_page(
    zlib.compress(b"BT /F1 10 Tf 50 700 Td " + b"(hello world) Tj 0 -1 Td " * 300_000 + b"ET"),
    b"/Filter /FlateDecode",
)
HUNGRY = one_page(zlib.compress(b"q " * 5_000_000), b"/Filter /FlateDecode")


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (pdf(column(wrapped(ENGLISH, 40))), "pdf"),
        (docx(paragraph(ENGLISH)), "docx"),
        (ENGLISH.encode(), "txt"),
    ],
    ids=["pdf", "docx", "txt"],
)
def test_every_format_gives_the_same_text_with_digest_and_language(data: bytes, format: str) -> None:
    found = read_document(data, name="cv")
    assert (found.status, found.format, found.text, found.language) == ("ok", format, ENGLISH, "en")
    assert (found.digest, found.size, found.name) == (hashlib.sha256(data).hexdigest(), len(data), "cv")
    assert found.disagreement == (0 if format == "pdf" else None)


def test_the_name_is_that_of_the_file_unless_given(tmp_path: Path) -> None:
    path = tmp_path / "ana.txt"
    path.write_text("Ana")
    assert read_document(path).name == "ana.txt"
    assert read_document(str(path), name="x").name == "x"
    assert read_document(path).language is None


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (double_flate_bomb(), "too_large"),
        (zip_bomb(), "too_large"),
        (many_pages(5000), "too_large"),
        (pdf(column(["x"]), password="word"), "encrypted"),
        (pdf(column(wrapped(PROSE, 60)))[:600], "corrupt"),
        (scan(), "no_text_layer"),
        (b"\x89PNG\r\n", "unsupported"),
        (b"", "corrupt"),
    ],
    ids=["flate-bomb", "zip-bomb", "pages", "encrypted", "truncated", "scan", "image", "empty"],
)
def test_hostile_files_have_a_status_and_their_reader_goes_on(data: bytes, status: str) -> None:
    found = read_document(data, cross_check=False)
    assert (found.status, found.text) == (status, "")
    assert found.reason
    assert read_document(b"Ana").status == "ok"


def test_a_file_that_takes_too_long_is_given_up() -> None:
    found = read_document(ENDLESS, limits=HARD, cross_check=False)
    assert (found.status, found.reason) == ("timeout", "takes more than 0.1 s to read")
    assert read_document(b"Ana", limits=HARD).text == "Ana"


def test_a_reader_that_sleeps_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    process = sandbox._start(LIMITS.memory_bytes)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(sandbox.Died) as caught:
        sandbox._ask(process, b"", b"", 0.2)
    assert caught.value.late
    assert process.returncode == -signal.SIGKILL
    process.communicate()


def test_native_code_out_of_memory_takes_no_one_along() -> None:
    found = read_document(HUNGRY, cross_check=False)
    assert found.status in ("corrupt", "timeout")  # which limit it meets first depends on the machine
    assert read_document(b"Ana").text == "Ana"


def test_memory_stays_below_its_limit() -> None:
    read_document(b"Ana")
    most = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal most
        while not stop.wait(0.002):
            for child in psutil.Process().children():
                try:
                    most = max(most, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    for data in (double_flate_bomb(), HUNGRY):
        read_document(data, cross_check=False)
    stop.set()
    watcher.join()
    assert 0 < most < 512 * MB


def test_a_reader_that_was_killed_between_files_is_replaced() -> None:
    pool = sandbox.Pool()
    with pool.borrow(LIMITS.memory_bytes) as reader:
        assert reader.read(b"Ana", LIMITS, cross_check=False).text == "Ana"
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        assert reader.read(b"Eva", LIMITS, cross_check=False).text == "Eva"
    with pool.borrow(LIMITS.memory_bytes) as again:
        assert again is reader
    pool.close()
    assert reader._process is None


def test_a_reader_that_dies_while_it_is_asked_is_a_file_that_cannot_be_read() -> None:
    reader = sandbox.Worker(LIMITS.memory_bytes)
    process = reader._running()
    process.send_signal(signal.SIGSTOP)
    threading.Timer(0.2, process.kill).start()
    found = reader.read(b"x" * 1_000_000, LIMITS, cross_check=False)
    assert (found.status, found.text) == ("corrupt", "")
    reader.close()


def test_an_answer_that_is_too_long_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "LARGEST_ANSWER", 10)
    reader = sandbox.Worker(LIMITS.memory_bytes)
    monkeypatch.setattr(sandbox, "_died", lambda process, late: sandbox.Died(late=late))
    assert reader.read(b"Ana", LIMITS, cross_check=False).status == "corrupt"
    reader.close()


def test_a_reader_is_replaced_after_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "FILES_EACH", 1)
    reader = sandbox.Worker(LIMITS.memory_bytes)
    assert reader.read(b"Ana", LIMITS, cross_check=False).status == "ok"
    assert reader._process is None


def test_an_interrupted_caller_leaves_no_answer_for_the_next() -> None:
    pool = sandbox.Pool()
    borrowed = pool.borrow(LIMITS.memory_bytes)
    reader = borrowed.__enter__()
    reader.read(b"Ana", LIMITS, cross_check=False)
    assert reader._process is not None
    assert borrowed.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False
    assert reader._process is None


def test_a_reader_that_does_not_start_is_the_users_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="does not start"):
        sandbox._start(LIMITS.memory_bytes)


def test_readers_know_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    process = sandbox._start(LIMITS.memory_bytes)
    assert "SECRET_TOKEN" not in psutil.Process(process.pid).environ()
    process.kill()
    process.communicate()


def test_threads_read_at_once() -> None:
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda index: read_document(f"file {index}".encode()).text, range(12)))
    assert found == [f"file {index}" for index in range(12)]


def test_many_files_come_in_order_and_a_missing_one_is_told(tmp_path: Path) -> None:
    paths = [tmp_path / f"{index}.txt" for index in range(9)]
    for path in paths[:-1]:
        path.write_text(f"file {path.stem}")
    found = list(read_documents(paths, workers=2))
    assert [document.text for document in found[:-1]] == [f"file {index}" for index in range(8)]
    assert (found[-1].status, found[-1].reason, found[-1].name) == ("corrupt", "no such file", "8.txt")


def test_bytes_and_files_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("four")
    small = Limits(file_bytes=3)
    for source in (path, b"four"):
        found = read_document(source, limits=small)
        assert (found.status, found.reason, found.size) == ("too_large", "4 bytes, of 3 at most", 4)


def test_what_cannot_be_opened_is_the_users_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(UserError, match="is no file"):
        read_document(tmp_path)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "one.txt").write_text("x")
    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(UserError, match="Permission denied"):
        read_document(tmp_path / "one.txt")


def test_who_needs_the_text_is_told_why_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scan())
    with pytest.raises(
        UserError, match=r"scan\.pdf: no text layer: its pages hold images and no text\n.*OCR"
    ):
        read_or_fail(path)
    assert read_or_fail(b"Ana").text == "Ana"


def test_the_process_serves_what_starts_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jobs, found = tmp_path / "jobs", tmp_path / "answers"
    jobs.write_bytes(request(b"Ana"))
    confined: list[int] = []
    monkeypatch.setattr(worker, "confine", confined.append)
    monkeypatch.setattr(sys, "argv", ["worker", "1000"])
    monkeypatch.setattr(os, "dup", lambda _: os.open(found, os.O_WRONLY | os.O_CREAT))
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    with jobs.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        worker.main()
    assert confined == [1000]
    assert found.read_bytes().startswith(worker.READY)
    assert b'"text":"Ana"' in found.read_bytes()


def request(data: bytes, **changed: object) -> bytes:
    job = {"size": len(data), "limits": asdict(LIMITS), "cross_check": True} | changed
    return json.dumps(job).encode() + b"\n" + data


def answers(*requests: bytes) -> list[ReadDocument]:
    """What the loop of the process answers, in this one."""
    stream = io.BytesIO()
    before = signal.getitimer(signal.ITIMER_PROF)
    worker.serve(io.BytesIO(b"".join(requests)), stream)
    assert signal.getitimer(signal.ITIMER_PROF) == before
    stream.seek(0)
    found = []
    while size := stream.read(worker.HEADER):
        found.append(ReadDocument.model_validate_json(stream.read(int.from_bytes(size, "big"))))
    return found


def test_the_loop_answers_each_job_and_ends_at_half_a_one() -> None:
    found = answers(
        request(b"Ana"), request(pdf(column(["Eva"]))), request(docx(paragraph("Ida"))), request(b"Uwe")[:-1]
    )
    assert [document.text for document in found] == ["Ana", "Eva", "Ida"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(MemoryError, "too_large"), (RecursionError, "corrupt"), (ValueError, "corrupt")],
)
def test_what_a_reader_raises_becomes_a_status(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: str
) -> None:
    def failing(*_: object) -> None:
        raise error("the text of the file")

    monkeypatch.setitem(worker._READERS, "txt", failing)
    [found] = answers(request(b"Ana"))
    assert found.status == status
    assert "the text" not in str(found)


@pytest.mark.parametrize("error", [MemoryError, TimeoutError])
def test_a_cross_check_that_takes_too_much_loses_no_document(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    import pdfminer.high_level

    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pdfminer.high_level, "extract_text", failing)
    found = worker.read_bytes(pdf(column(["Ana"])), LIMITS, cross_check=True)
    assert (found.status, found.text, found.disagreement) == ("ok", "Ana", None)


def test_a_cross_check_is_interrupted_by_the_signal_that_would_end_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pdfminer.high_level

    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGPROF)

    monkeypatch.setattr(pdfminer.high_level, "extract_text", interrupted)
    before = signal.getsignal(signal.SIGPROF)
    assert worker.read_bytes(pdf(column(["Ana"])), LIMITS, cross_check=True).disagreement is None
    assert signal.getsignal(signal.SIGPROF) == before


def test_the_process_confines_itself() -> None:
    code = (
        "import resource; from spanwise.documents import worker\n"
        "worker.load_libraries(); worker.confine(512 << 20)\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0] >> 20)\n"
        "try: bytearray(600 << 20)\n"
        "except MemoryError: print('refused')"
    )
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.split() == ["512", "refused"]


def test_importing_the_package_loads_no_reader() -> None:
    heavy = {"pypdfium2", "lxml", "pdfminer", "torch", "numpy"}
    code = f"import sys, spanwise.documents; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
