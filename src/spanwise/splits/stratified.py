"""Groups of documents to sides of given sizes, so that each side looks like the whole.

First each label is brought to every side that its groups suffice for, by a greedy set cover; then the rest
follows the iterative stratification of Sechidis, Tsoumakas and Vlahavas (2011, "On the stratification of
multi-label data"), on numbers of spans; then swaps bring in what the cover could not reach and the numbers of
spans nearer to the ideal, which matters where a document holds most labels at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spanwise.errors import UserError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

UNPLACED = -1
MISSING = 1e6  # a label missing on a side outweighs any distance between numbers of spans
TINY = 1e-9
PARTNERS = 200  # looked at for each group, so that the work does not grow with the square of the groups


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total`, at least as many as there are weights, divided in proportion to them by largest remainders.

    Each gets at least 1.
    """
    quotas = [total * weight / sum(weights) for weight in weights]
    shares = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(weights)), key=lambda side: shares[side] - quotas[side])
    for side in by_remainder[: total - sum(shares)]:
        shares[side] += 1
    for side, share in enumerate(shares):
        if share == 0:
            shares[shares.index(max(shares))] -= 1
            shares[side] = 1
    return shares


def stratify(documents: Ints, spans: Ints, weights: Sequence[int], *, rng: np.random.Generator) -> Ints:
    """The side of each group.

    Sizes are exact where every group is one document, and as near as whole groups allow otherwise; no side is
    left empty. Where counts allow, a label reaches every side, or the largest ones when it is found in fewer
    groups than there are sides.

    Args:
        documents: Number of documents in each group, shape (groups,).
        spans: Number of spans of each label in each group, shape (groups, labels).
        weights: The sizes of the sides, in proportion.
        rng: Decides between groups that serve equally well.

    Raises:
        UserError: If there are more sides than groups.
    """
    if len(documents) < len(weights):
        groups = "group" if len(documents) == 1 else "groups"
        raise UserError(
            f"{len(documents)} {groups} of documents cannot be divided into {len(weights)} sides",
            hint="Documents of one group, and those that share more text than split.twins.overlap, stay "
            "together. Raise it if they follow one template; else add documents.",
        )
    order = rng.permutation(len(documents))
    board = _Board(documents[order], spans[order], weights)
    _cover(board)
    _fill(board)
    _refine(board, rng)
    side = np.empty_like(board.side)
    side[order] = board.side
    return side


class _Board:
    """Groups being placed, and what each side has and should have."""

    def __init__(self, documents: Ints, spans: Ints, weights: Sequence[int]) -> None:
        self.documents = documents
        self.spans = spans
        self.has: Bools = spans > 0
        self.frequency: Ints = self.has.sum(axis=0)
        self.side: Ints = np.full(len(documents), UNPLACED)
        self.room: Ints = np.array(apportion(int(documents.sum()), weights))
        self.ideal: Floats = np.outer(self.room / self.room.sum(), spans.sum(axis=0))
        self.placed: Ints = np.zeros(self.ideal.shape, dtype=np.int64)
        self.by_size: Ints = np.argsort(-self.room, kind="stable")
        self.wanted: Bools = np.zeros(self.ideal.shape, dtype=bool)
        for rank, side in enumerate(self.by_size):
            self.wanted[side] = self.frequency > rank

    def place(self, group: int, side: int) -> None:
        self.side[group] = side
        self.room[side] -= self.documents[group]
        self.placed[side] += self.spans[group]

    def swap(self, one: int, other: int) -> None:
        """Let two groups of equal size change sides."""
        change = self.spans[other] - self.spans[one]
        self.placed[self.side[one]] += change
        self.placed[self.side[other]] -= change
        self.side[[one, other]] = self.side[[other, one]]

    def open_sides(self) -> Ints:
        """The sides that may take one more group: all, or the empty ones when groups run out."""
        held = np.bincount(self.side + 1, minlength=len(self.room) + 1)
        empty = np.flatnonzero(held[1:] == 0)
        return empty if held[0] <= len(empty) else np.arange(len(self.room))

    def fitting_sides(self, group: int) -> Ints:
        """The open sides that have room for the group, else the one with most."""
        sides = self.open_sides()
        room = self.room[sides]
        fitting = sides[room >= self.documents[group]]
        return fitting if len(fitting) else sides[np.argmax(room), None]

    def cost(self, side: Ints, change: Ints) -> Floats:
        """How far sides would be from the ideal: chi-squared of their spans, and labels missing.

        Args:
            side: Sides, shape (n,).
            change: Spans that each would gain, shape (n, labels).
        """
        ideal, placed = self.ideal[side], self.placed[side] + change
        distances: Floats = (placed - ideal) ** 2 / np.maximum(ideal, TINY)
        distances[self.wanted[side] & (placed == 0)] += MISSING
        return np.asarray(distances.sum(axis=1))


def _cover(board: _Board) -> None:
    """Bring labels to the sides where they are wanted, rare labels and small sides first.

    Of the groups with a label, a side takes the one with most of the labels that it lacks.
    """
    for label in np.argsort(board.frequency, kind="stable"):
        for side in board.by_size[::-1]:
            lacking = board.wanted[side] & (board.placed[side] == 0)
            free = np.flatnonzero((board.side == UNPLACED) & (board.documents <= board.room[side]))
            groups = free[board.has[free, label]]
            if lacking[label] and len(groups) and side in board.open_sides():
                gain = (board.has[groups] & lacking).sum(axis=1)
                board.place(int(groups[np.argmax(gain)]), int(side))


def _fill(board: _Board) -> None:
    """Place what is left by iterative stratification; groups of several documents first, for exact sizes."""
    for several in (True, False):
        while len(groups := np.flatnonzero((board.side == UNPLACED) & ((board.documents > 1) == several))):
            left = board.spans[groups].sum(axis=0)
            if not left.any():
                for group in groups:
                    sides = board.fitting_sides(int(group))
                    board.place(int(group), int(sides[np.argmax(board.room[sides])]))
                break
            label = int(np.argmin(np.where(left > 0, left, np.inf)))
            holders = groups[board.has[groups, label]]
            for group in holders[np.argsort(-board.spans[holders, label], kind="stable")]:
                sides = board.fitting_sides(int(group))
                # The greatest need, then the most room.
                need = board.ideal[sides, label] - board.placed[sides, label]
                best = np.lexsort((-board.room[sides], -need))[0]
                board.place(int(group), int(sides[best]))


def _refine(board: _Board, rng: np.random.Generator) -> None:
    """Swap groups while that brings the sides nearer to the ideal, for at least one group in a thousand."""
    groups = range(len(board.side))
    while sum(_swap(board, group, rng) for group in groups) > len(groups) // 1000:
        pass


def _swap(board: _Board, group: int, rng: np.random.Generator) -> bool:
    """Swap a group with the one of equal size on another side that it serves best; False if none does."""
    equal = board.documents == board.documents[group]
    partners = np.flatnonzero(equal & (board.side != board.side[group]))
    if len(partners) > PARTNERS:
        partners = rng.choice(partners, PARTNERS, replace=False)
    change = board.spans[partners] - board.spans[group]
    here, there = np.full(len(partners), board.side[group]), board.side[partners]
    gain = board.cost(here, 0 * change) - board.cost(here, change)
    gain += board.cost(there, 0 * change) - board.cost(there, -change)
    if gain.max(initial=0) <= TINY:
        return False
    board.swap(group, int(partners[np.argmax(gain)]))
    return True
