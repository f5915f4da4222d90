"""Losses of the softmax head: PyTorch's, numbers worked out by hand, and what must not matter."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from spanwise.encoding import IGNORED
from spanwise.errors import UserError
from spanwise.learners.losses import (
    LossRecipe,
    boundary_targets,
    check,
    distillation,
    gold_loss,
    r_drop,
)

TAGS = 5  # O, B-0, I-0, B-1, I-1
UNANNOTATED = torch.tensor([[False] * 5, [False, False, False, True, True]])  # the second window: no label 1


def recipe(**changes: float) -> LossRecipe:
    return LossRecipe(
        **{"label_smoothing": 0.0, "boundary_smoothing": 0.0, "focal_gamma": 0.0, "r_drop": 0.0, **changes}
    )


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def logits_of(seed: int, windows: int = 2, tokens: int = 8) -> Tensor:
    return torch.randn(windows, tokens, TAGS, generator=seeded(seed)) * 3


LABELS = torch.tensor(
    [
        [IGNORED, 0, 1, 2, 0, IGNORED, 3, IGNORED],
        [IGNORED, 0, 1, IGNORED, 2, 0, 0, IGNORED],
    ]
)
WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 3.0, 0.1])


def one_token(probabilities: list[float], gold: int, **arguments: Any) -> float:
    """The loss of a single token that the model gives these probabilities."""
    logits = torch.tensor(probabilities).log()[None, None]
    return float(gold_loss(logits, torch.tensor([[gold]]), **arguments))


# Cross-entropy, label smoothing, class weights, focal loss.


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_loss_is_pytorchs_cross_entropy(smoothing: float) -> None:
    logits = logits_of(1)
    expected = functional.cross_entropy(
        logits.flatten(0, 1),
        LABELS.flatten(),
        label_smoothing=smoothing,
        ignore_index=IGNORED,
        reduction="sum",
    )
    torch.testing.assert_close(gold_loss(logits, LABELS, recipe=recipe(label_smoothing=smoothing)), expected)


def test_weights_are_those_of_pytorchs_cross_entropy() -> None:
    logits = logits_of(2)
    expected = functional.cross_entropy(
        logits.flatten(0, 1), LABELS.flatten(), weight=WEIGHTS, ignore_index=IGNORED, reduction="sum"
    )
    torch.testing.assert_close(gold_loss(logits, LABELS, recipe=recipe(), weights=WEIGHTS), expected)


def test_a_smoothed_token_weighs_as_its_gold_tag() -> None:
    smoothed = recipe(label_smoothing=0.2)
    plain = one_token([0.5, 0.2, 0.1, 0.1, 0.1], gold=3, recipe=smoothed)
    weighted = one_token([0.5, 0.2, 0.1, 0.1, 0.1], gold=3, recipe=smoothed, weights=WEIGHTS)
    assert weighted == pytest.approx(3.0 * plain)


def test_focal_loss_is_the_formula_of_lin_et_al() -> None:
    probabilities = [0.6, 0.25, 0.05, 0.05, 0.05]
    loss = one_token(probabilities, gold=1, recipe=recipe(focal_gamma=2.0))
    assert loss == pytest.approx(-(0.75**2) * math.log(0.25), rel=1e-5)
    weighted = one_token(probabilities, gold=1, recipe=recipe(focal_gamma=2.0), weights=WEIGHTS * 7)
    assert weighted == pytest.approx(7 * loss)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_focal_loss_of_a_certain_token_has_a_finite_gradient(gamma: float) -> None:
    logits = torch.tensor([[[100.0, 0, 0, 0, 0]]], requires_grad=True)
    loss = gold_loss(logits, torch.tensor([[0]]), recipe=recipe(focal_gamma=gamma))
    (gradient,) = torch.autograd.grad(loss, logits)
    assert loss.item() == 0
    assert gradient.isfinite().all()


def test_logits_of_low_precision_are_computed_in_float32() -> None:
    low = logits_of(3).bfloat16()
    loss = gold_loss(low, LABELS, recipe=recipe())
    assert loss.dtype == torch.float32
    assert torch.equal(loss, gold_loss(low.float(), LABELS, recipe=recipe()))


# Labels that a corpus does not annotate.


def test_the_marginal_loss_by_hand() -> None:
    probabilities = [0.5, 0.2, 0.1, 0.15, 0.05]
    loss = one_token(probabilities, gold=0, recipe=recipe(), unannotated=UNANNOTATED[1:])
    assert loss == pytest.approx(-math.log(0.5 + 0.15 + 0.05), rel=1e-5)


def test_a_gold_span_in_a_window_that_lacks_other_labels_costs_what_it_costs_elsewhere() -> None:
    probabilities = [0.5, 0.2, 0.1, 0.15, 0.05]
    loss = one_token(probabilities, gold=1, recipe=recipe(), unannotated=UNANNOTATED[1:])
    assert loss == pytest.approx(-math.log(0.2), rel=1e-5)


def test_label_smoothing_spreads_over_the_annotated_tags_and_the_set_of_o() -> None:
    loss = one_token(
        [0.5, 0.2, 0.1, 0.15, 0.05],
        gold=0,
        recipe=recipe(label_smoothing=0.3),
        unannotated=UNANNOTATED[1:],
    )
    expected = -(0.7 + 0.1) * math.log(0.7) - 0.1 * math.log(0.2) - 0.1 * math.log(0.1)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_the_focal_factor_takes_the_probability_of_the_set() -> None:
    loss = one_token(
        [0.5, 0.2, 0.1, 0.15, 0.05],
        gold=0,
        recipe=recipe(focal_gamma=2.0),
        unannotated=UNANNOTATED[1:],
    )
    assert loss == pytest.approx(-(0.3**2) * math.log(0.7), rel=1e-5)


def test_a_boundary_moved_inwards_leaves_the_set_behind() -> None:
    """A span of two words, then O: its end may move both ways, and so may its start to the right."""
    logits = logits_of(4, windows=1, tokens=3)
    p = logits[0].softmax(-1).double().numpy()
    labels = torch.tensor([[1, 2, 0]])
    loss = gold_loss(logits, labels, recipe=recipe(boundary_smoothing=0.3), unannotated=UNANNOTATED[1:])
    outside = p[:, [0, 3, 4]].sum(1)
    expected = -sum(
        (
            0.9 * np.log(p[0, 1]) + 0.1 * np.log(outside[0]),
            0.8 * np.log(p[1, 2]) + 0.1 * np.log(p[1, 1]) + 0.1 * np.log(outside[1]),
            0.9 * np.log(outside[2]) + 0.1 * np.log(p[2, 2]),
        )
    )
    assert loss.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "changes", [{}, {"label_smoothing": 0.1}, {"focal_gamma": 2.0}, {"boundary_smoothing": 0.2}]
)
def test_where_all_is_annotated_the_marginal_loss_is_the_plain_one(changes: dict[str, float]) -> None:
    logits = logits_of(5)
    nothing = torch.zeros(2, TAGS, dtype=torch.bool)
    plain = gold_loss(logits, LABELS, recipe=recipe(**changes))
    assert torch.equal(gold_loss(logits, LABELS, recipe=recipe(**changes), unannotated=nothing), plain)


def test_a_corpus_does_not_push_down_labels_that_it_does_not_annotate() -> None:
    """The set's probability grows, and its members' shares of it stay as they are."""
    logits = torch.zeros(1, 1, TAGS, requires_grad=True)
    loss = gold_loss(logits, torch.tensor([[0]]), recipe=recipe(), unannotated=UNANNOTATED[1:])
    (gradient,) = torch.autograd.grad(loss, logits)
    assert gradient[0, 0, 0] == gradient[0, 0, 3] == gradient[0, 0, 4]
    assert gradient[0, 0, 0] < 0 < gradient[0, 0, 1]


@pytest.mark.parametrize("changes", [{}, {"label_smoothing": 0.1}, {"focal_gamma": 0.5}])
def test_text_without_any_annotation_costs_nothing(changes: dict[str, float]) -> None:
    logits = logits_of(6).requires_grad_()
    everything = torch.tensor([[False] + [True] * 4] * 2)
    loss = gold_loss(logits, LABELS.clamp(max=0), recipe=recipe(**changes), unannotated=everything)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert loss.item() == pytest.approx(0, abs=1e-5)
    assert gradient.abs().max() < 1e-5


def test_a_gold_tag_that_its_corpus_does_not_annotate_is_refused() -> None:
    with pytest.raises(ValueError, match="does not annotate"):
        gold_loss(logits_of(6), torch.full((2, 8), 3), recipe=recipe(), unannotated=UNANNOTATED)


# What must not matter.


def plain_and_focal(logits: Tensor, labels: Tensor) -> Tensor:
    focal = gold_loss(
        logits, labels, recipe=recipe(focal_gamma=2.0), weights=WEIGHTS, unannotated=UNANNOTATED
    )
    return focal + gold_loss(logits, labels, recipe=recipe())


def smoothed(logits: Tensor, labels: Tensor) -> Tensor:
    both = recipe(label_smoothing=0.1, boundary_smoothing=0.2)
    return gold_loss(logits, labels, recipe=both, unannotated=UNANNOTATED)


def disagreement(logits: Tensor, labels: Tensor) -> Tensor:
    return r_drop(logits, logits * 0.5, labels)


def taught(logits: Tensor, labels: Tensor) -> Tensor:
    probabilities = logits_of(7).softmax(-1) * (labels != IGNORED)[..., None]
    return distillation(logits, probabilities, labels != IGNORED, 2.0)


LOSSES = [plain_and_focal, smoothed, disagreement, taught]


@given(seed=st.integers(0, 1000), garbage=st.sampled_from([0.0, 1e30, math.inf, -math.inf, math.nan]))
def test_ignored_tokens_change_neither_the_loss_nor_get_a_gradient(seed: int, garbage: float) -> None:
    loss = LOSSES[seed % len(LOSSES)]
    ignored = LABELS == IGNORED
    logits = logits_of(seed)
    spoilt = logits.masked_fill(ignored[..., None], garbage).requires_grad_()
    value = loss(spoilt, LABELS)
    (gradient,) = torch.autograd.grad(value, spoilt)
    assert torch.equal(value, loss(logits, LABELS))
    assert not gradient[ignored].any()
    assert gradient.isfinite().all()
    assert gradient[~ignored].any()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_without_tagged_tokens_costs_nothing(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    logits = logits_of(8).requires_grad_()
    value = loss(logits, torch.full((2, 8), IGNORED))
    (gradient,) = torch.autograd.grad(value, logits)
    assert value.item() == 0
    assert not gradient.any()


@pytest.mark.parametrize(
    "changes",
    [{}, {"label_smoothing": 0.1}, {"label_smoothing": 0.1, "boundary_smoothing": 0.2}, {"focal_gamma": 1.5}],
)
def test_micro_batches_come_to_the_same_as_one_batch(changes: dict[str, float]) -> None:
    """Three of two windows, of unequally many tagged tokens, against one of six: loss and gradients."""
    inputs = torch.randn(6, 8, 4, generator=seeded(9))
    labels = torch.randint(0, 3, (6, 8), generator=seeded(10))
    labels[torch.rand(6, 8, generator=seeded(11)) < torch.linspace(0, 0.9, 6)[:, None]] = IGNORED
    unannotated, others = UNANNOTATED.repeat(3, 1), logits_of(13, windows=6)
    tagged = int((labels != IGNORED).sum())
    assert len({int((labels[start : start + 2] != IGNORED).sum()) for start in (0, 2, 4)}) == 3

    def trained(size: int) -> tuple[float, Tensor]:
        torch.manual_seed(12)
        head = torch.nn.Linear(4, TAGS)
        total, gradient = 0.0, torch.zeros(TAGS, 4)
        for start in range(0, 6, size):
            part = slice(start, start + size)
            logits, gold = head(inputs[part]), labels[part]
            loss = gold_loss(
                logits, gold, recipe=recipe(**changes), weights=WEIGHTS, unannotated=unannotated[part]
            )
            loss += r_drop(logits, others[part], gold)
            loss += distillation(logits, others[part].softmax(-1), gold != IGNORED, 2.0)
            gradient += torch.autograd.grad(loss / tagged, head.weight)[0]
            total += loss.item() / tagged
        return total, gradient

    (accumulated, gradient), (whole, expected) = trained(2), trained(6)
    assert accumulated == pytest.approx(whole, abs=1e-6)
    torch.testing.assert_close(gradient, expected, rtol=0, atol=1e-6)
    assert expected.abs().max() > 0.01


# Boundary smoothing.


def smoothed_row(tags: list[int], epsilon: float = 0.4) -> list[list[float]]:
    rows = boundary_targets(torch.tensor([tags]), TAGS, epsilon)[0].tolist()
    return [[round(value, 6) for value in row] for row in rows]


def test_boundaries_of_a_span_of_two_words_move_four_ways() -> None:
    assert smoothed_row([0, 1, 2, 0]) == [
        [0.9, 0.1, 0, 0, 0],  # start one word earlier
        [0.1, 0.8, 0.1, 0, 0],  # start later; start earlier
        [0.1, 0.1, 0.8, 0, 0],  # end earlier; start later
        [0.9, 0, 0.1, 0, 0],  # end later
    ]


def test_a_span_of_one_word_only_grows() -> None:
    assert smoothed_row([0, 3, 0]) == [[0.8, 0, 0, 0.2, 0], [0, 0, 0, 0.8, 0.2], [0.8, 0, 0, 0, 0.2]]


def test_a_span_takes_no_word_of_another() -> None:
    assert smoothed_row([1, 3, 0]) == [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0.6, 0, 0, 0, 0.4]]


def test_a_word_between_two_spans_may_fall_to_either() -> None:
    assert smoothed_row([1, 0, 3, 0], epsilon=0.5)[1] == [0.25, 0, 0.5, 0.25, 0]


def test_ignored_tokens_between_words_are_stepped_over() -> None:
    words = smoothed_row([0, 1, 2, 0])
    spread = smoothed_row([IGNORED, 0, IGNORED, 1, IGNORED, IGNORED, 2, 0, IGNORED])
    assert [spread[place] for place in (1, 3, 6, 7)] == words
    assert [sum(spread[place]) for place in (0, 2, 4, 5, 8)] == [0] * 5


def test_what_may_go_on_beyond_the_window_stays() -> None:
    one_hot = np.eye(TAGS)
    assert smoothed_row([2, 2, 0]) == one_hot[[2, 2, 0]].tolist()
    assert smoothed_row([0, 1]) == [[0.6, 0.4, 0, 0, 0], [0, 0.6, 0.4, 0, 0]]
    assert smoothed_row([1, 2]) == [[0.4, 0.6, 0, 0, 0], [0, 0.4, 0.6, 0, 0]]


Spans = list[tuple[int, int, int]]


@st.composite
def divided(draw: st.DrawFn) -> tuple[int, Spans]:
    """How many words a window has, and spans in it as (first, behind, label)."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 1)), max_size=4))
    spans, words = [], 0
    for gap, length, label in lengths:
        spans.append((words + gap, words + gap + length, label))
        words += gap + length
    return words + draw(st.integers(0, 2)), spans


