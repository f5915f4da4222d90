"""The prediction cache: the same predictions, never another model's, and nothing from a forged folder."""

from __future__ import annotations

import io
import pickle
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime.cache import CachedPredictor, model_digest, opened
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels, Prediction, Span
from tests.tiny import TINY

TEXTS = ["Patient 1 had dry cough.", "He took aspirin daily.", "", "é 😀 fever"]
DOCUMENTS = [Example(id=f"d{number}", text=text, target=(), group="g") for number, text in enumerate(TEXTS)]


class Counting:
    """A predictor that remembers what it was asked."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.encoder, self.labels = predictor.encoder, predictor.labels
        self.asked: list[str] = []

    def __call__(
        self, examples: Sequence[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        self.asked += [example.id for example in examples]
        return self.predictor(examples, annotated=annotated)


@pytest.fixture(scope="module")
def folder(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "learner"
    Tagger.pretrained(labels, **TINY, seed=2).save(folder)
    return folder


@pytest.fixture
def predictor(folder: Path) -> Counting:
    return Counting(Predictor.load(folder))


@pytest.fixture
def cached(predictor: Any, tmp_path: Path) -> Iterator[CachedPredictor]:
    with opened(tmp_path / "cache", 10) as store:
        yield CachedPredictor(predictor, store, "model", "torch")


def forge(folder: Path, **columns: object) -> None:
    """Overwrite columns of all entries."""
    with sqlite3.connect(folder / "cache.db") as database:
        for name, value in columns.items():
            database.execute(f"UPDATE Cache SET {name} = ?", (value,))
    database.close()


def test_what_is_found_is_what_was_predicted(cached: CachedPredictor, predictor: Counting) -> None:
    expected = list(predictor.predictor(DOCUMENTS))
    assert any(prediction.predicted for prediction in expected)
    assert list(cached(DOCUMENTS)) == expected
    renamed = [example.model_copy(update={"id": f"other {example.id}"}) for example in DOCUMENTS]
    again = list(cached(renamed))
    assert [prediction.id for prediction in again] == [example.id for example in renamed]
    assert [prediction.predicted for prediction in again] == [prediction.predicted for prediction in expected]
    assert predictor.asked == ["d0", "d1", "d2", "d3"]


def test_only_what_is_missing_is_predicted_and_the_order_stays(
    cached: CachedPredictor, predictor: Counting
) -> None:
    list(cached(DOCUMENTS[1:3]))
    found = list(cached(iter(DOCUMENTS)))
    assert [prediction.id for prediction in found] == ["d0", "d1", "d2", "d3"]
    assert predictor.asked == ["d1", "d2", "d0", "d3"]


@pytest.mark.parametrize("other", [{"model": "another"}, {"backend": "onnx-int8"}])
def test_an_entry_of_another_model_or_backend_is_never_taken(
    other: dict[str, Any], cached: CachedPredictor, predictor: Counting
) -> None:
    list(cached(DOCUMENTS))
    list(replace(cached, **other)(DOCUMENTS))
    assert len(predictor.asked) == 2 * len(DOCUMENTS)


def test_an_entry_for_other_labels_is_never_taken(cached: CachedPredictor, predictor: Counting) -> None:
    list(cached(DOCUMENTS))
    found = list(cached(DOCUMENTS, annotated=["Drug"]))
    assert {span.label for prediction in found for span in prediction.predicted} <= {"Drug"}
    list(cached(DOCUMENTS, annotated=["Drug"]))
    assert len(predictor.asked) == 2 * len(DOCUMENTS)


def test_neither_text_nor_id_is_stored(cached: CachedPredictor, tmp_path: Path) -> None:
    list(cached(DOCUMENTS))
    stored = b"".join(path.read_bytes() for path in (tmp_path / "cache").iterdir())
    assert b"predicted" not in stored
    assert b"cough" not in stored
    assert b'"label":"' in stored


def test_gold_spans_are_refused(cached: CachedPredictor) -> None:
    gold = DOCUMENTS[0].model_copy(update={"target": (Span(start=0, end=7, label="Drug"),)})
    with pytest.raises(ValueError, match="without gold spans"):
        list(cached([gold]))


@pytest.mark.parametrize(
    "forged",
    [
        "[]x",
        '[{"start": 0}]',
        '[{"start":0,"end":999,"label":"Drug","tier":"t","confidence":{"words":[1],"minimum":1,"mean":1,"product":1,"span":1}}]',
        '[{"start":0,"end":1,"label":"Other","tier":"t","confidence":{"words":[1],"minimum":1,"mean":1,"product":1,"span":1}}]',
        b"bytes",
        7,
    ],
)  # fmt: skip
def test_an_entry_that_is_no_prediction_of_the_text_counts_as_none(
    forged: object, cached: CachedPredictor, predictor: Counting, tmp_path: Path
) -> None:
    expected = list(cached(DOCUMENTS))
    forge(tmp_path / "cache", value=forged)
    assert list(cached(DOCUMENTS)) == expected
    assert len(predictor.asked) == 2 * len(DOCUMENTS)


class Opened:
    """Unpickled, it would leave a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return io.open, (str(self.path), "w")


