"""The training loss of the linear chain, held to the search of all sequences and to numpy's chain."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from spanwise.chains import Chain, forward_backward, viterbi
from spanwise.chains.chain import Floats
from spanwise.encoding import Ints
from spanwise.errors import UserError
from spanwise.heads.crf import CRF

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.tuples(st.sampled_from([1, 3, 5]), st.integers(1, 4))


def random_crf(tags: int, random: torch.Generator) -> CRF:
    crf = CRF(tags)
    with torch.no_grad():
        for scores in crf.parameters():
            scores.copy_(torch.randn(scores.shape, generator=random))
    return crf


def window_chain(crf: CRF) -> Chain:
    """The chain in training, where a window may begin inside of a span."""
    return replace(crf.chain(), start=crf.start.detach().double().numpy())


def paths(emissions: Tensor, crf: CRF) -> tuple[Ints, Floats]:
    """All tag sequences of one window and their scores; -inf where BIO forbids one, but for its start."""
    words, tags = emissions.shape
    every = np.array(list(product(range(tags), repeat=words)))
    transitions, start, end = (
        scores.detach().double().numpy() for scores in (crf.transitions, crf.start, crf.end)
    )
    before, tag = every[:, :-1], every[:, 1:]
    scores = emissions.numpy()[np.arange(words), every].sum(axis=1)
    scores += transitions[before, tag].sum(axis=1) + start[every[:, 0]] + end[every[:, -1]]
    outside_or_begin = (tag == 0) | (tag % 2 == 1)
    valid = (outside_or_begin | (before == tag) | (before == tag - 1)).all(axis=1)
    return every, np.where(valid, scores, -np.inf)


def random_tags(words: int, tags: int, random: torch.Generator) -> Tensor:
    """A sequence that BIO allows in a window, `[words]`."""
    drawn = torch.randint(tags, (words,), generator=random).tolist()
    for word in range(1, words):
        if drawn[word] and drawn[word] % 2 == 0 and drawn[word - 1] not in {drawn[word] - 1, drawn[word]}:
            drawn[word] -= 1
    return torch.tensor(drawn)


@given(size=SIZES, seed=SEEDS)
def test_the_loss_is_that_of_the_search_of_all_sequences(size: tuple[int, int], seed: int) -> None:
    tags, words = size
    random = torch.Generator().manual_seed(seed)
    crf = random_crf(tags, random)
    emissions = 2 * torch.randn(words, tags, generator=random, dtype=torch.float64)
    gold = random_tags(words, tags, random)
    every, scores = paths(emissions, crf)
    [of_gold] = scores[(every == gold.numpy()).all(axis=1)]
    expected = np.logaddexp.reduce(scores) - of_gold
    found = crf(emissions[None], gold[None], torch.ones(1, words, dtype=torch.bool))
    assert found.item() == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(size=SIZES, seed=SEEDS)
def test_partial_supervision_sums_over_the_allowed_sequences(size: tuple[int, int], seed: int) -> None:
    tags, words = size
    random = torch.Generator().manual_seed(seed)
    crf = random_crf(tags, random)
    emissions = 2 * torch.randn(words, tags, generator=random, dtype=torch.float64)
    gold = random_tags(words, tags, random)
    allowed = torch.rand(words, tags, generator=random) < 0.4
    allowed[torch.arange(words), gold] = True
    every, scores = paths(emissions, crf)
    kept = scores[allowed.numpy()[np.arange(words), every].all(axis=1)]
    expected = np.logaddexp.reduce(scores) - np.logaddexp.reduce(kept)
    found = crf(emissions[None], gold[None], torch.ones(1, words, dtype=torch.bool), allowed[None])
    assert found.item() == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(13)


def batch(tags: int, lengths: list[int], random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Emissions in double precision, gold tags and mask; padding holds tag 0."""
    width = max(lengths)
    mask = torch.arange(width) < torch.tensor(lengths)[:, None]
    gold = torch.stack([random_tags(width, tags, random) for _ in lengths]).masked_fill(~mask, 0)
    return torch.randn(len(lengths), width, tags, generator=random, dtype=torch.float64), gold, mask


def test_with_one_allowed_tag_a_word_supervision_is_full(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [7, 3, 1], random)
    one_hot = torch.nn.functional.one_hot(gold, 5).bool()
    torch.testing.assert_close(crf(emissions, gold, mask, one_hot), crf(emissions, gold, mask))


