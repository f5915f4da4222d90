from __future__ import annotations

import re
from typing import Any

from spanwise.comparison.plot import draw_tradeoff


def test_each_timed_model_has_its_number_and_is_told(group: Any) -> None:
    found = group(a={"found": 8}, b={"found": 7, "latency": None}, c={"found": 6, "latency": 42.0})
    figure = draw_tradeoff(found.models)
    assert figure is not None
    assert re.findall(r">(\d)</text>", figure.svg) == ["1", "3"]
    assert "1, a: 0.889 at 100 ms; 3, c: 0.750 at 42 ms" in figure.text
    assert figure.svg.startswith('<svg role="img"')
    assert "var(--series-1)" in figure.svg
    assert figure == draw_tradeoff(found.models)


def test_models_without_intervals_are_drawn(group: Any) -> None:
    found = group(a={"found": 8, "documents": 4}, b={"found": 7, "documents": 4})
    figure = draw_tradeoff(found.models)
    assert figure is not None
    assert "NaN" not in figure.svg


def test_too_few_and_differently_timed_models_are_not_drawn(group: Any) -> None:
    assert draw_tradeoff(group(a={}).models) is None
    assert draw_tradeoff(group(a={}, b={"found": 8, "latency": None}).models) is None
    assert draw_tradeoff(group(a={}, b={"found": 8, "cpu": "Other"}).models) is None
    assert draw_tradeoff(group(a={}, b={"found": 8, "repeats": 1}).models) is None