def tagged(words: int, spans: Spans) -> list[int]:
    tags = [0] * words
    for first, behind, label in spans:
        tags[first:behind] = [2 * label + 2] * (behind - first)
        tags[first] = 2 * label + 1
    return tags


def moved(words: int, spans: Spans, at: int) -> list[Spans]:
    """All ways to move one boundary of one span, written down a second time: by making and sorting out."""
    first, behind, label = spans[at]
    ends = [] if behind == words else [(first, behind - 1), (first, behind + 1)]
    others = {word for other in spans[:at] + spans[at + 1 :] for word in range(*other[:2])}
    return [
        [*spans[:at], (start, end, label), *spans[at + 1 :]]
        for start, end in [(first - 1, behind), (first + 1, behind), *ends]
        if 0 <= start < end <= words and not others & set(range(start, end))
    ]


@given(window=divided(), epsilon=st.floats(0, 0.5))
def test_boundary_targets_are_means_over_the_moved_taggings(
    window: tuple[int, Spans], epsilon: float
) -> None:
    words, spans = window
    one_hot = np.eye(TAGS)
    gold = one_hot[tagged(words, spans)].reshape(words, TAGS)
    expected = gold.copy()
    for at in range(len(spans)):
        if ways := moved(words, spans, at):
            mean = sum(one_hot[tagged(words, way)] for way in ways) / len(ways)
            expected += epsilon * (mean - gold)
    targets = boundary_targets(torch.tensor([tagged(words, spans)], dtype=torch.int64), TAGS, epsilon)[0]
    np.testing.assert_allclose(targets.numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(targets.sum(-1).numpy(), 1, atol=1e-6)
    assert (targets >= -1e-6).all()


def test_boundary_smoothing_is_cross_entropy_with_its_targets() -> None:
    logits = logits_of(14)
    targets = boundary_targets(LABELS, TAGS, 0.2)
    expected = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(0, 1), reduction="sum")
    torch.testing.assert_close(gold_loss(logits, LABELS, recipe=recipe(boundary_smoothing=0.2)), expected)


