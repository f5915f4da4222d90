from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from spanwise.readers.files import corpus_files, passed_over, published_split


@pytest.mark.parametrize(
    ("path", "side"),
    [
        ("train.tsv", "train"),
        ("Train/part1.tsv", "train"),
        ("ner_train.tsv", "train"),
        ("corpus-dev.v2.conll", "validation"),
        ("test1.txt", "test"),
        ("a/validation/b/c.txt", "validation"),
        ("train/blood-test.txt", "train"),
        ("train_test.tsv", None),
        ("latest/contest.tsv", None),
        ("lab-test/a.txt", None),
        ("a.txt", None),
    ],
)
def test_a_side_is_named_by_a_folder_or_a_word_of_the_file(path: str, side: str | None) -> None:
    assert published_split(PurePath(path)) == side


def test_suffixes_count_in_any_case_and_other_files_are_known(tmp_path: Path) -> None:
    for name in ("a.TSV", "b.iob2", "c.Bio", "d.iobes", "e.conllx", "README.md", ".hidden.tsv"):
        (tmp_path / name).write_text("")
    assert [path.name for path in corpus_files(tmp_path, "iob")] == ["a.TSV", "b.iob2", "c.Bio", "d.iobes"]
    assert [path.name for path in passed_over(tmp_path, "iob")] == ["README.md", "e.conllx"]


def test_packed_files_are_told_by_both_suffixes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.JSONL", "c.gz", "d.json.gz"):
        (tmp_path / name).write_text("")
    assert [path.name for path in corpus_files(tmp_path, "medquad")] == ["a.jsonl.gz", "b.JSONL"]
    assert [path.name for path in passed_over(tmp_path, "frenchmedmcqa")] == ["a.jsonl.gz", "b.JSONL", "c.gz"]
