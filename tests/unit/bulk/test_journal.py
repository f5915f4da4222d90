"""The journal: only the same run goes on, and only from what is on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from spanwise.bulk.journal import Files, Header, Journal, Progress, append, locked
from spanwise.errors import UserError

HEADER = Header(spanwise="1", model="m", inputs="i", settings={"threads": 1, "format": "jsonl"})


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "out.jsonl")


def committed(files: Files, *ends: int) -> None:
    """A journal of chunks of so many bytes each."""
    journal = Journal(files, HEADER)
    for number, end in enumerate(ends, start=1):
        append(files.part, "x" * (end - journal.progress.bytes))
        journal.commit(Progress(items=number, bytes=end))


def test_the_files_stand_beside_the_output(tmp_path: Path) -> None:
    files = Files(tmp_path / "out.jsonl")
    paths = (files.part, files.journal, files.errors_part, files.errors, files.lock)
    assert [path.name.removeprefix("out.jsonl") for path in paths] == [
        ".part", ".journal", ".errors.part", ".errors.jsonl", ".lock",
    ]  # fmt: skip


def test_a_run_goes_on_from_its_last_whole_line(files: Files) -> None:
    committed(files, 10, 30)
    append(files.part, "behind")
    append(files.errors_part, "behind")
    assert Journal(files, HEADER).progress == Progress(items=2, bytes=30)
    assert files.part.stat().st_size == 30
    assert files.errors_part.stat().st_size == 0


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_a_line_that_was_being_written_does_not_count(cut: int, files: Files) -> None:
    committed(files, 10, 30)
    files.journal.write_bytes(files.journal.read_bytes()[:-cut])
    assert Journal(files, HEADER).progress == Progress(items=1, bytes=10)
    committed(files, 20)
    assert Journal(files, HEADER).progress.bytes == 20


def test_a_journal_whose_first_line_was_being_written_begins_anew(files: Files) -> None:
    files.journal.write_text(HEADER.model_dump_json()[:20])
    assert Journal(files, HEADER).progress == Progress()
    committed(files, 10)
    assert Journal(files, HEADER).progress.bytes == 10


def test_what_is_left_without_a_journal_is_removed(files: Files) -> None:
    files.part.write_text("old")
    Journal(files, HEADER)
    assert not files.part.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"spanwise": "2"}, "spanwise 1"),
        ({"model": "n"}, "another model"),
        ({"inputs": "j"}, "other inputs, or they have changed since"),
        ({"settings": {"threads": 2, "format": "jsonl"}}, r"threads 1 \(now 2\)"),
        ({"model": "n", "settings": {"format": "jsonl"}}, r"another model, threads 1 \(now None\)"),
    ],
)
def test_another_run_does_not_go_on(changes: dict[str, object], reason: str, files: Files) -> None:
    committed(files, 10)
    append(files.part, "behind")
    with pytest.raises(UserError, match=f"was begun with {reason}\n.*--restart"):
        Journal(files, HEADER.model_copy(update=changes))
    assert files.part.stat().st_size == 16  # nothing was touched


def test_a_file_that_is_no_journal_is_told(files: Files) -> None:
    files.journal.write_text("notes\n")
    with pytest.raises(UserError, match="is no journal"):
        Journal(files, HEADER)


@pytest.mark.parametrize("complete", [False, True])
def test_lines_that_are_lost_are_told(complete: bool, files: Files) -> None:
    committed(files, 10)
    Journal(files, HEADER).commit(Progress(items=1, bytes=10, complete=complete))
    files.part.write_text("short")
    with pytest.raises(UserError, match="holds less than its journal says"):
        Journal(files, HEADER)
    files.part.unlink()
    with pytest.raises(UserError, match="holds less than its journal says"):
        Journal(files, HEADER)


def test_two_processes_do_not_write_the_same(files: Files) -> None:
    with locked(files), pytest.raises(UserError, match="another process is writing this"), locked(files):
        pass
    assert not files.lock.exists()
    with locked(files):
        assert not FileLock(files.lock).is_locked


def test_a_summary_tells_what_happened() -> None:
    progress = Progress(items=1200, failures=2, entities=3400, characters=56000)
    assert progress.summary(seconds=10, before=0) == (
        "1,198 documents, 3,400 entities, 56,000 characters, 2 failures: 10.0 s, 120.0 documents/s"
    )
    further = progress.model_copy(update={"left_out": 3}).summary(seconds=10, before=200)
    assert "3 entities left out, which overlap others, 200 done before: 10.0 s, 100.0" in further