# Two passes, and teachers.


def test_r_drop_is_half_of_both_divergences() -> None:
    first, second = torch.tensor([0.8, 0.1, 0.1]).log(), torch.tensor([0.5, 0.3, 0.2]).log()
    labels = torch.tensor([[0]])
    forth = 0.8 * math.log(0.8 / 0.5) + 0.1 * math.log(0.1 / 0.3) + 0.1 * math.log(0.1 / 0.2)
    back = 0.5 * math.log(0.5 / 0.8) + 0.3 * math.log(0.3 / 0.1) + 0.2 * math.log(0.2 / 0.1)
    loss = r_drop(first[None, None], second[None, None], labels).item()
    assert loss == pytest.approx((forth + back) / 2, rel=1e-5)
    assert r_drop(second[None, None], first[None, None], labels).item() == pytest.approx(loss)


def test_r_drop_of_passes_that_agree_is_nothing_and_both_get_gradients_otherwise() -> None:
    first, second = logits_of(15).requires_grad_(), logits_of(16).requires_grad_()
    assert r_drop(first, first, LABELS).item() == 0
    gradients = torch.autograd.grad(r_drop(first, second, LABELS), [first, second])
    assert all(gradient.any() for gradient in gradients)


def test_distillation_at_temperature_one_is_the_divergence_from_the_teacher() -> None:
    student = torch.tensor([0.8, 0.2]).log()[None, None]
    teacher = torch.tensor([[[0.5, 0.5]]])
    loss = distillation(student, teacher, torch.tensor([[True]]), 1.0).item()
    assert loss == pytest.approx(0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2), rel=1e-5)


