"""A stored model, and a predictor that takes as long as a test says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from spanwise.encoding import Encoder
from spanwise.learners.tagger import Tagger
from spanwise.schema import Example, Labels, Prediction
from tests.tiny import TINY


@dataclass
class Clockwork:
    """A clock that moves when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def take(self, seconds: float) -> Iterator[None]:
        """Something that takes so long, and only if it is waited for."""
        self.now += seconds
        yield


@dataclass
class Steady:
    """A predictor that takes a fixed time for a call, and for each subword."""

    encoder: Encoder
    clock: Clockwork
    seconds_per_call: float = 0.0
    seconds_per_subword: float = 0.001
    calls: list[int] = field(default_factory=list)

    def __call__(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        batch = list(examples)
        self.calls.append(len(batch))
        self.clock.now += self.seconds_per_call
        for example in batch:
            self.clock.now += self.seconds_per_subword * self.encoder(example.text).subwords
            yield Prediction(id=example.id, text=example.text, group=example.group)


@pytest.fixture
def clock() -> Clockwork:
    return Clockwork()


@pytest.fixture
def steady(tiny_tagger: Tagger, clock: Clockwork) -> Steady:
    return Steady(tiny_tagger.encoder, clock)


@pytest.fixture(scope="session")
def stored(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model."""
    folder = tmp_path_factory.mktemp("models") / "learner"
    Tagger.pretrained(labels, **TINY, seed=2).save(folder)
    return folder
