from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from spanwise.heads.pointer import MASKED, GlobalPointer, probabilities, rotate, smoothed_targets

HIDDEN, LABELS = 6, 3


@pytest.fixture
def head() -> GlobalPointer:
    torch.manual_seed(13)
    return GlobalPointer(HIDDEN, LABELS, head_size=4)


@pytest.fixture
def mask() -> Tensor:
    """Two windows, of five words and of three."""
    return torch.tensor([[True] * 5, [True] * 3 + [False] * 2])


@pytest.fixture
def hidden() -> Tensor:
    return torch.randn(2, 5, HIDDEN, generator=torch.Generator().manual_seed(13))


def rows(*spans: tuple[int, int, int, int]) -> Tensor:
    return torch.tensor(spans, dtype=torch.long).reshape(-1, 4)


GOLD = rows((0, 0, 1, 3), (0, 0, 2, 2), (0, 2, 1, 3), (0, 1, 4, 4), (1, 2, 0, 2))


def spans_of(words: int) -> list[tuple[int, int]]:
    return [(first, last) for first in range(words) for last in range(first, words)]


def turned(vector: Tensor, position: int) -> Tensor:
    """Pairs of numbers as complex ones, multiplied by e^(i * angle)."""
    pairs = torch.view_as_complex(vector.reshape(-1, 2))
    speeds = torch.tensor([10000 ** (-2 * pair / len(vector)) for pair in range(len(pairs))])
    return torch.view_as_real(pairs * torch.polar(torch.ones(len(pairs)), position * speeds)).flatten()


