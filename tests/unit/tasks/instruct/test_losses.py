from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

from spanwise.errors import UserError
from spanwise.schema import Prediction
from spanwise.tasks.instruct.losses import loss_figures
from tests.unit.tasks.instruct.answers import predicted


def with_losses(*losses: dict[str, Any] | None) -> list[Prediction]:
    return [predicted("x", name=str(i), loss=loss) for i, loss in enumerate(losses)]


def figures(predictions: list[Prediction]) -> dict[str, Any]:
    group = np.arange(len(predictions))
    return loss_figures(predictions, group, samples=200, level=0.95, seed=1)


def test_losses_are_weighed_by_tokens() -> None:
    found = figures(
        with_losses(
            {"nll": 10.0, "tokens": 10, "untuned_nll": 30.0}, {"nll": 90.0, "tokens": 30, "untuned_nll": 90.0}
        )
    )
    assert found["loss"] == {"value": 2.5, "low": None, "high": None, "answers": 2}
    assert found["perplexity"]["value"] == pytest.approx(exp(2.5))
    assert found["untuned_loss"]["value"] == 3.0
    assert found["loss_reduction"]["value"] == pytest.approx(1 / 6)


def test_five_groups_have_intervals_around_the_value() -> None:
    found = figures(with_losses(*({"nll": 10.0 + i, "tokens": 10, "untuned_nll": 20.0} for i in range(6))))
    for name in ("loss", "perplexity", "loss_reduction"):
        assert found[name]["low"] < found[name]["value"] < found[name]["high"], name
    assert found["untuned_loss"]["low"] == found["untuned_loss"]["high"] == 2.0
    assert found["perplexity"]["low"] == pytest.approx(exp(found["loss"]["low"]))


def test_the_reduction_is_over_the_references_that_both_models_read() -> None:
    found = figures(
        with_losses({"nll": 10.0, "tokens": 10, "untuned_nll": 20.0}, {"nll": 99.0, "tokens": 1}, None)
    )
    assert found["loss"]["value"] == pytest.approx(109 / 11)
    assert found["loss"]["answers"] == 2
    assert found["untuned_loss"] == {"value": 2.0, "low": None, "high": None, "answers": 1}
    assert found["loss_reduction"]["value"] == 0.5


@pytest.mark.parametrize("losses", [(), (None, None)])
def test_without_losses_there_are_no_figures(losses: tuple[None, ...]) -> None:
    found = figures(with_losses(*losses))
    assert found["perplexity"] == {"value": None, "low": None, "high": None, "answers": 0}
    assert found["loss_reduction"]["value"] is None


def test_a_malformed_loss_is_an_error_that_names_the_document() -> None:
    with pytest.raises(UserError, match=r"prediction 0: attributes\.loss"):
        figures(with_losses({"nll": 1.0}))
