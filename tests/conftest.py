"""What all tests share: no network but loopback, and the real data where it is at hand."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from spanwise.schema import Example, Labels, Span
from tests.tiny import MINILM, TINY

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from spanwise.learners.tagger import Tagger

# Tiny models are quickest on one thread, and torch reads this when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("quick", max_examples=300, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Other people's corpora, which the project does not commit: $SPANWISE_SHARED_DATA or ../shared/data."""
    folder = Path(os.environ.get("SPANWISE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set SPANWISE_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    """The tokenizer that the embedded default comes with."""
    from spanwise.learners.sources import load_tokenizer

    return load_tokenizer(MINILM, cased=False)


@pytest.fixture(scope="session")
def labels() -> Labels:
    """Two entity types, one in each of two tiers."""
    return Labels(id2tag=("O", "B-Drug", "I-Drug", "B-Sign", "I-Sign"), tiers={"Drug": "high", "Sign": "low"})


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Made-up notes in which a drug always follows `took` and a sign always follows `had`."""
    signs = ["fever", "dry cough", "rash", "back pain", "nausea", "vertigo"]
    drugs = ["aspirin", "ibuprofen", "codeine", "vitamin C", "insulin", "heparin sodium"]
    notes = []
    for number in range(12):
        sign, drug = signs[number % 6], drugs[(number + number // 6) % 6]
        text = f"Patient {number} had {sign} and took {drug} daily. " + "Nothing else was noted. " * (
            number % 4
        )
        spans = (
            Span(start=text.index(sign), end=text.index(sign) + len(sign), label="Sign"),
            Span(start=text.index(drug), end=text.index(drug) + len(drug), label="Drug"),
        )
        notes.append(Example(id=f"n{number:02}", text=text, target=spans, group=f"n{number:02}"))
    return notes


@pytest.fixture
def tiny_tagger(labels: Labels) -> Tagger:
    """A fresh tagger of random weights."""
    from spanwise.learners.tagger import Tagger

    return Tagger.pretrained(labels, **TINY, seed=13)


@pytest.fixture
def without_dvc(monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC is not installed."""
    importing = builtins.__import__

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("dvc"):
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", failing)


@pytest.fixture(scope="module")
def settings_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the user has set for DVC stays out of it."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"DVC_{kind}_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        yield
