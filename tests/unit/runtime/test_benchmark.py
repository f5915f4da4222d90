"""What a benchmark counts, not how fast this machine is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime.benchmark import latency_rows, measure, model_mb
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction


class Counting(Predictor):
    """Notes how many documents come in each call."""

    def __call__(
        self, examples: Iterable[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        batch = list(examples)
        calls.append(len(batch))
        return super().__call__(batch, annotated=annotated)


calls: list[int] = []


@pytest.fixture
def predictor(tiny_tagger: Tagger) -> Predictor:
    calls.clear()
    return Counting(tiny_tagger.network, tiny_tagger.encoder, tiny_tagger.labels, 512)


def test_every_batch_size_is_timed_on_whole_rounds(predictor: Predictor, examples: list[Example]) -> None:
    measured = measure(predictor, examples[:3], batch_sizes=[1, 4], documents=8, repeats=2)
    # One round of warming up, two rounds at each batch size, two rounds at once.
    assert calls == [8] + [1] * 16 + [4] * 4 + [8] * 2
    assert set(measured["latency_ms"]) == {"1", "4"}
    for percentiles in measured["latency_ms"].values():
        assert 0 < percentiles["p50"] <= percentiles["p95"] <= percentiles["p99"]
    subwords = [predictor.encoder(example.text).subwords for example in examples[:3]]
    tokens = sum((subwords * 3)[:8])
    assert measured["tokens_per_s"] / measured["documents_per_s"] == pytest.approx(tokens / 8)


def test_rows_name_batch_size_time_and_percentile() -> None:
    measured = {"latency_ms": {"1": {"p50": 2.0, "p95": 3.0}, "8": {"p50": 9.0, "p95": 9.5}}}
    assert latency_rows(measured) == [(1, 2.0, "p50"), (1, 3.0, "p95"), (8, 9.0, "p50"), (8, 9.5, "p95")]


def test_nothing_to_time_is_an_error(predictor: Predictor) -> None:
    with pytest.raises(UserError, match="no document"):
        measure(predictor, [], batch_sizes=[1], documents=1, repeats=1)


def test_the_size_of_a_model_is_that_of_its_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"0" * 1_500_000)
    (tmp_path / "tokenizer.json").write_bytes(b"0" * 1_000_000)
    assert model_mb(tmp_path) == 1.5
