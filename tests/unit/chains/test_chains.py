"""Best sequences and exact probabilities of a linear chain, held to the search of all sequences."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spanwise.chains import Chain, bio_constraints, forward_backward, viterbi
from spanwise.chains.chain import Bools, Floats
from spanwise.chains.sums import _in_log_space, _scaled
from spanwise.encoding import Ints
from spanwise.errors import UserError

SCORES = st.floats(-5, 5, width=16)


@cache
def paths(words: int, tags: int) -> Ints:
    """All tag sequences, `[sequences, words]`."""
    return np.array(list(product(range(tags), repeat=words)), dtype=np.int64).reshape(-1, words)


def scores_of_paths(emissions: Floats, chain: Chain) -> Floats:
    """The score of each of `paths`, `[sequences]`."""
    words, tags = emissions.shape
    every = paths(words, tags)
    scores: Floats = emissions[np.arange(words), every].sum(axis=1)
    scores = scores + chain.transitions[every[:, :-1], every[:, 1:]].sum(axis=1)
    return scores + chain.start[every[:, 0]] + chain.end[every[:, -1]]


def probabilities_of_paths(emissions: Floats, chain: Chain) -> Floats:
    weights = np.exp(scores_of_paths(emissions, chain))
    total: Floats = weights / weights.sum()
    return total


def bio_chain(chain: Chain) -> Chain:
    transitions, start = bio_constraints(len(chain.start) // 2)
    return replace(
        chain,
        transitions=np.where(transitions, chain.transitions, -np.inf),
        start=np.where(start, chain.start, -np.inf),
    )


@st.composite
def problems(draw: st.DrawFn, tags: st.SearchStrategy[int]) -> tuple[Floats, Chain]:
    """Emissions of up to four words, and a chain without constraints."""
    width = draw(tags)
    words = draw(st.integers(1, 4))
    drawn = draw(arrays(np.float64, (words + width + 2, width), elements=SCORES))
    emissions, transitions, ends = np.split(drawn, [words, words + width])
    return emissions, Chain(transitions=transitions, start=ends[0], end=ends[1])


ANY = problems(st.integers(1, 5))
BIO = problems(st.sampled_from([3, 5])).map(lambda problem: (problem[0], bio_chain(problem[1])))


@given(problem=ANY | BIO)
def test_the_partition_sums_over_all_sequences(problem: tuple[Floats, Chain]) -> None:
    emissions, chain = problem
    expected = np.log(np.exp(scores_of_paths(emissions, chain)).sum())
    assert forward_backward([emissions], chain)[0].log_partition == pytest.approx(expected)


@given(problem=ANY | BIO)
def test_marginals_sum_the_sequences_with_a_tag_at_a_word(problem: tuple[Floats, Chain]) -> None:
    emissions, chain = problem
    words, tags = emissions.shape
    probabilities = probabilities_of_paths(emissions, chain)
    marginals = forward_backward([emissions], chain)[0].marginals
    expected = [
        [probabilities[paths(words, tags)[:, word] == tag].sum() for tag in range(tags)]
        for word in range(words)
    ]
    np.testing.assert_allclose(marginals, expected, rtol=1e-9, atol=1e-12)


@given(problem=ANY | BIO)
def test_viterbi_equals_the_search_of_all_sequences(problem: tuple[Floats, Chain]) -> None:
    emissions, chain = problem
    scores = scores_of_paths(emissions, chain)
    found = viterbi([emissions], chain)[0]
    of_found = scores[(paths(*emissions.shape) == found).all(axis=1)]
    assert of_found == pytest.approx(scores.max())


@given(problem=BIO, data=st.data())
def test_a_span_is_as_probable_as_the_sequences_that_hold_it(
    problem: tuple[Floats, Chain], data: st.DataObject
) -> None:
    emissions, chain = problem
    words, tags = emissions.shape
    first = data.draw(st.integers(0, words - 1))
    behind = data.draw(st.integers(first + 1, words))
    label = data.draw(st.integers(0, tags // 2 - 1))
    every = paths(words, tags)
    holds = (every[:, first] == 2 * label + 1) & (every[:, first + 1 : behind] == 2 * label + 2).all(axis=1)
    holds &= (every[:, behind : behind + 1] != 2 * label + 2).all(axis=1)
    expected = probabilities_of_paths(emissions, chain)[holds].sum()
    lattice = forward_backward([emissions], chain)[0]
    assert lattice.span_probabilities(np.array([(first, behind, label)])) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


@given(problem=BIO)
def test_the_spans_from_a_word_share_the_probability_of_its_beginning(problem: tuple[Floats, Chain]) -> None:
    emissions, chain = problem
    lattice = forward_backward([emissions], chain)[0]
    begins = lattice.span_probabilities(
        np.array([(0, behind, 0) for behind in range(1, len(emissions) + 1)])
    ).sum()
    assert begins == pytest.approx(lattice.marginals[0, 1])


@given(
    problem=problems(st.integers(2, 3)),
    forbidden=arrays(np.bool_, (5, 3)),
)
def test_moves_may_be_forbidden_at_will(problem: tuple[Floats, Chain], forbidden: Bools) -> None:
    emissions, free = problem
    tags = len(free.start)
    bars = np.where(forbidden[:, :tags], -np.inf, 0.0)
    chain = Chain(free.transitions + bars[:tags], free.start + bars[3], free.end + bars[4])
    scores = scores_of_paths(emissions, chain)
    if np.isneginf(scores).all():
        for infer in (viterbi, forward_backward):
            with pytest.raises(UserError, match="forbids every sequence"):
                infer([emissions], chain)
        return
    assert forward_backward([emissions], chain)[0].log_partition == pytest.approx(
        np.log(np.exp(scores).sum())
    )
    best = scores[(paths(*emissions.shape) == viterbi([emissions], chain)[0]).all(axis=1)]
    assert best == pytest.approx(scores.max())


def follows_bio(tags: Ints) -> bool:
    inside = [(before, tag) for before, tag in zip((0, *tags), tags, strict=False) if tag and tag % 2 == 0]
    return all(before in {tag - 1, tag} for before, tag in inside)


@given(emissions=arrays(np.float64, (12, 7), elements=st.sampled_from([-1e6, -50.0, 0.0, 50.0, 1e6])))
def test_no_emission_is_strong_enough_for_a_forbidden_move(emissions: Floats) -> None:
    chain = bio_chain(Chain(np.zeros((7, 7)), np.zeros(7), np.zeros(7)))
    assert follows_bio(viterbi([emissions], chain)[0])
    assert (forward_backward([emissions], chain)[0].marginals[0, 2::2] == 0).all()


def test_of_equal_sequences_the_one_of_lowest_tags_is_taken() -> None:
    chain = bio_chain(Chain(np.zeros((5, 5)), np.zeros(5), np.zeros(5)))
    assert viterbi([np.zeros((3, 5))], chain)[0].tolist() == [0, 0, 0]


def test_an_empty_document_has_no_tags_and_is_certain() -> None:
    chain = bio_chain(Chain(np.zeros((5, 5)), np.zeros(5), np.zeros(5)))
    nothing = np.zeros((0, 5))
    assert viterbi([nothing], chain)[0].shape == (0,)
    assert forward_backward([nothing], chain)[0].marginals.shape == (0, 5)
    assert forward_backward([nothing], chain)[0].log_partition == 0.0


def test_bio_lets_an_inside_tag_stand_behind_its_own_label_alone() -> None:
    transitions, start = bio_constraints(2)
    assert start.tolist() == [True, True, False, True, False]
    assert np.flatnonzero(transitions[:, 2]).tolist() == [1, 2]
    assert np.flatnonzero(transitions[:, 4]).tolist() == [3, 4]
    assert transitions[:, [0, 1, 3]].all()


@pytest.mark.parametrize("labels", [0, 1, 41])
def test_bio_has_a_tag_for_outside_and_two_for_each_label(labels: int) -> None:
    transitions, start = bio_constraints(labels)
    assert transitions.shape == (2 * labels + 1, 2 * labels + 1)
    assert start.shape == (2 * labels + 1,)
    assert int(start.sum()) == labels + 1


def test_long_documents_of_extreme_scores_stay_exact() -> None:
    random = np.random.default_rng(7)
    chain = bio_chain(Chain(random.normal(size=(21, 21)), random.normal(size=21), random.normal(size=21)))
    lattice = forward_backward([random.choice([-50.0, 50.0], size=(800, 21))], chain)[0]
    marginals = lattice.marginals
    assert np.isfinite(lattice.log_partition)
    np.testing.assert_allclose(marginals.sum(axis=1), 1.0, rtol=1e-8)
    begins = lattice.span_probabilities(np.array([(400, behind, 3) for behind in range(401, 801)])).sum()
    assert begins == pytest.approx(marginals[400, 7])
    assert marginals.max() <= 1.0


def test_a_certain_span_is_not_more_than_certain() -> None:
    emissions = np.zeros((300, 3))
    emissions[:, 0] = 50.3
    emissions[100:110, 2] = 2000.0
    emissions[100, 1] = 4000.0
    chain = bio_chain(Chain(np.zeros((3, 3)), np.zeros(3), np.zeros(3)))
    assert (
        0.999
        < forward_backward([emissions], chain)[0].span_probabilities(np.array([(100, 110, 0)]))[0]
        <= 1.0
    )


@pytest.mark.parametrize("spread", [1.0, 50.0, 2000.0])
def test_scores_far_apart_give_what_log_space_gives(spread: float) -> None:
    random = np.random.default_rng(5)
    permitted, first = bio_constraints(3)
    chain = Chain(
        transitions=np.where(permitted, random.normal(size=(7, 7)), -np.inf),
        start=np.where(first, random.normal(size=7), -np.inf),
        end=random.normal(size=7),
    )
    emissions = random.normal(size=(40, 7)) * spread
    lattice = forward_backward([emissions], chain)[0]
    marginals, beta = _in_log_space(emissions, chain)
    assert (_scaled([emissions], chain)[0] is None) == (spread == 2000)  # sums underflow there
    np.testing.assert_allclose(lattice.marginals, marginals, atol=1e-9)
    np.testing.assert_allclose(lattice.beta, beta, rtol=1e-12)
    np.testing.assert_allclose(lattice.marginals.sum(axis=1), 1, atol=1e-9)


# Several documents.


def random_chain(labels: int, random: np.random.Generator) -> Chain:
    tags = 2 * labels + 1
    return bio_chain(
        Chain(random.normal(size=(tags, tags)), random.normal(size=tags), random.normal(size=tags))
    )


def assert_independent(documents: list[Floats], chain: Chain) -> None:
    """Each document gives to the last bit what it gives alone."""
    lattices, tagged = forward_backward(documents, chain), viterbi(documents, chain)
    for emissions, lattice, tags in zip(documents, lattices, tagged, strict=True):
        [alone] = forward_backward([emissions], chain)
        assert (lattice.marginals == alone.marginals).all()
        assert (lattice.beta == alone.beta).all()
        assert lattice.log_partition == alone.log_partition
        assert (tags == viterbi([emissions], chain)[0]).all()


@given(
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=7),
    spreads=st.lists(st.sampled_from([0.5, 5.0, 2000.0]), min_size=7, max_size=7),
    labels=st.sampled_from([1, 2, 5, 41]),
    seed=st.integers(0, 999),
)
def test_a_document_does_not_depend_on_those_beside_it(
    lengths: list[int], spreads: list[float], labels: int, seed: int
) -> None:
    """Some of them underflow, and take another way."""
    random = np.random.default_rng(seed)
    chain = random_chain(labels, random)
    documents = [
        random.normal(size=(words, 2 * labels + 1)) * spread
        for words, spread in zip(lengths, spreads, strict=False)
    ]
    assert_independent(documents, chain)


def test_many_long_documents_do_not_depend_on_each_other() -> None:
    random = np.random.default_rng(3)
    documents = [random.normal(size=(words, 83)) * 4 for words in random.integers(0, 90, size=40).tolist()]
    assert_independent(documents, random_chain(41, random))


@given(
    seed=st.integers(0, 999),
    words=st.integers(1, 30),
    spread=st.sampled_from([0.3, 3.0, 30.0]),
    bio=st.booleans(),
)
def test_viterbi_passes_over_no_tag_of_the_best_sequence(
    seed: int, words: int, spread: float, bio: bool
) -> None:
    """Against the recursion that follows every tag."""
    random = np.random.default_rng(seed)
    chain = random_chain(4, random)
    if not bio:
        chain = replace(
            chain, transitions=np.where(random.random((9, 9)) < 0.2, -np.inf, random.random((9, 9)))
        )
    emissions = random.normal(size=(words, 9)) * spread
    score, back = chain.start + emissions[0], []
    for each in emissions[1:]:
        through = score[:, None] + chain.transitions
        back.append(through.argmax(axis=0))
        score = through.max(axis=0) + each
    tags = [int((score + chain.end).argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    assert viterbi([emissions], chain)[0].tolist() == tags[::-1]