@pytest.mark.parametrize("in_file", [False, True])
def test_a_pickle_in_a_forged_folder_is_never_read(
    in_file: bool, cached: CachedPredictor, predictor: Counting, tmp_path: Path
) -> None:
    expected = list(cached(DOCUMENTS))
    evil = pickle.dumps(Opened(tmp_path / "taken"))
    (tmp_path / "cache/evil.val").write_bytes(evil)
    if in_file:
        forge(tmp_path / "cache", mode=4, value=None, filename="evil.val")
    else:
        forge(tmp_path / "cache", mode=4, value=evil)
    assert list(cached(DOCUMENTS)) == expected
    assert len(predictor.asked) == 2 * len(DOCUMENTS)
    assert not (tmp_path / "taken").exists()


def test_a_forged_folder_deletes_no_file(cached: CachedPredictor, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.touch()
    list(cached(DOCUMENTS))
    forge(tmp_path / "cache", filename="../precious")
    cached.store.clear()
    assert precious.exists()


def test_nothing_but_text_can_be_stored(cached: CachedPredictor) -> None:
    with pytest.raises(TypeError, match="only text is cached, not list"):
        cached.store.set("key", [1])
    with pytest.raises(TypeError, match="only text is cached, not tuple"):
        cached.store.get((1, 2))


def test_the_folder_stays_small(tmp_path: Path) -> None:
    with opened(tmp_path / "cache", 1) as store:
        for number in range(400):
            store.set(str(number), "x" * 10_000)
        assert 50 < len(store) < 110
        assert store.get("399") is not None
        assert store.get("0") is None
    assert sum(path.stat().st_size for path in (tmp_path / "cache").iterdir()) < 2_000_000


def test_all_of_a_chunk_is_stored_or_nothing(
    cached: CachedPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a run that was killed and goes on predicts the same documents together."""
    storing = cached.store.set

    def interrupted(key: str, value: str) -> None:
        if len(cached.store) == 2:
            raise KeyboardInterrupt
        storing(key, value)

    monkeypatch.setattr(cached.store, "set", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(cached(DOCUMENTS))
    assert len(cached.store) == 0


def test_a_folder_that_holds_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_text("notes " * 1000)
    with pytest.raises(UserError, match="cannot be used as a cache"), opened(tmp_path, 1):
        pass


def test_the_digest_of_a_model_is_that_of_all_that_predictions_follow_from(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("model.safetensors", "labels.json", "windows.json", "tokenizer.json", "config.json"):
        assert (folder / name).is_file()
        changed = tmp_path / name
        changed.mkdir()
        for path in folder.iterdir():
            (changed / path.name).write_bytes(path.read_bytes() + b" " * (path.name == name))
        assert model_digest(changed) != model_digest(folder)
