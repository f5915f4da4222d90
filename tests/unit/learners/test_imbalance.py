"""Class weights: their formulas, tiers, and a mean of 1 over the tokens that are trained on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.errors import UserError
from spanwise.learners.imbalance import ClassWeights, tag_weights
from spanwise.schema import Labels

COUNTS = [80, 8, 4, 2, 0]  # O, Drug (high): B, I, Sign (low): B, I
LABELS = Labels(id2tag=("O", "B-Drug", "I-Drug", "B-Sign", "I-Sign"), tiers={"Drug": "high", "Sign": "low"})


def recipe(**changes: Any) -> ClassWeights:
    return ClassWeights(**{"scheme": "inverse_frequency", "temper": 1.0, "beta": 0.9, "tiers": (), **changes})


def weights_of(weigh: ClassWeights, counts: list[int] = COUNTS) -> torch.Tensor:
    weights = tag_weights(weigh, counts, LABELS)
    assert weights is not None
    assert weights.dtype == torch.float32
    return weights


def test_the_scheme_none_weighs_nothing() -> None:
    assert tag_weights(recipe(scheme="none", tiers=("no such tier",)), COUNTS, LABELS) is None


def test_inverse_frequency_gives_every_tag_that_occurs_the_same_sum() -> None:
    weights = weights_of(recipe())
    torch.testing.assert_close(weights[:4] * torch.tensor(COUNTS[:4]), torch.full((4,), 94 / 4))


def test_effective_number_is_the_formula_of_cui_et_al() -> None:
    weights = weights_of(recipe(scheme="effective_number"))
    raw = np.array([(1 - 0.9) / (1 - 0.9**n) for n in (80, 8, 4, 2, 1)])
    expected = raw * 94 / (raw @ np.array(COUNTS))
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)


def test_effective_number_lies_between_no_weights_and_inverse_frequency() -> None:
    ones = weights_of(recipe(scheme="effective_number", beta=0.0))
    torch.testing.assert_close(ones, torch.ones(5))
    nearly = weights_of(recipe(scheme="effective_number", beta=1 - 1e-7))
    torch.testing.assert_close(nearly, weights_of(recipe()), rtol=1e-4, atol=0)


def test_temper_is_a_power_of_the_ratios() -> None:
    torch.testing.assert_close(weights_of(recipe(temper=0.0)), torch.ones(5))
    whole, half = weights_of(recipe()), weights_of(recipe(temper=0.5))
    torch.testing.assert_close((half / half[0]) ** 2, whole / whole[0])


def test_a_tag_that_never_occurs_weighs_as_one_that_occurs_once() -> None:
    never = weights_of(recipe(), [80, 8, 4, 1, 0])
    assert never[4] == never[3]


def test_tags_outside_the_tiers_weigh_as_the_least_weighed_within() -> None:
    weights = weights_of(recipe(tiers=("low",)))
    assert weights[0] == weights[1] == weights[2] == weights[3]  # B-Sign is the more frequent of its tier
    assert weights[4] == pytest.approx(2 * weights[3])


def test_all_tiers_named_leave_only_o_unweighed() -> None:
    weights = weights_of(recipe(tiers=("low", "high")))
    assert weights[0] == weights[1]
    torch.testing.assert_close(weights[1:] / weights[1], torch.tensor([1.0, 2.0, 4.0, 8.0]))


@given(
    scheme=st.sampled_from(["inverse_frequency", "effective_number"]),
    temper=st.floats(0, 1),
    tiers=st.sampled_from([(), ("low",), ("high",), ("high", "low")]),
    counts=st.lists(st.integers(0, 10**6), min_size=5, max_size=5).filter(any),
)
def test_weights_are_positive_with_a_mean_of_one_over_the_tokens(
    scheme: str, temper: float, tiers: tuple[str, ...], counts: list[int]
) -> None:
    weights = weights_of(recipe(scheme=scheme, temper=temper, tiers=tiers, beta=0.999), counts)
    assert (weights > 0).all()
    assert weights.isfinite().all()
    assert np.average(weights.double().numpy(), weights=counts) == pytest.approx(1, rel=1e-5)


@given(
    tiers=st.sampled_from([(), ("low",), ("high",), ("high", "low")]),
    counts=st.lists(st.integers(1, 10**6), min_size=5, max_size=5),
)
def test_within_the_weighed_tags_the_rarer_never_weighs_less(
    tiers: tuple[str, ...], counts: list[int]
) -> None:
    weights = weights_of(recipe(tiers=tiers), counts).tolist()
    weighed = {(): range(5), ("low",): (3, 4), ("high",): (1, 2), ("high", "low"): range(1, 5)}[tiers]
    ordered = sorted(weighed, key=lambda tag: counts[tag])
    assert all(weights[rare] >= weights[frequent] for rare, frequent in pairwise(ordered))
    assert min(weights) == weights[ordered[-1]]


def test_a_tier_without_labels_is_refused_and_the_others_named() -> None:
    with pytest.raises(UserError) as caught:
        tag_weights(recipe(tiers=("low", "tail")), COUNTS, LABELS)
    assert caught.value.reason == "train.class_weights.tiers names tail, in which no label stands"
    assert caught.value.hint == "Labels stand in high, low."


def test_a_recipe_takes_the_lists_of_yaml_and_refuses_other_schemes() -> None:
    assert recipe(tiers=["low"]).tiers == ("low",)
    with pytest.raises(ValidationError, match="scheme"):
        recipe(scheme="median")
