"""The stored tokenizer: the same windows as from Transformers' own."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from spanwise.encoding import Encoder
from spanwise.errors import UserError
from spanwise.runtime.tokens import StoredTokenizer
from tests.unit.test_alignment import byte_level, metaspace

KNOWN = 100_000


@pytest.fixture(scope="module", params=["wordpiece", "<s>", "<s> </s>", "bare", "metaspace"])
def encoders(
    request: pytest.FixtureRequest,
    tokenizer: PreTrainedTokenizerBase,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Encoder, Encoder]:
    made = {
        "wordpiece": lambda: tokenizer,
        "<s>": lambda: byte_level("<s>", ""),
        "<s> </s>": lambda: byte_level("<s>", "</s>"),
        "bare": lambda: byte_level("", ""),
        "metaspace": metaspace,
    }
    folder = tmp_path_factory.mktemp("tokenizer")
    made[request.param]().save_pretrained(folder)
    loaded = AutoTokenizer.from_pretrained(folder)
    stored = cast("PreTrainedTokenizerBase", StoredTokenizer(folder, KNOWN))
    return Encoder(loaded, 16, 4), Encoder(stored, 16, 4)


@given(text=st.text(st.characters(codec="utf-8"), max_size=80))
def test_windows_are_those_of_transformers(encoders: tuple[Encoder, Encoder], text: str) -> None:
    one, other = (encoder(text) for encoder in encoders)
    assert (one.subwords, one.dropped_words) == (other.subwords, other.dropped_words)
    assert np.array_equal(one.words, other.words)
    assert len(one.windows) == len(other.windows)
    for a, b in zip(one.windows, other.windows, strict=True):
        assert np.array_equal(a.input_ids, b.input_ids)
        assert np.array_equal(a.positions, b.positions)
        assert np.array_equal(a.owned, b.owned)


def test_special_tokens_are_those_of_transformers(encoders: tuple[Encoder, Encoder]) -> None:
    one, other = encoders
    assert np.array_equal(one.prefix, other.prefix)
    assert np.array_equal(one.suffix, other.suffix)


def test_more_tokens_than_embeddings_are_an_error(tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="knows 30522 tokens, but the model has embeddings for 30"):
        StoredTokenizer(tmp_path, 30)


def test_nothing_else_is_asked_of_tokens(tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(KeyError, match="attention_mask"):
        StoredTokenizer(tmp_path, KNOWN)("a")["attention_mask"]
