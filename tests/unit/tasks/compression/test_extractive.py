from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from spanwise.tasks.compression.equivalence.gates import Failure
from spanwise.tasks.compression.extractive import Check, Cutter, Passage, needed
from spanwise.tasks.compression.units import cut

TEXT = "alpha beta gamma delta epsilon zeta"


def words(text: str) -> int:
    return len(text.split())


def cutter(text: str, keep: Sequence[float], check: Check | None = None) -> Cutter:
    passage = Passage(0, len(text), cut(text, 0, len(text), []), np.array(keep, dtype=np.float64))
    return Cutter(text, [passage], words, check)


def test_without_a_target_goes_what_probably_need_not_stay() -> None:
    assert cutter(TEXT, [0.1, 0.9, 0.4, 0.6, 0.2, 0.9]).cut(None).text == "beta delta zeta"


def test_the_least_needed_go_first_and_no_more_than_the_target_asks() -> None:
    found = cutter(TEXT, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]).cut(4)
    assert (found.text, found.tokens) == ("alpha beta gamma delta", 4)


def test_of_equals_not_the_first_ones_go() -> None:
    assert cutter("a b c d e f g h", [0.5] * 8).cut(4).text not in ("e f g h", "a b c d")


def test_a_target_out_of_reach_leaves_what_must_stay() -> None:
    units = cut(TEXT, 0, len(TEXT), [(0, 10)])
    passage = Passage(0, len(TEXT), units, np.zeros(len(units)))
    assert Cutter(TEXT, [passage], words).cut(0).text == "alpha beta"


def test_what_lies_between_passages_stays() -> None:
    text = "drop me KEEP drop me"
    parts = [Passage(start, end, cut(text, start, end, []), np.zeros(2)) for start, end in ((0, 8), (13, 20))]
    assert Cutter(text, parts, words).cut(0).text == "KEEP "


def lost(word: str) -> Check:
    """Finds fault where a word of the source is missing."""

    def check(source: str, output: str) -> list[Failure]:
        start = source.index(word)
        return [] if word in output else [Failure("test", "lost", "source", start, start + len(word))]

    return check


def test_what_a_check_finds_missing_comes_back_and_others_go() -> None:
    text = "a b c d e f g h i j k l"
    found = cutter(text, [0.5] * 5 + [0.1] + [0.5] * 6, lost("f")).cut(6)
    assert "f" in found.text
    assert found.tokens == 6
    assert found.mended == 1


def test_what_a_check_finds_in_the_output_is_looked_for_in_the_source() -> None:
    def check(source: str, output: str) -> list[Failure]:
        place = output.find("a d")
        return [Failure("test", "new", "output", place, place + 3)] if place >= 0 else []

    found = cutter("x y a b c d z", [0.9, 0.9, 0.9, 0.1, 0.1, 0.9, 0.9], check).cut(None)
    assert found.text == "x y a b c d z"


def test_what_cannot_be_mended_stays_whole() -> None:
    def check(source: str, output: str) -> list[Failure]:
        return [Failure("test", "always", "source", 0, 1)]

    found = cutter(TEXT, [0.1] * 6, check).cut(2)
    assert (found.text, found.kept) == (TEXT, ((0, len(TEXT)),))


@pytest.mark.parametrize("target", [None, 0, 5])
def test_an_empty_prompt_stays_empty(target: int | None) -> None:
    assert Cutter("", [], words).cut(target).text == ""
    never: Check = lambda source, output: [Failure("test", "always", "source", 0, 1)]  # noqa: E731
    assert Cutter("", [], words, never).cut(target).kept == ()


def test_names_are_raised_and_others_not() -> None:
    units = cut(TEXT, 0, len(TEXT), [])
    raised = needed([(6, 10)], units, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.99]), 0.95)
    assert raised.tolist() == [0.1, 0.95, 0.3, 0.4, 0.5, 0.99]
