"""The predictor: nothing dropped, nothing moved, whatever the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime.predictor import CHUNK, Predictor, batches
from spanwise.schema import Example, Labels
from tests.tiny import TINY


@pytest.fixture(scope="module")
def predictor(labels: Labels) -> Predictor:
    tagger = Tagger.pretrained(labels, **TINY, seed=13)
    return Predictor(tagger.network, tagger.encoder, labels, batch_tokens=256)


def document(text: str, name: str = "d") -> Example:
    return Example(id=name, text=text, target=(), group=name)


@given(text=st.text(max_size=200))
def test_spans_are_sorted_apart_and_inside_any_text(predictor: Predictor, text: str) -> None:
    [prediction] = predictor([document(text)])
    assert prediction.text == text
    end = 0
    for span in prediction.predicted:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()
        end = span.end


def test_a_prediction_does_not_depend_on_its_neighbours(
    predictor: Predictor, examples: list[Example]
) -> None:
    together = list(predictor(examples))
    assert [prediction.id for prediction in together] == [example.id for example in examples]
    for example, prediction in zip(examples, together, strict=True):
        [alone] = predictor([example])
        assert [(s.start, s.end, s.label) for s in alone.predicted] == [
            (s.start, s.end, s.label) for s in prediction.predicted
        ]


def test_documents_beyond_one_chunk_come_in_order(predictor: Predictor) -> None:
    count = CHUNK + 3
    stream = (document(f"note {number}", f"d{number}") for number in range(count))
    assert [prediction.id for prediction in predictor(stream)] == [f"d{n}" for n in range(count)]


def test_the_same_documents_give_the_same_predictions(predictor: Predictor, examples: list[Example]) -> None:
    assert list(predictor(examples)) == list(predictor(examples))


def test_a_stored_model_predicts_as_the_one_that_was_stored(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    loaded = Predictor.load(tmp_path / "learner", batch_tokens=256)
    before = Predictor(tiny_tagger.network, tiny_tagger.encoder, tiny_tagger.labels, 256)
    assert list(loaded(examples)) == list(before(examples))


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no model"):
        Predictor.load(tmp_path, batch_tokens=256)


def _lose(folder: Path, name: str) -> None:
    (folder / name).unlink()


def _cut(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:1000])


def _swap_labels(folder: Path, name: str) -> None:
    swapped = Labels(
        id2tag=("O", "B-Sign", "I-Sign", "B-Drug", "I-Drug"), tiers={"Drug": "high", "Sign": "low"}
    )
    (folder / name).write_text(swapped.model_dump_json())


@pytest.mark.parametrize(
    ("damage", "name", "message"),
    [
        (_lose, "model.safetensors", "the model cannot be loaded"),
        (_cut, "model.safetensors", "the model cannot be loaded"),
        (_lose, "tokenizer.json", "holds no vocabulary"),
        (_swap_labels, "labels.json", "its tags are not those of the model"),
    ],
)
def test_a_damaged_model_is_an_error(
    damage: Callable[[Path, str], None], name: str, message: str, tiny_tagger: Tagger, tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    damage(tmp_path / "learner", name)
    with pytest.raises(UserError, match=message):
        Predictor.load(tmp_path / "learner", batch_tokens=256)


@given(lengths=st.lists(st.integers(1, 300), max_size=50), budget=st.integers(1, 600))
def test_batches_hold_every_window_once_and_keep_to_the_budget(lengths: list[int], budget: int) -> None:
    found = list(batches(lengths, budget))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_batches_are_of_like_length() -> None:
    assert list(batches([5, 100, 6, 90], budget=200)) == [[1, 3], [2, 0]]
