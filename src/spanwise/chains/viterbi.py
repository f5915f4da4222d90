"""The best tags of a document."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spanwise.chains.chain import Chain, Floats, require_possible
from spanwise.chains.lockstep import Lockstep
from spanwise.encoding import Ints


def viterbi(documents: Sequence[Floats], chain: Chain) -> list[Ints]:
    """The most probable tag sequence of each document; of equals the one with the lowest tags, from the end.

    Viterbi (1967). A tag that lies further behind the best one than any move could make good is not followed,
    which leaves out most and no best sequence (as Esposito & Radicioni 2009, "CarpeDiem", JMLR 10).

    Args:
        documents: The emissions of each, `[words, tags]`.
        chain: What stands between them.

    Returns:
        The tag of each word, `[words]` for each document.

    Raises:
        UserError: If the chain forbids every sequence of a document.
    """
    lockstep = Lockstep.of(documents)
    scores = lockstep.pack(documents)
    scores[lockstep.firsts] += chain.start
    for before, now in lockstep.steps:
        scores[now] += chain.moves.best(scores[before])
    scores[lockstep.lasts] += chain.end
    require_possible(scores[lockstep.lasts].max(axis=1))
    tags = np.empty(len(scores), dtype=np.int64)
    tags[lockstep.lasts] = scores[lockstep.lasts].argmax(axis=1)
    into = np.ascontiguousarray(chain.transitions.T)
    for before, now in reversed(lockstep.steps):
        tags[before] = (scores[before] + into.take(tags[now], axis=0)).argmax(axis=1)
    return [tags[rows] for rows in lockstep.rows]
