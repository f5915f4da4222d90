"""What is timed, in which order: never how fast this machine is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.runtime.benchmark.timing import WARM_UP, alternate, cycled, percentiles, seconds, time_batches
from spanwise.schema import Example


def test_documents_come_in_turn_where_there_are_fewer(examples: list[Example]) -> None:
    assert cycled(examples[:3], 7) == (examples[:3] * 3)[:7]
    assert cycled(examples[:3], 2) == examples[:2]


def test_nothing_to_time_is_an_error() -> None:
    with pytest.raises(UserError, match="no document"):
        cycled([], 1)


def test_every_batch_size_is_timed_in_whole_rounds_after_a_warm_up(
    steady: Any, examples: list[Example]
) -> None:
    times = time_batches(steady, cycled(examples, 10), [4, 1], repeats=2, clock=steady.clock)
    assert steady.calls == [WARM_UP] + [1] * 20 + [4] * 4
    assert {size: [len(each) for each in rounds] for size, rounds in times.items()} == {
        1: [10, 10],
        4: [2, 2],
    }


def test_a_batch_takes_until_its_last_prediction(steady: Any, examples: list[Example]) -> None:
    times = time_batches(steady, examples[:2], [2], repeats=1, clock=steady.clock)
    subwords = sum(steady.encoder(example.text).subwords for example in examples[:2])
    assert times[2] == [[pytest.approx(0.001 * subwords)]]


def test_percentiles_are_in_milliseconds_over_all_rounds() -> None:
    found = percentiles([[0.001, 0.002], [0.003, 0.004]])
    assert found == {
        "p50": pytest.approx(2.5),
        "p95": pytest.approx(3.85),
        "p99": pytest.approx(3.97),
        "timings": 4,
    }


def test_what_is_lazy_is_waited_for(clock: Any) -> None:
    assert seconds(partial(clock.take, 2.5), clock) == 2.5


def test_arms_run_in_turn_and_back_so_that_drift_is_shared(clock: Any) -> None:
    ran: list[str] = []

    def arm(name: str) -> Iterator[None]:
        ran.append(name)
        yield from clock.take(len(ran))  # the machine gets ever slower

    times = alternate({name: partial(arm, name) for name in "abc"}, rounds=3, clock=clock)
    assert "".join(ran) == "abccbaabc"
    assert times == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}