def test_scores_are_those_of_the_formula(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    scores = head.scores(hidden, mask)
    assert scores.shape == (2, LABELS, 5, 5)
    both = head.projection(hidden)
    biases = head.edges(both)
    for window, words in enumerate((5, 3)):
        for label, (first, last) in itertools.product(range(LABELS), spans_of(words)):
            query = turned(both[window, first, :4], first)
            key = turned(both[window, last, 4:], last)
            expected = query @ key / math.sqrt(4)
            expected += biases[window, first, label] + biases[window, last, LABELS + label]
            torch.testing.assert_close(scores[window, label, first, last], expected)


def test_what_is_no_span_is_masked(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    scores = head.scores(hidden, mask)
    there = torch.zeros(2, 5, 5, dtype=torch.bool)
    for window, words in enumerate((5, 3)):
        for first, last in spans_of(words):
            there[window, first, last] = True
    assert torch.equal(scores != MASKED, there[:, None].expand_as(scores))


def test_padding_changes_no_score(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    alone = head.scores(hidden[1:, :3], mask[1:, :3])
    torch.testing.assert_close(head.scores(hidden, mask)[1:, :, :3, :3], alone)


def test_scores_are_float32_inside_mixed_precision(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = head.scores(hidden, mask)
        loss = head.loss(scores, GOLD, mask, boundary_smoothing=0.1)
    assert scores.dtype == loss.dtype == torch.float32
    assert torch.equal(scores, head.scores(hidden, mask))
    assert torch.equal(loss, head.loss(scores, GOLD, mask, boundary_smoothing=0.1))


def test_products_of_rotated_vectors_depend_on_their_distance_alone() -> None:
    query, key = torch.randn(2, 8, generator=torch.Generator().manual_seed(13))
    table = rotate(query.expand(12, 8)) @ rotate(key.expand(12, 8)).T
    for distance in range(-11, 12):
        products = table.diagonal(distance)
        torch.testing.assert_close(products, products[:1].expand_as(products))
    assert table[0].std() > 0.1


def test_rotating_keeps_lengths_and_leaves_the_first_word_as_it_is() -> None:
    vectors = torch.randn(3, 7, 8, generator=torch.Generator().manual_seed(13))
    torch.testing.assert_close(rotate(vectors).norm(dim=-1), vectors.norm(dim=-1))
    assert torch.equal(rotate(vectors)[:, 0], vectors[:, 0])


def test_an_untrained_head_finds_nothing(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    assert probabilities(head.scores(hidden, mask)).max() < 0.5


def expected_loss(scores: Tensor, targets: dict[tuple[int, ...], float], window: int, label: int) -> float:
    """The loss of one window and label, in double precision, term by term."""
    words = (5, 3)[window]
    scores = scores.detach()
    positive = negative = 1.0
    for first, last in spans_of(words):
        target = targets.get((window, label, first, last), 0.0)
        score = float(scores[window, label, first, last])
        negative += (1 - target) * math.exp(score)
        positive += target * math.exp(-score)
    return math.log(negative) + math.log(positive)


def hard(gold: Tensor) -> dict[tuple[int, ...], float]:
    return {tuple(row): 1.0 for row in gold.tolist()}


def soft(gold: Tensor, epsilon: float) -> dict[tuple[int, ...], float]:
    targets: dict[tuple[int, ...], float] = {}
    for window, label, first, last in {tuple(row) for row in gold.tolist()}:
        own = 1.0
        for near in ((first - 1, last), (first + 1, last), (first, last - 1), (first, last + 1)):
            if near in spans_of((5, 3)[window]):
                key = (window, label, *near)
                targets[key] = targets.get(key, 0.0) + epsilon / 4
                own -= epsilon / 4
        key = (window, label, first, last)
        targets[key] = targets.get(key, 0.0) + own
    return targets


@pytest.fixture
def scores(mask: Tensor) -> Tensor:
    drawn = 3 * torch.randn(2, LABELS, 5, 5, generator=torch.Generator().manual_seed(13))
    spans = mask[:, None, :, None] & mask[:, None, None, :] & torch.ones(5, 5, dtype=torch.bool).triu()
    return drawn.masked_fill(~spans, MASKED).requires_grad_()


def test_the_hard_loss_is_that_of_the_paper(scores: Tensor, mask: Tensor) -> None:
    expected = sum(
        expected_loss(scores, hard(GOLD), window, label) for window in range(2) for label in range(LABELS)
    )
    assert GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=0.0).item() == pytest.approx(expected)


@pytest.mark.parametrize("epsilon", [0.05, 0.3, 1.0])
def test_the_smoothed_loss_is_that_of_soft_targets(scores: Tensor, mask: Tensor, epsilon: float) -> None:
    expected = sum(
        expected_loss(scores, soft(GOLD, epsilon), window, label)
        for window in range(2)
        for label in range(LABELS)
    )
    found = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=epsilon)
    assert found.item() == pytest.approx(expected)


@pytest.mark.parametrize("epsilon", [0.0, 0.2])
def test_the_gradient_is_that_of_the_loss_written_out(scores: Tensor, mask: Tensor, epsilon: float) -> None:
    targets = torch.zeros_like(scores)
    for row, target in soft(GOLD, epsilon).items():
        targets[row] = target
    negative = (1 + ((1 - targets) * scores.exp()).sum((2, 3))).log()
    positive = (1 + (targets * (-scores).exp()).sum((2, 3))).log()
    (expected,) = torch.autograd.grad((negative + positive).sum(), scores)
    loss = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=epsilon)
    (gradient,) = torch.autograd.grad(loss, scores)
    torch.testing.assert_close(gradient, expected)


def test_mass_stays_with_a_span_whose_neighbours_are_none(mask: Tensor) -> None:
    found, targets = smoothed_targets(rows((1, 0, 2, 2)), mask, 0.2)
    assert found.tolist() == [[1, 0, 1, 2], [1, 0, 2, 2]]
    torch.testing.assert_close(targets, torch.tensor([0.05, 0.95]))


def test_mass_of_several_spans_adds_up(mask: Tensor) -> None:
    found, targets = smoothed_targets(rows((0, 0, 1, 3), (0, 0, 1, 2)), mask, 0.4)
    mass = dict(zip(map(tuple, found.tolist()), targets.tolist(), strict=True))
    assert mass[0, 0, 1, 3] == mass[0, 0, 1, 2] == pytest.approx(0.6 + 0.1)
    assert mass[0, 0, 2, 2] == pytest.approx(0.1)
    assert sum(mass.values()) == pytest.approx(2.0)


def test_a_span_written_twice_counts_once(scores: Tensor, mask: Tensor) -> None:
    twice = torch.cat([GOLD, GOLD[:2]])
    once = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=0.1)
    assert torch.equal(GlobalPointer.loss(scores, twice, mask, boundary_smoothing=0.1), once)


def test_the_order_of_spans_does_not_matter(scores: Tensor, mask: Tensor) -> None:
    loss = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=0.1)
    assert torch.equal(GlobalPointer.loss(scores, GOLD.flip(0), mask, boundary_smoothing=0.1), loss)


