"""Linear-chain conditional random fields: the best tags, and exact probabilities of tags and of spans.

Lafferty, McCallum & Pereira (2001), "Conditional random fields". A sequence of tags scores the sum of its
start, emission, transition and end scores; its probability is the softmax over all sequences. Everything is
computed in double precision (Rabiner 1989, "A tutorial on hidden Markov models", section III).
"""

from __future__ import annotations

from spanwise.chains.chain import Chain, bio_constraints
from spanwise.chains.sums import Lattice, forward_backward
from spanwise.chains.viterbi import viterbi

__all__ = ["Chain", "Lattice", "bio_constraints", "forward_backward", "viterbi"]
