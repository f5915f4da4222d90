"""A linear-chain conditional random field on a tagger's scores: its training; `chains` predicts with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spanwise.chains import Chain, bio_constraints
from spanwise.errors import UserError
from spanwise.heads.stored import bio_chain

NEVER = float("-inf")


class CRF(nn.Module):
    """Scores for each tag behind each other, at the start and at the end (Lafferty et al. 2001).

    A tag `I-X` behind anything but `B-X` or `I-X` is impossible in training and in `chain()`. At the start it
    is impossible in `chain()` alone, which is for documents: a window may begin inside of a span.

    Args:
        tags: How many there are, in the order O, B-1, I-1, B-2, I-2, ...
    """

    permitted: Tensor

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        permitted, _ = bio_constraints(tags // 2)
        self.register_buffer("permitted", torch.from_numpy(permitted), persistent=False)

    def forward(self, emissions: Tensor, tags: Tensor, mask: Tensor, allowed: Tensor | None = None) -> Tensor:
        """The negative log likelihood, summed over windows; a window without words adds nothing.

        Computed in double precision whatever the precision around it, and returned in float32 (float64 for
        emissions of float64).

        Args:
            emissions: `[windows, words, tags]`.
            tags: The gold tags, `[windows, words]`; of no account where `allowed` is given.
            mask: Which of the words are there, `[windows, words]`, bool; none behind one that is not.
            allowed: Where the gold standard is partial, the tags that each word may have,
                `[windows, words, tags]`, bool. The likelihood is then that of all sequences of allowed tags
                together (Tsuboi et al. 2008, "Training conditional random fields using incomplete
                annotations", COLING; Greenberg et al. 2018, "Marginal likelihood training of BiLSTM-CRF for
                biomedical named entity recognition from disjoint label sets", EMNLP).

        Raises:
            UserError: If the gold tags of a window are no valid BIO sequence, or its allowed tags give none.
        """
        precision = torch.promote_types(emissions.dtype, torch.float32)
        present = mask.any(dim=1)
        if not present.any():
            return emissions[mask].sum().to(precision)
        with torch.autocast(emissions.device.type, enabled=False):
            mask = mask[present]
            # Padding may hold anything, NaN included.
            emissions = emissions[present].double().masked_fill(~mask[..., None], 0.0)
            partition = self._log_partition(emissions, mask)
            if allowed is None:
                gold = self._score(emissions, tags[present], mask)
            else:
                ruled_out = ~allowed[present] & mask[..., None]
                gold = self._log_partition(emissions.masked_fill(ruled_out, NEVER), mask)
            _require_possible(gold, partition)
            return (partition - gold).sum().to(precision)

    def chain(self) -> Chain:
        """The scores for prediction on whole documents, in double precision."""
        scores = (self.transitions, self.start, self.end)
        return bio_chain(*(values.detach().double().cpu().numpy() for values in scores))

    def _permitted_transitions(self) -> Tensor:
        return self.transitions.double().masked_fill(~self.permitted, NEVER)

    def _score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """The score of one tag sequence of each window, `[windows]`."""
        tags = tags.masked_fill(~mask, 0)
        last = tags.gather(1, _last(mask)[:, None]).squeeze(1)
        at_words = emissions.gather(2, tags[..., None]).squeeze(2)  # zero at padding
        between = self._permitted_transitions()[tags[:, :-1], tags[:, 1:]].masked_fill(~mask[:, 1:], 0.0)
        ends = self.start.double()[tags[:, 0]] + self.end.double()[last]
        return ends + at_words.sum(dim=1) + between.sum(dim=1)

    def _log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Log of the sum over all tag sequences of each window, `[windows]`.

        The forward algorithm with a distribution that is normalised at each word (Rabiner 1989, section V.A)
        instead of sums in log space: a matrix product a word, exact zeros where a tag is impossible, and no
        gradient that is no number. In double precision it holds what is up to e^700 times less probable than
        the best, which scores that differ by less than 300 at a word and in transitions do not exceed.

        Args:
            emissions: `[windows, words, tags]`, finite at padding.
            mask: `[windows, words]`, with at least one word a window.
        """
        top = emissions.detach().amax(dim=2)
        moves = self._permitted_transitions().exp()
        prior = self.start.double().exp().expand(len(emissions), -1)
        beliefs, sums = [], []
        # Unbound, since the gradient of an index would fill all words at each.
        for likelihood in (emissions - top[..., None]).exp().unbind(dim=1):
            joint = prior * likelihood
            sums.append(joint.sum(dim=1, keepdim=True))
            beliefs.append(joint / sums[-1])
            prior = beliefs[-1] @ moves
        along = (torch.cat(sums, dim=1).log() + top).masked_fill(~mask, 0.0).sum(dim=1)
        final = torch.stack(beliefs, dim=1)[torch.arange(len(mask), device=mask.device), _last(mask)]
        return along + (final @ self.end.double().exp()).log()


def _last(mask: Tensor) -> Tensor:
    """The last word of each window, `[windows]`."""
    return mask.sum(dim=1) - 1


def _require_possible(gold: Tensor, partition: Tensor) -> None:
    """Tell gold tags that contradict BIO from a model whose scores are no numbers any more."""
    impossible = int((partition.isfinite() & ~gold.isfinite()).sum())
    if impossible:
        raise UserError(
            f"{impossible} windows of a batch have gold tags that no valid BIO sequence agrees with",
            hint="An I tag must stand behind a B or an I tag of its label.",
        )
