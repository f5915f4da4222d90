"""What a training is measured by: the loss and the predictions of its validation documents, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from spanwise.encoding import IGNORED, Window
from spanwise.heads.compaction import compact
from spanwise.heads.network import Network
from spanwise.learners import processes
from spanwise.learners.objective import Objective
from spanwise.learners.tagger import Tagger
from spanwise.learners.windows import Collator, Row, TaggedWindows
from spanwise.runtime.backends import Scored
from spanwise.runtime.batching import batches
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Prediction


def validate(
    tagger: Tagger, windows: TaggedWindows, measure: Objective, *, batch_tokens: int
) -> tuple[float, list[Prediction]]:
    """The loss per tagged word and the predictions, both in the precision of the weights.

    Processes that share a training share the documents too, and each gets the result of all.

    Args:
        tagger: It is put into evaluation mode.
        windows: Of all the documents.
        measure: The loss.
        batch_tokens: Tokens, padding counted, that go through the network at once.
    """
    collate = Collator(tagger.encoder.padding, len(tagger.labels.id2tag))
    own = windows.share(processes.rank(), processes.count())
    backend = MeasuredBackend(tagger.network, measure, collate, own.rows, batch_tokens)
    predictor = Predictor(backend, tagger.encoder, tagger.predictor(batch_tokens).decoder)
    predictions = processes.gathered(list(predictor(own.examples)))
    return processes.total(backend.total) / max(processes.total(backend.words), 1), predictions


class MeasuredBackend:
    """Computes windows for a predictor, and adds up their loss.

    Args:
        network: In evaluation mode.
        measure: The loss.
        collate: Makes a batch of rows.
        rows: Those of all windows, in the order in which they will come.
        batch_tokens: Tokens, padding counted, that go through the network at once.
    """

    def __init__(
        self,
        network: Network,
        measure: Objective,
        collate: Collator,
        rows: Sequence[Row],
        batch_tokens: int,
    ) -> None:
        self.network = network
        self.pointed = network.pointer is not None
        self.total = 0.0
        self.words = 0
        self._measure = measure
        self._collate = collate
        self._rows = iter(rows)
        self._batch_tokens = batch_tokens

    def __call__(self, windows: Sequence[Window]) -> list[Scored]:
        """What the network says of the next windows, in their order."""
        rows = [next(self._rows) for _ in windows]
        scored: dict[int, Scored] = {}
        for batch in batches([len(row["input_ids"]) for row in rows], self._batch_tokens):
            scored.update(zip(batch, self._forward([rows[index] for index in batch]), strict=True))
        return [scored[index] for index in range(len(rows))]

    def _forward(self, rows: Sequence[Row]) -> Iterator[Scored]:
        batch = {name: values.to(self.network.device) for name, values in self._collate(rows).items()}
        tagged = batch["labels"] != IGNORED
        with torch.inference_mode():
            output = self.network.scores(batch["input_ids"], batch["attention_mask"])
            self.total += float(self._measure.of(self.network, output, batch))
            pointed = None
            if self.network.pointer is not None:
                assert output.hidden is not None
                pointed = self.network.pointer.scores(*compact(output.hidden, tagged)).cpu().numpy()
        counts = tagged.sum(dim=1).tolist()
        self.words += sum(counts)
        logits = output.logits[0].float().cpu().numpy()
        for row, words in enumerate(counts):
            yield Scored(logits[row], None if pointed is None else pointed[row, :, :words, :words])
