"""What a training brings down: the losses of the heads, added up for one batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from accelerate.utils import convert_to_fp32  # type: ignore[import-untyped]
from torch import Tensor, nn

from spanwise.encoding import IGNORED
from spanwise.heads.compaction import compact
from spanwise.heads.network import Network, Output
from spanwise.learners.distillation import Distillation
from spanwise.learners.losses import LossRecipe, distillation, gold_loss, r_drop
from spanwise.schema import Labels

Batch = Mapping[str, Tensor]


def unannotated_tags(labels: Labels) -> Tensor:
    """Which tags each corpus leaves out, `[corpora, tags]`.

    The main corpus comes first, then the auxiliaries in their order, then text without any annotation.
    """
    annotated = [labels.own, *labels.auxiliaries.values(), ()]
    return torch.tensor(
        [[False, *(name not in known for name in labels.names for _ in "BI")] for known in annotated]
    )


@dataclass(frozen=True)
class Objective:
    """The loss of a network on a batch, summed over words.

    Attributes:
        recipe: What the softmax head's loss is bent by.
        weights: What each tag weighs, `[tags]`, or None.
        unannotated: See `unannotated_tags`.
        auxiliary_weight: What a word of any corpus but the main one weighs.
        distillation: How a teacher's word counts where a batch has one.
    """

    recipe: LossRecipe
    weights: Tensor | None
    unannotated: Tensor
    auxiliary_weight: float
    distillation: Distillation

    def __call__(self, network: Network, batch: Batch) -> tuple[Tensor, Output]:
        """The loss of `batch` and what the network said; of mixed precision only the network makes use.

        Args:
            network: Run once, or twice for R-Drop.
            batch: See `learners.windows.Collator`.
        """
        inputs = (batch["input_ids"], batch["attention_mask"])
        again: Output | None = None
        output: Output = convert_to_fp32(network(*inputs))
        if self.recipe.r_drop and network.training:
            torch.clear_autocast_cache()  # gradients of both passes would be added up in half precision
            again = convert_to_fp32(network(*inputs))
        with torch.autocast(output.logits.device.type, enabled=False):
            loss = self.of(network, output, batch)
            if again is not None:
                loss = (loss + self.of(network, again, batch)) / 2
                loss = loss + self.recipe.r_drop * r_drop(output.logits[0], again.logits[0], batch["labels"])
        return loss, output

    def of(self, network: Network, output: Output, batch: Batch) -> Tensor:
        """The loss of what the network said: the gold standard's, windows that count alike together, and the
        teacher's."""
        factors = self._factors(batch)
        loss = output.logits.new_zeros((), dtype=torch.float32)
        for factor in torch.unique(factors).tolist():
            rows = factors == factor
            part = (output, batch) if bool(rows.all()) else (_rows(output, rows), _select(batch, rows))
            loss = loss + factor * self._heads(network, *part)
        return loss + self._teachers(output, batch)

    def _factors(self, batch: Batch) -> Tensor:
        """What the gold standard of each window counts, `[windows]`."""
        factors = torch.where(batch["corpus"] == 0, 1.0, self.auxiliary_weight)
        return factors * (1 - self.distillation.weight * batch["taught"]) if "taught" in batch else factors

    def _heads(self, network: Network, output: Output, batch: Batch) -> Tensor:
        tagged = batch["labels"] != IGNORED
        missing = self._missing(batch["corpus"])
        if network.crf is not None:
            tags, mask = compact(batch["labels"], tagged)
            allowed = _allowed(tags, missing)
            losses = [
                network.crf(compact(logits, tagged)[0], tags, mask, allowed) for logits in output.logits
            ]
        else:
            losses = [self._tags(logits, batch, missing) for logits in output.logits]
        loss = torch.stack(losses).mean()
        if network.pointer is not None:
            assert output.hidden is not None
            hidden, mask = compact(output.hidden, tagged)
            loss = loss + network.pointer.loss(
                network.pointer.scores(hidden, mask),
                batch["spans"],
                mask,
                boundary_smoothing=self.recipe.boundary_smoothing,
                unannotated=None if missing is None else missing[:, 1::2],
            )
        return loss

    def _missing(self, corpus: Tensor) -> Tensor | None:
        """The tags that each window's corpus leaves out, `[windows, tags]`; None where none does."""
        missing = self.unannotated.to(corpus.device)[corpus]
        return missing if bool(missing.any()) else None

    def _tags(self, logits: Tensor, batch: Batch, missing: Tensor | None) -> Tensor:
        return gold_loss(
            logits,
            batch["labels"],
            recipe=self.recipe,
            weights=None if self.weights is None else self.weights.to(logits.device),
            unannotated=missing,
        )

    def _teachers(self, output: Output, batch: Batch) -> Tensor:
        """The distance to the teacher at the words that it tells of."""
        if "teacher" not in batch:
            return output.logits.new_zeros((), dtype=torch.float32)
        taught = (batch["labels"] != IGNORED) & batch["taught"][:, None]
        temperature = self.distillation.temperature
        distances = [distillation(each, batch["teacher"], taught, temperature) for each in output.logits]
        weighted: Tensor = torch.stack(distances).mean() * self.distillation.weight
        return weighted


class Supervised(nn.Module):
    """A network with its objective, as one module that maps a batch to its loss.

    `DistributedDataParallel` asks for that: what has gradients must be computed inside of what it wraps, and
    heads take part in the loss alone.
    """

    def __init__(self, network: Network, objective: Objective) -> None:
        super().__init__()
        self.network = network
        self.objective = objective

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, summed over words."""
        loss, _ = self.objective(self.network, batch)
        return loss


def _allowed(tags: Tensor, missing: Tensor | None) -> Tensor | None:
    """Which tags each word may have, `[windows, words, tags]`: its own, and where that is O, those that its
    corpus leaves out; None where every corpus annotates everything."""
    if missing is None:
        return None
    own = torch.nn.functional.one_hot(tags.clamp(min=0), missing.shape[1]).bool()
    return own | ((tags == 0)[..., None] & missing[:, None])


def _rows(output: Output, rows: Tensor) -> Output:
    return Output(output.logits[:, rows], None if output.hidden is None else output.hidden[rows])


def _select(batch: Batch, rows: Tensor) -> dict[str, Tensor]:
    """The windows of a batch that are in `rows`, with their spans renumbered."""
    number = rows.long().cumsum(0) - 1
    spans = batch["spans"][rows[batch["spans"][:, 0]]].clone()
    spans[:, 0] = number[spans[:, 0]]
    return {name: values[rows] for name, values in batch.items() if name != "spans"} | {"spans": spans}
