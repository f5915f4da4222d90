from __future__ import annotations

import pytest

from spanwise.tasks.compression.agreement import headline, word_f1
from tests.unit.tasks.compression.predictions import predict

TEXT = "one two three four"


def test_to_agree_in_everything_is_one() -> None:
    assert headline([predict(TEXT, ["one two"], ["one two"])]) == 1.0


def test_words_count_and_not_edges() -> None:
    found = word_f1([predict(TEXT, ["one two"], ["one", "two"])])
    assert found == {"kept": 1.0, "dropped": 1.0}


@pytest.mark.parametrize(
    ("dropped", "expected"),
    [([], 1 / 3), ([TEXT], 1 / 3), (["three four"], 0.0), (["one"], (0.8 + 2 / 3) / 2)],
)
def test_neither_keeping_nor_dropping_everything_pays(dropped: list[str], expected: float) -> None:
    assert headline([predict(TEXT, ["one two"], dropped)]) == pytest.approx(expected)


def test_code_does_not_count() -> None:
    assert headline([predict(TEXT, [], [], domain="code")]) == 0.0
    assert headline([]) == 0.0
