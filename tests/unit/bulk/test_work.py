"""A worker: one outcome an item, whatever the documents and the model do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwise.bulk.documents import Document, Failure, Rendered
from spanwise.bulk.work import Job, Worker
from spanwise.calibration import Calibration
from spanwise.schema import Labels

BAD = Failure(None, "f:9", "bad")


def document(text: str, name: str = "d") -> Document:
    return Document(name, text, f"{name}:1", name)


@pytest.fixture(scope="module")
def worker(job: Job) -> Worker:
    return Worker(job)


def test_failures_stay_where_they_are(worker: Worker) -> None:
    found = worker([BAD, document("He had fever."), BAD, document("")])
    assert [found[0], found[2]] == [BAD, BAD]
    assert found[3] == Rendered('{"id":"d","entities":[]}\n', 0, 0)
    assert isinstance(found[1], Rendered)
    assert found[1].characters == 13


@given(texts=st.lists(st.text(max_size=60), max_size=5))
@settings(max_examples=50)
def test_offsets_are_those_of_any_text(texts: list[str], worker: Worker) -> None:
    outcomes = worker([document(text, f"d{number}") for number, text in enumerate(texts)])
    for number, (text, outcome) in enumerate(zip(texts, outcomes, strict=True)):
        assert isinstance(outcome, Rendered)
        entry = json.loads(outcome.lines)
        assert entry["id"] == f"d{number}"
        for entity in entry["entities"]:
            assert entity["text"] == text[entity["start"] : entity["end"]]


def test_a_calibration_is_applied(job: Job) -> None:
    even = Calibration(method="platt", feature="minimum", slope=0.0, intercept=0.0, spans=9)
    with Worker(replace(job, calibration=even)) as worker:
        [found] = worker([document("Patient 1 had dry cough and took aspirin daily.")])
    assert isinstance(found, Rendered)
    assert {entity["confidence"] for entity in json.loads(found.lines)["entities"]} == {0.5}


def test_a_document_that_the_model_fails_on_is_told_from_its_neighbours(
    model: Path, job: Job, labels: Labels, tmp_path: Path
) -> None:
    """A word whose weights are damaged makes the output of its document infinite, and of no other."""
    from safetensors.torch import load_file, save_file

    damaged = shutil.copytree(model, tmp_path / "damaged")
    weights = load_file(damaged / "model.safetensors")
    [name] = [name for name in weights if name.endswith("word_embeddings.weight")]
    token = json.loads((damaged / "tokenizer.json").read_text())["model"]["vocab"]["cough"]
    weights[name][token] = float("nan")
    save_file(weights, damaged / "model.safetensors", metadata={"format": "pt"})

    with Worker(replace(job, model=damaged)) as worker:
        first, second, third = worker([document("fever", "a"), document("a dry cough", "b"), BAD])
    assert isinstance(first, Rendered)
    assert second == Failure("b", "b:1", "document b: the model's output is not finite")
    assert third == BAD


def test_a_cache_gives_what_was_predicted_before(job: Job, tmp_path: Path) -> None:
    notes = [document("Patient 1 had dry cough."), document("He took aspirin.", "e")]
    cached = replace(job, cache=tmp_path / "cache", cache_mb=10)
    with Worker(cached) as first, Worker(cached) as second:
        assert first(notes) == second(notes)
    with Worker(job) as plain, Worker(cached) as third:
        assert plain(notes) == third(notes)