def test_labels_that_are_not_annotated_are_not_in_the_loss(scores: Tensor, mask: Tensor) -> None:
    unannotated = torch.tensor([[False, True, False], [True, True, False]])
    loss = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=0.0, unannotated=unannotated)
    kept = [(0, 0), (0, 2), (1, 2)]
    assert loss.item() == pytest.approx(sum(expected_loss(scores, hard(GOLD), *at) for at in kept))
    (gradient,) = torch.autograd.grad(loss, scores)
    assert (gradient.abs().sum((2, 3)) > 0).tolist() == (~unannotated).tolist()


def test_windows_without_spans_or_words_have_a_loss(scores: Tensor) -> None:
    empty = torch.zeros(2, 5, dtype=torch.bool)
    nothing = torch.full_like(scores, MASKED).requires_grad_()
    loss = GlobalPointer.loss(nothing, rows(), empty, boundary_smoothing=0.1)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(0.0, abs=1e-12)
    assert nothing.grad is not None
    assert torch.isfinite(nothing.grad).all()


@pytest.mark.parametrize("size", [-50.0, 50.0])
def test_the_loss_is_finite_for_scores_of_any_size(mask: Tensor, size: float) -> None:
    scores = torch.full((2, LABELS, 5, 5), size, requires_grad=True)
    loss = GlobalPointer.loss(scores, GOLD, mask, boundary_smoothing=0.0)
    loss.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()
    assert loss.item() > 100


def test_only_spans_that_count_get_a_gradient(head: GlobalPointer, hidden: Tensor, mask: Tensor) -> None:
    hidden.requires_grad_()
    loss = head.loss(head.scores(hidden, mask), GOLD, mask, boundary_smoothing=0.1)
    (gradient,) = torch.autograd.grad(loss, hidden)
    assert (gradient.abs().sum(-1) > 0).tolist() == mask.tolist()


def test_half_is_where_the_score_is_zero() -> None:
    found = probabilities(torch.tensor([MASKED, -1.0, 0.0, 1.0]))
    assert found[2] == 0.5
    assert 0 <= found[0] < 1e-20
    assert found[1] + found[3] == pytest.approx(1)


@pytest.mark.parametrize("epsilon", [0.0, 0.1])
def test_nested_crossing_and_equal_spans_can_be_learnt(epsilon: float) -> None:
    torch.manual_seed(13)
    words = torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8], [9, 2, 3, 10, 11, 12, 0, 0]])
    mask = words > 0
    nested, crossing = ((0, 0, 1, 4), (0, 0, 2, 3), (0, 1, 2, 3)), ((0, 2, 3, 6), (0, 1, 7, 7))
    equal = ((1, 1, 0, 2), (1, 2, 0, 2), (1, 0, 4, 5))
    gold = rows(*nested, *crossing, *equal)
    embedding, head = nn.Embedding(13, 24), GlobalPointer(24, LABELS, head_size=16)
    optimizer = torch.optim.AdamW([*embedding.parameters(), *head.parameters()], lr=0.02)
    for _ in range(80):
        optimizer.zero_grad()
        scores = head.scores(embedding(words), mask)
        head.loss(scores, gold, mask, boundary_smoothing=epsilon).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        found = (probabilities(head.scores(embedding(words), mask)) > 0.5).nonzero()
    assert sorted(found.tolist()) == sorted(gold.tolist())


def test_the_same_seed_learns_the_same(mask: Tensor, hidden: Tensor) -> None:
    def trained() -> Tensor:
        torch.manual_seed(13)
        head = GlobalPointer(HIDDEN, LABELS, head_size=4)
        head.loss(head.scores(hidden, mask), GOLD, mask, boundary_smoothing=0.1).backward()  # type: ignore[no-untyped-call]
        assert head.projection.weight.grad is not None
        return head.projection.weight.grad

    assert torch.equal(trained(), trained())
