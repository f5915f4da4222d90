from __future__ import annotations

import pytest

from spanwise.generator.balance import balance
from spanwise.schema import Example, Span


def example(name: str, stratum: str, target: str) -> Example:
    category, language = stratum.split("/")
    return Example(
        id=name, text="?", target=target, group=name, stratum=stratum,
        attributes={"category": category, "language": language},
    )  # fmt: skip


EXAMPLES = [
    example("a", "qa/en", "x" * 30),
    example("b", "qa/fr", "x" * 10),
    example("c", "mcq/fr", "x" * 10),
]


def test_shares_are_of_examples_and_of_what_is_learnt() -> None:
    found = balance(EXAMPLES)
    assert found["languages"]["parts"] == {
        "en": {"examples": 1, "share": pytest.approx(1 / 3), "learnt": 0.6},
        "fr": {"examples": 2, "share": pytest.approx(2 / 3), "learnt": 0.4},
    }
    assert found["strata"]["evenness"] == pytest.approx(1)
    assert 0 < found["categories"]["evenness"] < 1


def test_a_single_part_has_no_evenness() -> None:
    assert balance(EXAMPLES[:1])["strata"]["evenness"] is None
    assert balance([])["strata"] == {"parts": {}, "evenness": None}


def test_spans_are_of_an_unknown_part() -> None:
    spans = Example(id="s", text="fever", target=(Span(start=0, end=5, label="Sign"),), group="s")
    assert balance([spans])["strata"]["parts"] == {"unknown": {"examples": 1, "share": 1, "learnt": None}}
