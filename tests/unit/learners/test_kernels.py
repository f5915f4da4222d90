"""Kernels: what is computed otherwise is the same but for rounding, and only while it is asked for."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from spanwise.learners.adapters import Adapter
from spanwise.learners.kernels import ATTENTION, DrawnInWords, attention, cpu_kernels
from spanwise.learners.tagger import Tagger


class Layer(nn.Module):
    is_causal = False


@pytest.fixture(autouse=True)
def without_amx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})


def inputs(number: torch.dtype = torch.bfloat16) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(13)

    def draw() -> torch.Tensor:
        return torch.randn(3, 2, 8, 4, generator=generator).to(number).requires_grad_()

    return draw(), draw(), draw()


def mask(padding: int) -> torch.Tensor:
    seen = torch.ones(3, 1, 8, 8, dtype=torch.bool)
    seen[0, ..., 8 - padding :] = False
    return seen


@pytest.mark.parametrize("seen", [None, mask(3)])
@pytest.mark.parametrize("scaling", [None, 0.3])
def test_attention_and_its_gradients_are_those_of_the_fused_kernel(
    seen: torch.Tensor | None, scaling: float | None
) -> None:
    results = []
    for function in (attention, sdpa_attention_forward):
        given = inputs()
        output, weights = function(Layer(), *given, seen, scaling=scaling)
        assert weights is None
        output.float().square().sum().backward()  # type: ignore[no-untyped-call]
        results.append([output, *(each.grad for each in given)])
    for ours, theirs in zip(*results, strict=True):
        assert ours.dtype == theirs.dtype
        torch.testing.assert_close(ours, theirs, atol=0.04, rtol=0.04)


def test_keys_behind_a_window_change_nothing() -> None:
    query, key, value = inputs()
    one, _ = attention(Layer(), query, key, value, mask(3))
    with torch.no_grad():
        key[0, :, 5:] = 9
        value[0, :, 5:] = 9
    two, _ = attention(Layer(), query, key, value, mask(3))
    assert one.equal(two)


class Causal(nn.Module):
    is_causal = True


@pytest.mark.parametrize(
    ("module", "number", "options"),
    [
        (Layer(), torch.float32, {}),
        (Causal(), torch.bfloat16, {}),
        (nn.Module(), torch.bfloat16, {}),
        (Layer(), torch.bfloat16, {"is_causal": True}),
        (Layer(), torch.bfloat16, {"position_bias": torch.zeros(3, 2, 8, 8, dtype=torch.bfloat16)}),
    ],
)
def test_any_other_attention_is_left_to_the_fused_kernel(
    module: nn.Module, number: torch.dtype, options: dict[str, Any]
) -> None:
    given = inputs(number)
    ours, _ = attention(module, *given, None, **options)
    theirs, _ = sdpa_attention_forward(module, *given, None, **options)
    assert ours.equal(theirs)


def test_attention_drops_weights_in_training_alone() -> None:
    given = inputs()
    whole, _ = attention(Layer(), *given, None)
    dropped, _ = attention(Layer(), *given, None, dropout=0.5)
    untrained, _ = attention(Layer().eval(), *given, None, dropout=0.5)
    assert whole.equal(untrained)
    assert not whole.equal(dropped)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("size", [1, 3, 30_001])
def test_dropout_drops_its_share_and_enlarges_the_others(share: float, size: int) -> None:
    torch.manual_seed(13)
    values = torch.ones(size, requires_grad=True)
    found = DrawnInWords(share)(values)
    found.sum().backward()
    kept = found != 0
    torch.testing.assert_close(found[kept], torch.full_like(found[kept], 1 / (1 - share)), rtol=1e-4, atol=0)
    assert values.grad is not None
    assert values.grad.equal(found.detach())
    if size > 3:
        assert float(kept.float().mean()) == pytest.approx(1 - share, abs=0.01)


def test_dropout_follows_the_seed() -> None:
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(DrawnInWords(0.5)(torch.ones(64)))
    assert draws[0].equal(draws[1])
    assert not draws[0].equal(draws[2])


@pytest.mark.parametrize(("share", "left"), [(0.0, 1.0), (1.0, 0.0)])
def test_dropout_of_nothing_or_all_is_that(share: float, left: float) -> None:
    assert (DrawnInWords(share)(torch.ones(8)) == left).all()


def test_nothing_is_dropped_out_of_training() -> None:
    assert (DrawnInWords(0.5).eval()(torch.ones(8)) == 1).all()


def state(model: PreTrainedModel) -> tuple[str | None, set[type]]:
    dropouts = {type(module) for module in model.modules() if isinstance(module, nn.Dropout)}
    return model.config._attn_implementation, dropouts


@pytest.mark.parametrize(("precision", "inside"), [("bf16", ATTENTION), ("fp32", "sdpa")])
def test_a_model_has_the_kernels_inside_and_its_own_afterwards(
    tiny_tagger: Tagger, precision: str, inside: str
) -> None:
    before = state(tiny_tagger.model)
    assert before == ("sdpa", {nn.Dropout})
    with cpu_kernels(tiny_tagger.network, precision):
        assert state(tiny_tagger.model) == (inside, {DrawnInWords})
    assert state(tiny_tagger.model) == before


def test_a_model_has_its_own_kernels_after_an_error_too(tiny_tagger: Tagger) -> None:
    def diverge() -> None:
        with cpu_kernels(tiny_tagger.network, "bf16"):
            raise RuntimeError("diverged")

    with pytest.raises(RuntimeError, match="diverged"):
        diverge()
    assert state(tiny_tagger.model) == ("sdpa", {nn.Dropout})


def test_adapters_are_no_obstacle(tiny_tagger: Tagger) -> None:
    model = tiny_tagger.model
    tiny_tagger.adapt(Adapter(rank=2, alpha=4.0, dropout=0.1, targets=("query", "value")), seed=13)
    with cpu_kernels(tiny_tagger.network, "bf16"):
        assert state(model) == (ATTENTION, {DrawnInWords})
    assert state(model) == ("sdpa", {nn.Dropout})


@pytest.mark.parametrize("capabilities", [{}, {"avx512_bf16": True, "amx_bf16": True}])
def test_where_the_fused_kernel_is_fast_it_stays(
    tiny_tagger: Tagger, capabilities: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    with cpu_kernels(tiny_tagger.network, "bf16"):
        assert tiny_tagger.model.config._attn_implementation == "sdpa"


def test_a_model_elsewhere_than_on_a_cpu_is_left_alone() -> None:
    network = nn.Sequential(nn.Linear(2, 2, device="meta"), nn.Dropout(0.5))
    with cpu_kernels(network, "bf16"):
        assert type(network[1]) is nn.Dropout


def test_a_network_says_the_same_with_the_kernels(tiny_tagger: Tagger) -> None:
    network = tiny_tagger.network.eval()
    ids = torch.randint(1000, 2000, (2, 16), generator=torch.Generator().manual_seed(13))
    seen = torch.ones_like(ids)
    seen[1, 10:] = 0
    with torch.autocast("cpu", torch.bfloat16):
        plain = network(ids, seen).logits
        with cpu_kernels(network, "bf16"):
            found = network(ids, seen).logits
    torch.testing.assert_close(found[0][seen == 1], plain[0][seen == 1], atol=0.05, rtol=0.05)
