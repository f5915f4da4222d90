"""The predictor: nothing dropped, nothing moved, whatever the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime.predictor import CHUNK, POINTED_CHUNK, Predictor
from spanwise.schema import Example, Labels
from tests.tiny import TINY


@pytest.fixture(scope="module")
def predictor(labels: Labels) -> Predictor:
    tagger = Tagger.pretrained(labels, **TINY, seed=13)
    return tagger.predictor(256)


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


def test_chunks_are_computed_by_themselves(predictor: Predictor, examples: list[Example]) -> None:
    stream = [document(examples[n % 12].text, f"d{n}") for n in range(predictor.chunk + 7)]
    together = list(predictor(stream))
    apart = [*predictor(stream[: predictor.chunk]), *predictor(stream[predictor.chunk :])]
    assert together == apart


def test_a_span_head_takes_fewer_documents_at_once(predictor: Predictor, labels: Labels) -> None:
    pointed = Tagger.pretrained(labels, **TINY, seed=13, head="pointer").predictor(256)
    assert (predictor.chunk, pointed.chunk) == (CHUNK, POINTED_CHUNK)


def test_the_same_documents_give_the_same_predictions(predictor: Predictor, examples: list[Example]) -> None:
    assert list(predictor(examples)) == list(predictor(examples))


def test_a_stored_model_predicts_as_the_one_that_was_stored(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    loaded = Predictor.load(tmp_path / "learner", batch_tokens=256)
    before = tiny_tagger.predictor(256)
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
        (_lose, "config.json", "no such file"),
        (_cut, "tokenizer.json", "the tokenizer cannot be loaded"),
        (_lose, "head.safetensors", "the heads cannot be loaded"),
    ],
)
def test_a_damaged_model_is_an_error(
    damage: Callable[[Path, str], None], name: str, message: str, tiny_tagger: Tagger, tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    damage(tmp_path / "learner", name)
    with pytest.raises(UserError, match=message):
        Predictor.load(tmp_path / "learner", batch_tokens=256)
