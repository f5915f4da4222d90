from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.compression.budget import load_tokenizer
from spanwise.tasks.compression.compressor import Compressor, gates
from tests.unit.tasks.compression.prompts import PROMPTS, RATES, is_subsequence

COMPRESSOR = Compressor(check=gates)
PROSE = (
    "Please note that the meeting of the board on 3 May will, however, not be moved to another day. "
    "It is important to note that the room is the same as it was in the years before.\n"
)
FENCE = "```python\n# the very same\nx = 1\n\n\ny = 2\n```\n"
VERBATIM = re.compile(r"\n```py\nx = 1\n\ny\n```\n|https://a\.example/x\?y=1,2|ord_8f3a2c91|\{name\}")
NEGATION = re.compile(r"\b(?:never|without|unless|not)\b")


@given(PROMPTS, RATES)
def test_the_result_is_a_subsequence_of_the_prompt(text: str, rate: float | None) -> None:
    found = COMPRESSOR.compress(text, rate=rate)
    assert is_subsequence(found.text, text)
    assert found.kept is not None
    assert "".join(text[start:end] for start, end in found.kept) == found.text


@given(PROMPTS, RATES)
def test_digits_negations_links_and_fences_are_never_lost(text: str, rate: float | None) -> None:
    short = COMPRESSOR.compress(text, rate=rate).text
    assert [each for each in short if each.isdigit()] == [each for each in text if each.isdigit()]
    assert NEGATION.findall(short) == NEGATION.findall(text)
    assert VERBATIM.findall(short) == VERBATIM.findall(text)
    assert gates(text, short) == []


@given(PROMPTS, st.sampled_from((0.3, 0.62, 0.9)))
def test_the_target_is_honoured_or_the_shortfall_said(text: str, rate: float) -> None:
    found = COMPRESSOR.compress(text, rate=rate)
    assert found.target is not None
    assert found.after == len(found.text.split())
    assert found.shortfall == max(found.after - found.target, 0)


@given(st.lists(PROMPTS, max_size=2), RATES)
def test_a_prompt_gives_the_same_alone_and_in_company(texts: list[str], rate: float | None) -> None:
    assert list(COMPRESSOR.many(texts, rate=rate)) == [COMPRESSOR.compress(text, rate=rate) for text in texts]


@given(PROMPTS, st.lists(st.integers(0, 200), max_size=6), st.sampled_from((None, 0.6)))
def test_a_stream_does_not_depend_on_how_it_is_cut(text: str, places: list[int], rate: float | None) -> None:
    edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    chunks = [text[start:end] for start, end in pairwise(edges)]
    assert "".join(COMPRESSOR.stream(chunks, rate=rate)) == "".join(COMPRESSOR.stream([text], rate=rate))


@given(st.text(max_size=60))
def test_any_text_can_be_compressed(text: str) -> None:
    assert is_subsequence(COMPRESSOR.compress(text, rate=0.5).text, text)


def test_fillers_go_first() -> None:
    found = COMPRESSOR.compress(PROSE, rate=0.8)
    assert "Please note" not in found.text
    assert "3 May" in found.text
    assert found.ratio <= 0.8
    assert found.scorer == "rules"


@pytest.mark.parametrize("text", ["", "\n", "word", "5", "don't"])
def test_hardly_anything_is_no_trouble(text: str) -> None:
    assert is_subsequence(COMPRESSOR.compress(text, rate=0.5).text, text)
    assert COMPRESSOR.compress("").ratio == 1.0


def test_a_huge_prompt_is_compressed_whole() -> None:
    text = PROSE * 300
    found = Compressor().compress(text, rate=0.62)
    assert found.before > 9_000
    assert found.shortfall == 0
    assert found.text.count("3 May") == 300


def test_a_target_that_is_met_already_changes_nothing() -> None:
    assert COMPRESSOR.compress(PROSE, max_tokens=1_000).text == PROSE


def test_what_must_stay_is_above_the_target_and_that_is_said() -> None:
    found = COMPRESSOR.compress("Never send 5 of the 7 keys.", max_tokens=1)
    assert found.shortfall == found.after - 1 > 0


def test_a_target_is_counted_by_the_tokenizer_that_was_chosen() -> None:
    characters = load_tokenizer("characters")
    found = Compressor(tokenizer=characters, check=gates).compress(PROSE, rate=0.7)
    assert found.after == len(found.text) <= 0.7 * len(PROSE)


def test_code_in_prose_stays_as_it_is() -> None:
    found = COMPRESSOR.compress(PROSE + "\n" + FENCE + "\n" + PROSE, rate=0.7)
    assert found.domain == "mixed"
    assert FENCE in found.text
    assert found.ratio < 0.8


@pytest.mark.parametrize(
    "text",
    [json.dumps({"the": ["very", "same"]}, indent=2), "name: the demo\nkind: a test\n", "| a | the |\n" * 3],
)
def test_what_has_a_structure_stays_as_it_is(text: str) -> None:
    found = COMPRESSOR.compress(text, rate=0.5)
    assert (found.text, found.domain) == (text, "structured")
    assert found.shortfall > 0


def test_python_stays_as_it_is_unless_asked() -> None:
    text = "def double(number):\n    # the very same\n    return 2 * number\n"
    found = COMPRESSOR.compress(text, rate=0.5)
    assert (found.text, found.domain) == (text, "code")


def test_python_is_rewritten_where_that_is_asked_for() -> None:
    text = "def double(number):\n    # the very same\n    return 2 * number\n"
    found = Compressor(code_level="comments", tokenizer=load_tokenizer("characters")).compress(text)
    assert found.text == "def double(number):\n    return 2 * number\n"
    assert (found.kept, found.scorer, found.after) == (None, "syntax tree", len(found.text))


def test_a_stream_rewrites_no_python() -> None:
    text = "import os\n\n\nx = 1\ny = 2\n"
    assert "".join(Compressor(code_level="layout").stream([text])) == text


def test_paragraphs_come_as_soon_as_the_next_ones_have_begun() -> None:
    read = 0

    def chunks() -> Iterator[str]:
        nonlocal read
        for _ in range(20):
            read += 1
            yield PROSE + "\n"

    first = next(iter(COMPRESSOR.stream(chunks())))
    assert "3 May" in first
    assert read < 5


def test_a_stream_keeps_to_its_rate_over_all() -> None:
    text = "Never send 5 of 7.\n\n" + (PROSE + "\n") * 5
    short = "".join(COMPRESSOR.stream([text], rate=0.6))
    assert len(short.split()) <= 0.6 * len(text.split())


def test_prompts_are_scored_in_batches() -> None:
    calls: list[int] = []

    def scorer(texts: Any) -> Any:
        calls.append(len(texts))
        return Compressor().scorer(texts)

    texts = list(chain.from_iterable([[PROSE, "", FENCE]] * 3))
    assert len(list(Compressor(scorer).many(texts))) == 9
    assert calls == [3]
    assert next(iter(Compressor(scorer).many([FENCE]))).text == FENCE
    assert calls == [3]
