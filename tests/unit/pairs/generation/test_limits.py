"""What holds asking back: waits between attempts, requests and tokens a minute, and what the store keeps."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer, FailedRequestError
from spanwise.pairs.generation.rates import WINDOW, Rates
from spanwise.pairs.generation.retrying import LONGEST, PATIENCE, retried
from spanwise.pairs.generation.store import Store, answer_key, opened
from tests.extras import needs


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def asked(failures: list[FailedRequestError], clock: Clock, attempts: int = 6) -> tuple[str, int]:
    """What comes after these failures, and how often it was asked for."""
    left, count = iter(failures), 0

    async def ask() -> str:
        nonlocal count
        count += 1
        for failure in left:
            raise failure
        return "answer"

    return asyncio.run(retried(ask, attempts=attempts, sleep=clock.sleep)), count


BUSY = FailedRequestError("RateLimitError", status=429)
BROKEN = FailedRequestError("InternalServerError", status=500)
LATE = FailedRequestError("APITimeoutError", timed_out=True, charged=True)
WRONG = FailedRequestError("NotFoundError", status=404)


@needs("tenacity")
def test_transient_failures_are_asked_again_after_growing_waits() -> None:
    clock = Clock()
    assert asked([BUSY, BROKEN, LATE, BROKEN, BROKEN], clock) == ("answer", 6)
    assert len(clock.slept) == 5
    assert all(0 <= wait <= min(2**number, LONGEST) for number, wait in enumerate(clock.slept))


@needs("tenacity")
def test_the_server_has_a_say_in_the_wait() -> None:
    clock = Clock()
    asked([FailedRequestError("RateLimitError", status=429, retry_after=45.0)], clock)
    assert clock.slept == [45.0]


@needs("tenacity")
@pytest.mark.parametrize(
    ("failures", "count"),
    [
        ([WRONG], 1),
        ([BUSY, WRONG], 2),
        ([FailedRequestError("RateLimitError", status=429, retry_after=PATIENCE + 1)], 1),
        ([BROKEN] * 9, 3),
    ],
)
def test_what_will_not_pass_is_not_asked_again(failures: list[FailedRequestError], count: int) -> None:
    clock = Clock()
    with pytest.raises(FailedRequestError) as caught:
        asked(failures, clock, attempts=3)
    assert caught.value is failures[count - 1]
    assert len(clock.slept) == count - 1


def test_failures_are_told_by_kind_and_status() -> None:
    assert (str(BROKEN), str(LATE)) == ("InternalServerError, status 500", "APITimeoutError")


@given(
    st.lists(st.tuples(st.integers(1, 150), st.floats(0, 40)), max_size=30),
    st.none() | st.integers(1, 5),
    st.none() | st.integers(50, 200),
)
def test_no_minute_holds_more_than_the_limits(
    wanted: list[tuple[int, float]], requests: int | None, tokens: int | None
) -> None:
    clock = Clock()

    async def run() -> list[tuple[float, int]]:
        rates = Rates(requests=requests, tokens=tokens, clock=clock, sleep=clock.sleep)
        passed = []
        for need, pause in wanted:
            entry = await rates.enter(need)
            passed.append((entry.at, need))
            clock.now += pause
        return passed

    passed = asyncio.run(run())
    assert len(passed) == len(wanted)
    for start, _ in passed:
        minute = [need for at, need in passed if start <= at < start + WINDOW - 1e-6]
        assert requests is None or len(minute) <= requests
        assert tokens is None or sum(minute) <= tokens or len(minute) == 1


def test_tokens_that_were_not_used_let_others_through() -> None:
    clock = Clock()

    async def run() -> None:
        rates = Rates(tokens=100, clock=clock, sleep=clock.sleep)
        first = await rates.enter(90)
        first.tokens = 10
        await rates.enter(90)

    asyncio.run(run())
    assert clock.slept == []


WHOLE = Answer(text="short", stop="whole", input_tokens=3, output_tokens=1)


@needs("diskcache")
def test_what_was_answered_and_paid_outlives_the_program(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        reservation = store.reserve(2.0, 10.0)
        assert reservation is not None
        assert (store.spent, store.unsettled) == (0.0, 2.0)
        store.settle(reservation, 0.5, key="answer:1", answer=WHOLE)
        lost = store.reserve(3.0, 10.0)
        assert lost is not None
    with opened(tmp_path) as again:
        assert again.find("answer:1") == WHOLE
        assert again.find("answer:2") is None
        assert (again.spent, again.unsettled) == (0.5, 3.0)


@needs("diskcache")
def test_nothing_goes_out_that_could_exceed_the_budget(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.reserve(6.0, 10.0) is not None
        assert store.reserve(4.1, 10.0) is None
        assert store.unsettled == 6.0
        assert store.reserve(4.0, 10.0) is not None


@needs("diskcache")
def test_no_pickle_lies_on_disk_and_nothing_is_evicted(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        held = store._cache
        assert (held.eviction_policy, type(held.disk).__name__) == ("none", "JSONDisk")


def test_answers_are_kept_by_all_that_they_depend_on() -> None:
    whole: dict[str, Any] = {
        "provider": "p",
        "address": None,
        "model": "m",
        "prompt": "d",
        "settings": {"max_tokens": 9},
    }
    others: list[dict[str, Any]] = [
        {"provider": "q"},
        {"address": "http://127.0.0.1"},
        {"model": "n"},
        {"prompt": "e"},
        {"settings": {"max_tokens": 8}},
    ]
    keys = {answer_key(**{**whole, **other}) for other in [{}, *others]}
    assert len(keys) == 6


def test_missing_packages_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "diskcache", None)
    with pytest.raises(UserError, match="diskcache"):
        Store(tmp_path)
    monkeypatch.setitem(sys.modules, "tenacity", None)
    with pytest.raises(UserError, match="tenacity"):
        asked([], Clock())
