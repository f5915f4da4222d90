from __future__ import annotations

from typing import Any

import pytest

from spanwise.runtime.benchmark.scaling import exponent, joined, time_lengths
from spanwise.schema import Example


@pytest.mark.parametrize("subwords", [5, 40, 300])
def test_a_joined_document_is_about_as_long_as_asked_for(
    steady: Any, examples: list[Example], subwords: int
) -> None:
    document = joined(examples, steady.encoder, subwords)
    assert steady.encoder(document.text).subwords == pytest.approx(subwords, rel=0.1, abs=2)
    assert document.text.startswith(examples[0].text[:10])


def test_texts_without_a_subword_cannot_be_joined(steady: Any) -> None:
    blank = Example(id="b", text=" \n", target=(), group="b")
    with pytest.raises(ValueError, match="no subword"):
        joined([blank], steady.encoder, 10)


def test_time_in_proportion_has_the_exponent_one(steady: Any, examples: list[Example]) -> None:
    found = time_lengths(steady, steady.encoder, examples, [200, 50, 100], repeats=2, clock=steady.clock)
    assert list(found["lengths"]) == ["50", "100", "200"]
    for each in found["lengths"].values():
        assert each["ms"] == pytest.approx(each["subwords"])
        assert each["tokens_per_s"] == pytest.approx(1000)
    assert found["length_exponent"] == pytest.approx(1)
    assert steady.calls == [1] * 9  # one that is not counted, and two that are, of each length


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
def test_the_exponent_is_the_power_of_growth(power: float) -> None:
    assert exponent([(n, 3 * n**power) for n in (10, 100, 1000, 5000)]) == pytest.approx(power)


def test_two_lengths_tell_no_exponent(steady: Any, examples: list[Example]) -> None:
    found = time_lengths(steady, steady.encoder, examples, [20, 30], repeats=1, clock=steady.clock)
    assert found["length_exponent"] is None
    assert time_lengths(steady, steady.encoder, examples, [], repeats=1)["lengths"] == {}
