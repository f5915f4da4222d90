from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import write_jsonl
from spanwise.schema import Example, Prediction
from spanwise.sides import (
    AUXILIARIES,
    EVALUATED,
    UNLABELLED,
    auxiliary_folder,
    backend_folder,
    read_auxiliaries,
    read_predictions,
    read_side,
    read_unlabelled,
    write_sides,
)


def document(name: str) -> Example:
    return Example(id=name, text="Rash", target=(), group=name)


def test_nothing_is_read_where_nothing_was_written(tmp_path: Path) -> None:
    assert read_auxiliaries(tmp_path / "nowhere") == {}
    assert read_unlabelled(tmp_path / "nowhere") == []


def test_further_corpora_are_read_by_name(tmp_path: Path) -> None:
    for name in ("b.v2", "a"):
        write_jsonl(tmp_path / AUXILIARIES / f"{name}.jsonl", [document(f"{name}/1")])
    write_jsonl(tmp_path / UNLABELLED, [document("c/1")])
    found = read_auxiliaries(tmp_path)
    assert list(found) == ["a", "b.v2"]
    assert found["b.v2"] == [document("b.v2/1")]
    assert read_unlabelled(tmp_path) == [document("c/1")]


def test_malformed_lines_are_told(tmp_path: Path) -> None:
    (tmp_path / AUXILIARIES).mkdir()
    (tmp_path / AUXILIARIES / "a.jsonl").write_text("{}\n")
    with pytest.raises(UserError, match=r"a\.jsonl:1: not a valid Example"):
        read_auxiliaries(tmp_path)


def test_each_side_is_a_file_and_is_read_again(tmp_path: Path) -> None:
    own = auxiliary_folder(tmp_path, "other")
    assert own == tmp_path / "auxiliaries" / "other"
    for folder, name in ((tmp_path, "a"), (own, "other/a")):
        write_sides(folder, {"train": [document(name), document(f"{name}b")], "test": []})
        assert [path.name for path in sorted(folder.glob("*.jsonl"))] == ["test.jsonl", "train.jsonl"]
        assert read_side(folder, "train") == [document(name), document(f"{name}b")]
        assert read_side(folder, "test") == []


def test_a_side_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"validation\.jsonl: no such file"):
        read_side(tmp_path, "validation")


def test_predictions_are_read_side_by_side(tmp_path: Path) -> None:
    folder = backend_folder(tmp_path, "onnx-int8")
    found = {side: [Prediction(id=side, text="Rash", group=side)] for side in EVALUATED}
    for side, predictions in found.items():
        write_jsonl(folder / f"{side}.jsonl", predictions)
    assert read_predictions(folder) == (found["validation"], found["test"])
    assert folder == tmp_path / "backends" / "onnx-int8"