def test_distillation_tempers_both_sides() -> None:
    """At T = 2 the teacher's 0.64 and 0.36 are 0.8 and 0.6 before they are normalised."""
    student = torch.tensor([2.0, 0.0])[None, None]
    teacher = torch.tensor([[[0.64, 0.36]]])
    p, q = 0.8 / 1.4, math.e / (math.e + 1)
    expected = 4 * (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q)))
    assert distillation(student, teacher, torch.tensor([[True]]), 2.0).item() == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_student_that_agrees_with_its_teacher_costs_nothing(temperature: float) -> None:
    logits = logits_of(17)
    loss = distillation(logits, logits.softmax(-1), LABELS != IGNORED, temperature)
    assert loss.item() == pytest.approx(0, abs=1e-4)


def test_a_teacher_may_rule_tags_out() -> None:
    teacher = torch.tensor([[[1.0, 0.0, 0.0, 0.0, 0.0]]])
    logits = logits_of(18, windows=1, tokens=1)
    loss = distillation(logits, teacher, torch.tensor([[True]]), 2.0)
    assert loss.item() == pytest.approx(-4 * (logits[0, 0] / 2).log_softmax(-1)[0].item(), rel=1e-5)


# What does not go together.


@pytest.mark.parametrize("smoothing", ["label_smoothing", "boundary_smoothing"])
def test_focal_loss_with_smoothing_is_refused(smoothing: str) -> None:
    with pytest.raises(UserError, match="focal_gamma"):
        check(recipe(focal_gamma=2.0, **{smoothing: 0.1}))


def test_boundary_smoothing_of_more_than_half_is_refused() -> None:
    with pytest.raises(UserError, match="at most one half"):
        check(recipe(boundary_smoothing=0.6))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"focal_gamma": 2.0, "r_drop": 1.0},
        {"label_smoothing": 0.1, "boundary_smoothing": 0.5, "r_drop": 1},
    ],
)
def test_all_else_goes_together(changes: dict[str, float]) -> None:
    check(recipe(**changes))
    assert gold_loss(logits_of(23), LABELS, recipe=recipe(**changes)).isfinite()
