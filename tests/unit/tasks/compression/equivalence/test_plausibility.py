from __future__ import annotations

import pytest

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.plausibility import Plausibility, fit_plausibility
from tests.unit.tasks.compression.equivalence.writings import made_up


def test_words_that_authors_keep_surprise_when_dropped() -> None:
    model = fit_plausibility(made_up(number) for number in range(12))
    source, shorter = made_up(99)
    usual = model.surprises(source, shorter)
    unusual = model.surprises(source, shorter.replace("never ", ""))
    assert unusual[0] > usual[0]
    assert usual == sorted(usual, reverse=True)
    assert model.surprises(source, source) == []


def test_surprise_has_a_ceiling() -> None:
    assert Plausibility({}, -1000.0).surprises("gone", "") == [12.0]
    assert Plausibility({}, 0.0).surprises("gone", "") == [pytest.approx(0.6931, abs=1e-4)]


def test_nothing_can_be_learnt_where_nothing_is_dropped() -> None:
    with pytest.raises(UserError, match="drop some words"):
        fit_plausibility([("the lid", "the lid")])
