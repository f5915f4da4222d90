from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from spanwise.errors import UserError
from spanwise.service.observability import audit
from spanwise.service.observability.audit import Audit

NOW = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)


def lines(path: Path) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_tells_who_when_and_how(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path).record(request="r-1", key="ward-7", level="basic", version="pii@v1.0.0", now=NOW)
    Audit(path).record(request="r-2", key=None, level="thorough", version="rules@0.1.0", now=NOW)
    time = "2026-01-02T03:04:05.006+00:00"
    assert lines(path) == [
        {"time": time, "request": "r-1", "key": "ward-7", "level": "basic", "version": "pii@v1.0.0"},
        {"time": time, "request": "r-2", "key": None, "level": "thorough", "version": "rules@0.1.0"},
    ]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("field", ["request", "key", "level", "version"])
def test_a_text_is_not_recorded(tmp_path: Path, field: str) -> None:
    fields = {"request": "r", "key": "k", "level": "basic", "version": "v"} | {field: "Jane Doe"}
    with pytest.raises(ValueError, match=f"^{field} is no word$"):
        Audit(tmp_path / "audit.jsonl").record(**fields)  # type: ignore[arg-type]
    assert not (tmp_path / "audit.jsonl").exists()


def test_a_full_file_is_put_aside_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for number in range(30):
        Audit(path, largest=1000).record(request=f"r-{number}", key=None, level="basic", version="v", now=NOW)
    files = [*sorted(tmp_path.glob("audit.jsonl.0*")), path]
    assert [file.name for file in files][:2] == ["audit.jsonl.000001", "audit.jsonl.000002"]
    assert all(file.stat().st_size <= 1000 for file in files)
    told = [line["request"] for file in files for line in lines(file)]
    assert told == [f"r-{number}" for number in range(30)]


def test_no_line_is_lost_or_torn_among_threads(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"

    def write(thread: int) -> None:
        for number in range(25):
            Audit(path, largest=2000).record(
                request=f"{thread}-{number}", key=None, level="basic", version="v"
            )

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = {
        line["request"]
        for file in tmp_path.glob("audit.jsonl*")
        if file.suffix != ".lock"
        for line in lines(file)
    }
    assert told == {f"{thread}-{number}" for thread in range(4) for number in range(25)}


def test_a_file_that_another_process_holds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "WAIT", 0.01)
    path = tmp_path / "audit.jsonl"
    with FileLock(f"{path}.lock"), pytest.raises(UserError, match="another process holds it"):
        Audit(path).record(request="r", key=None, level="basic", version="v")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        Audit(tmp_path / "file" / "audit.jsonl").record(request="r", key=None, level="basic", version="v")


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path).record(request="r-1", key=None, level="basic", version="v")
    before = path.read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:10]))
    with pytest.raises(UserError, match="no room"):
        Audit(path).record(request="r-2", key=None, level="basic", version="v")
    monkeypatch.undo()
    assert path.read_bytes() == before