def test_where_every_tag_is_allowed_nothing_is_learnt(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [7, 3], random)
    assert crf(emissions, gold, mask, torch.ones(2, 7, 5, dtype=torch.bool)).item() == pytest.approx(0)


@pytest.mark.parametrize("partial", [False, True])
def test_gradients_equal_finite_differences(partial: bool, random: torch.Generator) -> None:
    crf = random_crf(5, random).double()
    emissions, gold, mask = batch(5, [4, 2, 0, 1], random)
    allowed = torch.nn.functional.one_hot(gold, 5).bool()
    allowed[0, 1:3] = True
    names, scores = zip(*crf.named_parameters(), strict=True)

    def loss(emissions: Tensor, *scores: Tensor) -> Tensor:
        given = (emissions, gold, mask, allowed if partial else None)
        found: Tensor = torch.func.functional_call(crf, dict(zip(names, scores, strict=True)), given)
        return found

    assert torch.autograd.gradcheck(loss, (emissions.requires_grad_(), *scores))


def test_the_gradient_of_the_partition_is_the_posterior(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [9], random)
    crf(emissions.requires_grad_(), gold, mask).backward()
    assert emissions.grad is not None
    expected = forward_backward([emissions[0].detach().numpy()], window_chain(crf))[0].marginals
    found = emissions.grad[0] + torch.nn.functional.one_hot(gold[0], 5)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_forbidden_moves_are_never_learnt(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [9, 6], random)
    crf(emissions, gold, mask).backward()
    gradient = crf.transitions.grad
    assert gradient is not None
    assert (gradient[~crf.permitted] == 0).all()
    assert (gradient[crf.permitted] != 0).all()


def test_padding_changes_no_loss_and_gets_no_gradient(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [7, 3, 0], random)
    allowed = torch.nn.functional.one_hot(gold, 5).bool() | (torch.rand(3, 7, 5, generator=random) < 0.5)
    alone = [
        crf(emissions[row : row + 1, :length], gold[row : row + 1, :length], mask[row : row + 1, :length])
        for row, length in ((0, 7), (1, 3))
    ]
    # Whatever stands at padding: no number, tags out of range, no tag allowed.
    emissions = emissions.masked_fill(~mask[..., None], torch.nan).requires_grad_()
    gold = gold.masked_fill(~mask, -100)
    torch.testing.assert_close(crf(emissions, gold, mask), torch.stack(alone).sum())
    loss = crf(emissions, gold, mask) + crf(emissions, gold, mask, allowed & mask[..., None])
    loss.backward()
    assert emissions.grad is not None
    assert (emissions.grad[~mask] == 0).all()
    assert (emissions.grad[mask] != 0).all()
    assert all(scores.grad is not None and scores.grad.isfinite().all() for scores in crf.parameters())


@pytest.mark.parametrize("width", [0, 4])
def test_a_batch_without_words_costs_nothing_and_can_be_learnt_from(width: int) -> None:
    emissions = torch.full((2, width, 5), torch.nan, requires_grad=True)
    loss = CRF(5)(emissions, torch.zeros(2, width, dtype=torch.long), torch.zeros(2, width).bool())
    assert loss.item() == 0
    assert loss.dtype == torch.float32
    loss.backward()
    assert emissions.grad is not None
    assert (emissions.grad == 0).all()


def test_long_windows_of_extreme_scores_stay_finite_and_exact(random: torch.Generator) -> None:
    crf = random_crf(21, random)
    mask = torch.ones(10, 800, dtype=torch.bool)
    emissions = torch.randint(0, 2, (10, 800, 21), generator=random) * 100.0 - 50.0
    emissions.requires_grad_()
    gold = torch.stack([random_tags(800, 21, random) for _ in range(10)])
    foreign = (gold == 0)[..., None] & (torch.arange(21) > 10)
    allowed = torch.nn.functional.one_hot(gold, 21).bool() | foreign
    loss = crf(emissions, gold, mask)
    partial = crf(emissions, gold, mask, allowed)
    (loss + partial).backward()
    assert all(x.grad is not None and x.grad.isfinite().all() for x in (emissions, *crf.parameters()))
    scores = emissions.detach().double().numpy()
    barred = np.where(allowed.numpy(), scores, -np.inf)
    chain = window_chain(crf)
    partition = sum(each.log_partition for each in forward_backward(list(scores), chain))
    kept = sum(each.log_partition for each in forward_backward(list(barred), chain))
    assert partial.item() == pytest.approx(partition - kept, rel=1e-6)
    assert loss.item() > partial.item()


