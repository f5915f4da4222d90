"""How likely a model holds the answers that are given: the loss of held-out examples, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from spanwise.encoding import IGNORED
from spanwise.generator.rows import Row


class Loss(NamedTuple):
    """The negative log-likelihood of an answer: its sum in nats, over so many tokens."""

    total: float
    tokens: int

    @property
    def mean(self) -> float:
        """Of a token."""
        return self.total / self.tokens


@torch.no_grad()
def losses(model: nn.Module, rows: Sequence[Row]) -> list[Loss]:
    """What each answer costs, given its prompt.

    Row by row, without padding: a row costs the same whatever stands beside it.

    Args:
        model: A causal language model in evaluation mode, with or without adapters.
        rows: Each with at least one label.
    """
    device = next(model.parameters()).device
    return [_loss(model, row, device) for row in rows]


def _loss(model: nn.Module, row: Row, device: torch.device) -> Loss:
    labels = torch.tensor(row.labels[1:], device=device)
    places = torch.nonzero(labels != IGNORED).squeeze(-1)  # each token is foretold at the place before it
    tokens = torch.tensor([row.input_ids], device=device)
    # The head, the costliest product of a small model, is computed where it is asked for alone.
    logits = model(input_ids=tokens, use_cache=False, logits_to_keep=places).logits[0]
    total = functional.cross_entropy(logits.float(), labels[places], reduction="sum")
    return Loss(float(total), len(places))


def mean(values: Sequence[Loss]) -> float:
    """The loss of a token, over all of them alike."""
    return sum(loss.total for loss in values) / sum(loss.tokens for loss in values)
