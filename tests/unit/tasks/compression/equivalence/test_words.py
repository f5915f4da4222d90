from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.words import is_subsequence, kept, stem, words

TEXTS = st.text(alphabet="ab1 .'é-\n", max_size=30)


@given(TEXTS, st.data())
def test_what_is_left_after_dropping_tokens_is_a_subsequence(text: str, data: st.DataObject) -> None:
    tokens = words(text)
    flags = data.draw(st.lists(st.booleans(), min_size=len(tokens), max_size=len(tokens)))
    shorter = " ".join(token.text for token, flag in zip(tokens, flags, strict=True) if flag)
    assert is_subsequence(text, shorter)
    assert sum(kept(tokens, words(shorter))) == sum(flags)


@given(TEXTS)
def test_tokens_cover_all_but_white_space(text: str) -> None:
    assert "".join(token.text for token in words(text)) == "".join(text.split())


def test_other_words_or_another_order_are_no_subsequence() -> None:
    assert not is_subsequence("open the lid", "the open lid")
    assert not is_subsequence("open the lid", "open a lid")


def test_endings_are_cut_but_not_whole_words() -> None:
    assert stem("Starts") == stem("started") == "start"
    assert stem("is") == "is"


def test_aligning_without_rapidfuzz_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(UserError, match="rapidfuzz"):
        kept(words("a"), words("a"))
