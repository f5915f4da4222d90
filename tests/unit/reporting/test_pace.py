"""Speed in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.reporting.pace import (
    tell_extrapolation,
    tell_growth,
    tell_load,
    tell_peer,
    tell_served,
    tell_time,
)
from spanwise.reporting.sources.confidence import ServedBackend
from spanwise.reporting.sources.speed import Speed
from tests.unit.reporting.conftest import METRICS, PEER


def speed(**changes: Any) -> Speed:
    return Speed.model_validate(METRICS["benchmark"] | changes)


def peer(**changes: Any) -> str:
    return " ".join(tell_peer(speed(peer=PEER | changes)))


BACKENDS = {
    "onnx-int8": {"documents_per_s": 300.0, "hours_per_10k_documents": 0.01, "length_exponent": 1.31},
    "torch": {"documents_per_s": 100.0, "length_exponent": 1.02},
}


def test_the_time_has_its_interval() -> None:
    bounds = {"hours_per_10k_documents_low": 0.02, "hours_per_10k_documents_high": 0.03}
    (sentence,) = tell_time(speed(**bounds))
    assert "10,000 documents take 1.54 min (1.2 min to 1.8 min), at up to" in sentence


def test_a_quicker_backend_is_named_beside_the_one_of_the_settings() -> None:
    (sentence,) = tell_time(speed(backends=BACKENDS))
    assert "10,000 documents take 1.54 min by torch, and 36 s by onnx-int8, at up to 300" in sentence


def test_the_quickest_backend_is_not_named_twice() -> None:
    (sentence,) = tell_time(speed(backends=BACKENDS, backend="onnx-int8"))
    assert "10,000 documents take 1.54 min, at up to 300" in sentence


def test_the_time_is_extrapolated_from_documents() -> None:
    (sentence,) = tell_extrapolation(speed())
    assert "extrapolated from 12 test documents" in sentence
    assert list(tell_extrapolation(speed(timed_documents=None))) == []


def test_growth_is_told_of_each_backend() -> None:
    (sentence,) = tell_growth(speed(backends=BACKENDS))
    assert "to the power of 1.31 by onnx-int8 and 1.02 by torch:" in sentence
    assert list(tell_growth(speed(backends={}))) == []


@pytest.mark.parametrize(("load", "told"), [(None, False), (0.9, False), (3.72, True)])
def test_only_a_busy_machine_is_a_limit(load: float | None, told: bool) -> None:
    assert bool(list(tell_load(speed(load_per_core=load)))) == told


def test_the_pipeline_is_told_with_what_it_loses() -> None:
    assert "onnx-int8 gives 5.24 times as many documents a second" in peer()
    assert "(5.11 to 5.43 in 3 rounds), and 4.71 times" in peer()
    assert (
        "is 2.62 times as slow as onnx-int8 and leaves 3,117 of 11,042 tokens unread, in 9 documents, with "
        "401 of the 1,432 entities that the model finds; the model's own windows drop 0 tokens."
    ) in peer()


def test_documents_that_are_short_enough_lose_nothing() -> None:
    told = peer(truncating=PEER["truncating"] | {"tokens_dropped": 0}, tokens_dropped_by_us=None)
    assert "No document is longer than the 512 tokens" in told
    assert "drop \N{EN DASH} at any length" in told


def test_without_a_peer_there_is_nothing_to_tell() -> None:
    assert list(tell_peer(speed())) == []
    assert list(tell_peer(speed(peer=PEER | {"speedup_best": None}))) == []


@pytest.mark.parametrize(
    ("admitted", "loss", "told"),
    [
        (True, 0.002, "onnx-int8 loses 0.2 points of F1: it may serve predictions"),
        (True, -0.01, "onnx-int8 gains 1 point of F1: it may serve predictions"),
        (False, 0.005, "onnx-int8 loses 0.5 points of F1, more than the settings allow: it is refused"),
    ],
)
def test_a_further_backend_is_admitted_or_refused(admitted: bool, loss: float, told: str) -> None:
    (sentence,) = tell_served({"onnx-int8": ServedBackend(admitted=admitted, f1_loss=loss)})
    assert told in sentence
