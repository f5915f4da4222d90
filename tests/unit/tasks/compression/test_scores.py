from __future__ import annotations

from typing import Any

import pytest

from spanwise.tasks.compression.budget import load_tokenizer
from spanwise.tasks.compression.scores import Drawing, Shortened, measure
from spanwise.tasks.compression.scoring import SCORING
from tests.unit.tasks.compression.predictions import predict

TEXT = "Please note that Marwa will not pay more than 31 crowns on this very day."
KNOWN: dict[str, Any] = {
    "domain": "prose",
    "compressed": "Marwa will not pay more than 31 crowns this day.",
    "facts": ["Marwa does not pay more than 31 crowns"],
}
DRAWING = Drawing(samples=50, level=0.9, seed=1)


def score(*found: list[str], **attributes: Any) -> dict[str, Any]:
    assert SCORING.score is not None
    predictions = [
        predict(TEXT, ["Please note that"], each, id=f"d{number}", **{**KNOWN, **attributes})
        for number, each in enumerate(found)
    ]
    return SCORING.score(predictions, samples=50, level=0.9, seed=1)


def test_what_the_tagger_drops_makes_texts_shorter() -> None:
    figures = score(["Please note that", "on this very"])
    assert figures["ratio"]["words"]["share"] == pytest.approx(9 / 15)
    assert figures["ratio_of_people"]["words"]["share"] == pytest.approx(10 / 15)
    assert figures["documents"] == 1


def test_what_must_not_go_stays_although_the_tagger_drops_it() -> None:
    figures = score([TEXT])
    assert figures["facts"]["all"]["share"] == 1.0
    assert figures["facts"]["numbers"]["of"] == 1
    assert figures["gates"] == {
        "passed": {"share": 1.0, "low": None, "high": None, "of": 1},
        "failures": {},
        "mended": figures["gates"]["mended"],
    }


def test_words_are_scored_as_people_dropped_them() -> None:
    assert score(["Please note that"])["words"] == {"kept": 1.0, "dropped": 1.0}


def test_figures_stand_by_domain_and_length_with_intervals() -> None:
    figures = score(*[["on"]] * 6)
    assert list(figures["by_stratum"]) == ["prose/short"]
    ratio = figures["by_stratum"]["prose/short"]["ratio"]["characters"]
    assert ratio["low"] <= ratio["share"] <= ratio["high"]


def test_code_is_left_to_what_rewrites_it() -> None:
    figures = score([], domain="code")
    assert figures["documents"] == 0
    assert figures["ratio"]["words"]["share"] is None


def test_any_compressor_can_be_measured_and_its_failures_are_told() -> None:
    texts = [
        Shortened(TEXT * times, "Marwa will pay 31 crowns.", f"g{times}", {"domain": "prose"}, 2)
        for times in (1, 10, 40)
    ]
    figures = measure(texts, drawing=DRAWING, tokenizers=[load_tokenizer("characters")])
    assert list(figures["by_stratum"]) == ["prose/long", "prose/medium", "prose/short"]
    assert list(figures["ratio"]) == ["characters"]
    assert figures["gates"]["passed"]["share"] == 0.0
    assert "negations: negation lost" in figures["gates"]["failures"]
    assert figures["gates"]["mended"] == 6
    assert figures["ratio_of_people"]["characters"]["share"] is None