def test_a_very_unlikely_move_of_the_gold_tags_costs_its_score_and_is_still_learnt() -> None:
    crf = CRF(3)
    with torch.no_grad():
        crf.transitions[1, 2] = -2000.0
    ones = torch.ones(1, 2, dtype=torch.bool)
    loss = crf(torch.zeros(1, 2, 3), torch.tensor([[1, 2]]), ones)
    loss.backward()
    assert loss.item() == pytest.approx(2000 + np.log(8 - 1))
    assert crf.transitions.grad is not None
    assert crf.transitions.grad[1, 2].item() == pytest.approx(-1)


def test_mixed_precision_does_not_reach_the_sums(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    emissions, gold, mask = batch(5, [40, 25], random)
    rounded = (10 * emissions).bfloat16()
    plain = crf(rounded.double(), gold, mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = crf(rounded, gold, mask)
    assert mixed.dtype == torch.float32
    assert mixed.item() == pytest.approx(plain.item(), rel=1e-6)


@pytest.mark.parametrize("partial", [False, True])
def test_gold_tags_that_contradict_bio_are_refused(partial: bool) -> None:
    gold = torch.tensor([[0, 2], [1, 2]])
    allowed = torch.nn.functional.one_hot(gold, 5).bool() if partial else None
    with pytest.raises(UserError, match="1 windows of a batch have gold tags"):
        CRF(5)(torch.zeros(2, 2, 5), gold, torch.ones(2, 2, dtype=torch.bool), allowed)


def test_a_word_without_any_allowed_tag_is_refused() -> None:
    mask = torch.ones(1, 2, dtype=torch.bool)
    nothing = torch.zeros(1, 2, 5, dtype=torch.bool)
    with pytest.raises(UserError, match="gold tags"):
        CRF(5)(torch.zeros(1, 2, 5), torch.zeros(1, 2, dtype=torch.long), mask, nothing)


def test_a_model_that_diverged_is_not_blamed_on_the_gold_tags() -> None:
    emissions = torch.full((1, 2, 5), torch.nan)
    loss = CRF(5)(emissions, torch.tensor([[1, 2]]), torch.ones(1, 2, dtype=torch.bool))
    assert loss.isnan()


def test_a_window_may_begin_inside_of_a_span_and_a_document_may_not(random: torch.Generator) -> None:
    crf = random_crf(3, random)
    emissions = torch.tensor([[-9.0, -9.0, 9.0], [0.0, 0.0, 5.0]])
    mask = torch.ones(1, 2, dtype=torch.bool)
    assert crf(emissions[None], torch.tensor([[2, 2]]), mask).item() < 1
    assert viterbi([emissions.double().numpy()], crf.chain())[0].tolist() == [1, 2]


def test_the_chain_for_prediction_is_the_one_learnt_with_forbidden_moves(random: torch.Generator) -> None:
    crf = random_crf(5, random)
    chain = crf.chain()
    assert all(scores.dtype == np.float64 for scores in (chain.transitions, chain.start, chain.end))
    permitted = crf.permitted.numpy()
    assert (chain.transitions[permitted] == crf.transitions.detach().numpy()[permitted]).all()
    assert np.isneginf(chain.transitions[~permitted]).all()
    assert np.isneginf(chain.start).tolist() == [False, False, True, False, True]
    assert (chain.end == crf.end.detach().numpy()).all()


def test_only_what_is_learnt_is_stored_and_it_starts_from_zero() -> None:
    stored = CRF(5).state_dict()
    assert {name: tuple(scores.shape) for name, scores in stored.items()} == {
        "transitions": (5, 5),
        "start": (5,),
        "end": (5,),
    }
    assert not any(scores.any() for scores in stored.values())


def test_training_learns_the_moves_of_the_gold_tags() -> None:
    crf = CRF(3)
    optimizer = torch.optim.Adam(crf.parameters(), lr=0.2)
    gold = torch.tensor([[0, 1, 2, 0], [1, 2, 0, 0]])
    mask = torch.ones(2, 4, dtype=torch.bool)
    for _ in range(50):
        optimizer.zero_grad()
        crf(torch.zeros(2, 4, 3), gold, mask).backward()
        optimizer.step()
    chain = crf.chain()
    assert chain.transitions[1].argmax() == 2
    assert chain.transitions[2].argmax() == 0
