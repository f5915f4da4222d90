"""Estimates: parameters are counted, what is told is what is measured, what cannot fit is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.estimate import estimation
from spanwise.estimate.estimation import NF4_BITS, Setting, assess, check_fits, estimate, setting_of
from spanwise.estimate.machines import CARDS, Machine, free_memory, machine
from spanwise.estimate.tracing import Traced, trace
from spanwise.learners.adapters import Adapter
from spanwise.learners.holding import Holding
from tests.tiny import TINY, quick_recipe

MEDIUM: dict[str, Any] = {
    "model_type": "mistral",
    "vocab_size": 8000,
    "hidden_size": 512,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "intermediate_size": 1792,
}
SMALL = MEDIUM | {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128, "vocab_size": 100}
LORA = Adapter(rank=8, alpha=16.0, dropout=0.0, targets=("q_proj", "v_proj"))


def setting(**changes: Any) -> Setting:
    plain = Setting(SMALL, True, Holding(), LORA, windows=4, tokens=64, tags=3, mixed=False)
    return replace(plain, **changes)


@pytest.fixture(scope="module")
def traced() -> Traced:
    return trace(SMALL, holding=Holding(), adapter=LORA, windows=4, tokens=64, tags=3, mixed=False)


def test_parameters_are_those_of_the_architecture(traced: Traced) -> None:
    head = 64 * 3 + 3
    adapters = 2 * 8 * (64 + 64 + 64 + 32)
    layer = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128
    # The head is there twice: peft trains a copy of it.
    assert traced.trainable == adapters + head
    assert traced.parameters == 100 * 64 + 2 * (layer + 2 * 64) + 64 + 2 * head + adapters
    assert traced.linear == 2 * layer
    assert traced.matrix == 64 * 128
    assert traced.weights == pytest.approx(4 * traced.parameters, rel=1e-2)


def test_operations_are_those_of_the_matrix_products(traced: Traced) -> None:
    """Forwards once; backwards once more, without the gradients of frozen weights (and never less)."""
    tokens = 4 * 64
    once = 2 * tokens * traced.linear
    assert 1.7 * once < traced.flops < 2.7 * once


def test_all_that_is_trained_costs_more(traced: Traced) -> None:
    whole = trace(SMALL, holding=Holding(), adapter=None, windows=4, tokens=64, tags=3, mixed=False)
    assert whole.flops > 1.3 * traced.flops
    assert whole.trainable == whole.parameters


def test_checkpointing_holds_less_and_computes_more() -> None:
    plain, twice = (estimate(setting(architecture=MEDIUM, holding=h), CARDS["l4"]) for h in HELD)
    assert twice.activations_gb < 0.4 * plain.activations_gb
    assert 1.25 < twice.flops / plain.flops < 1.6
    assert twice.weights_gb == plain.weights_gb


HELD = (Holding(), Holding(gradient_checkpointing=True))


def test_quantised_weights_take_their_bits(traced: Traced) -> None:
    plain = assess(setting(), traced, CARDS["l4"])
    for scheme, bits in (("nf4", NF4_BITS), ("int8", 8)):
        held = assess(setting(holding=Holding(quantisation=scheme)), traced, CARDS["l4"])  # type: ignore[arg-type]
        assert (plain.weights_gb - held.weights_gb) * 1e9 == pytest.approx(traced.linear * (32 - bits) / 8)


def test_an_average_and_further_batches_of_a_step_cost_what_is_trained(traced: Traced) -> None:
    plain = assess(setting(), traced, CARDS["l4"])
    more = estimate(setting(averaged=True, accumulation=4), CARDS["l4"])
    assert more.optimiser_gb == pytest.approx(1.5 * plain.optimiser_gb)
    assert 0 < more.activations_gb - plain.activations_gb <= 1.01 * plain.gradients_gb
    assert more.flops == 4 * plain.flops
    assert more.tokens_per_step == 4 * 4 * 64


@given(windows=st.integers(1, 64), share=st.floats(0.1, 1))
def test_time_is_operations_over_pace(windows: int, share: float) -> None:
    seen = Traced(1000, 10, 900, 90, 4000, 100_000, 5_000_000)
    found = assess(setting(windows=windows), seen, CARDS["l4"].model_copy(update={"share": share}))
    assert found.tokens_per_s * found.step_seconds == pytest.approx(windows * 64)
    assert found.step_seconds == pytest.approx(5_000_000 / (CARDS["l4"].flops * share))
    parts = found.weights_gb + found.gradients_gb + found.optimiser_gb + found.activations_gb
    assert found.total_gb == pytest.approx(parts + found.reserve_gb)


def small_machine(gb: float) -> Machine:
    return Machine(name="toaster", memory_gb=gb, reserve_gb=0, slack=0, flops=1e12, share=0.5, measured=False)


@pytest.mark.parametrize(
    ("changes", "first", "others"),
    [
        ({"adapter": None}, "Train adapters: train=lora", ["train.gradient_checkpointing=true"]),
        ({}, "Compute activations twice", ["train.quantisation=nf4", "train.dtype=bf16", "train.batch_size"]),
        (
            {"holding": Holding("bf16", "nf4", True), "windows": 1},
            "Shorter windows",
            ["a larger card"],
        ),
    ],
)
def test_what_cannot_fit_is_refused_with_what_to_change(
    changes: dict[str, Any], first: str, others: list[str], traced: Traced
) -> None:
    asked = setting(**changes)
    if asked.adapter is None:
        traced = traced._replace(trainable=10**8)
    found = assess(asked, traced, small_machine(1e-4))
    assert not found.fits
    with pytest.raises(
        UserError, match=r"the training takes about .* GB, and toaster has 0.0: weights"
    ) as error:
        estimation.refuse(asked, found)
    hint = str(error.value).partition("\n")[2].strip()
    assert hint.startswith(first)
    assert all(other in hint for other in others)
    assert ("train.batch_size" in hint) == (asked.windows > 1)


def test_a_small_model_is_let_through_and_a_large_one_looked_at() -> None:
    assert check_fits(setting(), small_machine(0), parameters=22_000_000) is None
    with pytest.raises(UserError, match=r"toaster has 0\.0"):
        check_fits(setting(), small_machine(0), parameters=10**9)
    assert check_fits(setting(), small_machine(10), parameters=10**9) is not None


def test_settings_of_a_recipe_are_those_that_are_trained() -> None:
    recipe = quick_recipe(adapter={"rank": 2}, dtype="bf16", averaging={"scheme": "ema"}, batch_size=3)
    found = setting_of(TINY | {"bidirectional": True}, recipe, tags=5, mixed=False)
    assert (found.mixed, found.averaged, found.windows, found.tokens) == (True, True, 3, TINY["max_length"])
    assert found.adapter == recipe.adapter
    assert setting_of(TINY | {"bidirectional": True}, quick_recipe(), tags=5, mixed=False).adapter is None


def test_a_language_model_has_an_output_for_each_token_that_it_knows() -> None:
    tagger, writer = (
        trace(SMALL, holding=Holding(), adapter=LORA, windows=2, tokens=16, tags=tags, mixed=True)
        for tags in (3, None)
    )
    assert writer.parameters - tagger.parameters == 100 * 64 - 2 * (64 * 3 + 3)
    assert writer.trainable == tagger.trainable - (64 * 3 + 3)


def test_this_machine_is_measured_and_cards_are_not() -> None:
    here = machine("cpu", mixed=False)
    assert here.measured
    assert 0 < here.memory_gb <= free_memory() / 1e9 * 1.5
    assert here.flops > 1e8
    assert not any(card.measured for card in CARDS.values())
    with pytest.raises(UserError, match=r"abacus is no machine\n.*rtx-4090"):
        machine("abacus", mixed=True)


def test_free_memory_is_that_of_the_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, stated = tmp_path / "memory.max", tmp_path / "meminfo"
    monkeypatch.setattr("spanwise.estimate.machines.LIMIT", limit)
    monkeypatch.setattr("spanwise.estimate.machines.MEMORY", stated)
    assert free_memory() > 1e8
    stated.write_text("MemTotal: 9 kB\nMemAvailable:   2000 kB\n")
    assert free_memory() == 2_048_000
    limit.write_text("max\n")
    assert free_memory() == 2_048_000
    limit.write_text("1000\n")
    assert free_memory() == 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("holding", "rank", "mixed"),
    [
        ({}, 8, False),
        ({"gradient_checkpointing": True}, 8, False),
        ({"dtype": "bf16"}, 8, True),
        ({"quantisation": "nf4"}, 8, False),
        ({}, 0, True),
    ],
)
def test_what_a_process_takes_is_what_was_told_within_a_sixth(
    holding: dict[str, Any], rank: int, mixed: bool
) -> None:
    """A sixth is less than what any of the settings changes: checkpointing is a factor of two and a half."""
    targets = list(LORA.targets)
    asked = {"architecture": MEDIUM, "holding": holding, "rank": rank, "targets": targets}
    asked |= {"mixed": mixed, "windows": 8, "tokens": 256}
    program = [sys.executable, str(Path(__file__).parent / "measured.py"), json.dumps(asked)]
    ran = subprocess.run(program, capture_output=True, text=True, check=True)
    measured = int(ran.stdout.split()[-1]) / 1e9
    told = estimate(
        Setting(MEDIUM, True, Holding(**holding), LORA if rank else None, 8, 256, 3, mixed), CARDS["l4"]
    )
    assert told.total_gb - told.reserve_gb == pytest.approx(measured, rel=1 / 6)
