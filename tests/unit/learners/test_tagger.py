"""What a stored tagger holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoModelForTokenClassification, AutoTokenizer

from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.learners.tagger import Tagger
from spanwise.schema import Labels
from tests.tiny import TINY


def test_plain_transformers_loads_what_is_saved(tiny_tagger: Tagger, tmp_path: Path) -> None:
    tiny_tagger.save(tmp_path / "learner")
    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "learner")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "learner")
    assert model.config.id2label == dict(enumerate(tiny_tagger.labels.id2tag))
    assert model.config.label2id == tiny_tagger.labels.tag2id
    assert len(tokenizer("word " * 300)["input_ids"]) == 302  # nothing is cut off at the package's 128
    assert read_record(tmp_path / "learner" / "labels.json", Labels) == tiny_tagger.labels


def test_the_same_tagger_gives_the_same_bytes_without_pickle_or_paths(
    tiny_tagger: Tagger, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        tiny_tagger.save(tmp_path / name)
    files = {path.name for path in (tmp_path / "one").iterdir()}
    assert files == {
        "config.json",
        "head.safetensors",
        "labels.json",
        "manifest.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "windows.json",
    }
    for name in files:
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        assert str(tmp_path).encode() not in content
        assert b"site-packages" not in content


def test_windows_longer_than_the_model_are_refused(labels: Labels) -> None:
    with pytest.raises(UserError, match=r"model.max_length = 600: random has 512 positions"):
        Tagger.pretrained(labels, **TINY | {"max_length": 600}, seed=13)


def test_a_tokenizer_that_knows_more_than_the_model_is_refused(labels: Labels) -> None:
    small = TINY["architecture"] | {"vocab_size": 100}
    parameters = 1010304 - (30522 - 100) * 32
    with pytest.raises(
        UserError, match="the tokenizer knows 30522 tokens, but the model has embeddings for 100"
    ):
        Tagger.pretrained(labels, **TINY | {"architecture": small, "parameters": parameters}, seed=13)
