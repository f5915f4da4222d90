"""The predictor: documents in, predictions out, whatever their length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spanwise.artifact import LABELS, WINDOWS, Windows, check_tokenizer
from spanwise.decoding import Decoder, Scores
from spanwise.encoding import Encoder, Encoding, Window
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.schema import Example, Labels, Prediction

if TYPE_CHECKING:
    from torch import Tensor

    from spanwise.heads.network import Network

CHUNK = 256  # documents held in memory at once
POINTED_CHUNK = 16  # of them where there is a span head, which gives some megabytes for each window
Floats = npt.NDArray[np.floating]

RENEW = "`dvc repro` or `dvc pull` brings one."


@dataclass(frozen=True)
class Predictor:
    """Predicts with a torch network in batches of windows of like length.

    Attributes:
        network: A token classification model with its heads; it is put into evaluation mode.
        encoder: Turns texts into its windows.
        labels: Its tags, and the tier of each label.
        batch_tokens: Tokens, padding counted, that go through the network at once.
    """

    network: Network
    encoder: Encoder
    labels: Labels
    batch_tokens: int
    decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self.network.eval()
        crf = self.network.crf
        decoder = Decoder(self.labels, chain=None if crf is None else crf.chain(), nested=self.network.nested)
        object.__setattr__(self, "decoder", decoder)

    @classmethod
    def load(cls, folder: Path, *, batch_tokens: int) -> Predictor:
        """The predictor for the model stored in `folder`, on the GPU where there is one.

        Raises:
            UserError: If the folder holds no whole model.
        """
        if not (folder / LABELS).is_file():
            raise UserError("holds no model", path=folder, hint=RENEW)
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForTokenClassification, AutoTokenizer

        from spanwise.heads.network import Network

        labels = read_record(folder / LABELS, Labels)
        windows = read_record(folder / WINDOWS, Windows)
        try:
            model = AutoModelForTokenClassification.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32
            )
            tokenizer = AutoTokenizer.from_pretrained(folder)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            reason = f"the model cannot be loaded: {str(error).splitlines()[0]}"
            raise UserError(reason, path=folder, hint=RENEW) from error
        check_tokenizer(tokenizer, model, folder)
        if model.config.id2label != dict(enumerate(labels.id2tag)):
            raise UserError("its tags are not those of the model", path=folder / LABELS, hint=RENEW)
        network = Network.with_heads(model, folder)
        network.to("cuda" if torch.cuda.is_available() else "cpu")
        return cls(network, Encoder(tokenizer, windows.max_length, windows.stride), labels, batch_tokens)

    def __call__(
        self, examples: Iterable[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        """A prediction for each example, in their order.

        Args:
            examples: The documents.
            annotated: The labels that may be predicted; by default those of the main corpus.
        """
        for example, encoding, scores in self.scores(examples):
            yield self.decoder(example, encoding, scores, annotated=annotated)

    def scores(self, examples: Iterable[Example]) -> Iterator[tuple[Example, Encoding, Scores]]:
        """What the network says of each example, in their order."""
        stream = iter(examples)
        size = CHUNK if self.network.pointer is None else POINTED_CHUNK
        while chunk := list(islice(stream, size)):
            encodings = [self.encoder(example.text) for example in chunk]
            found = iter(self._scored([window for encoding in encodings for window in encoding.windows]))
            for example, encoding in zip(chunk, encodings, strict=True):
                windows = [next(found) for _ in encoding.windows]
                pointed = [spans for _, spans in windows if spans is not None]
                yield example, encoding, Scores([logits for logits, _ in windows], pointed)

    def _scored(self, windows: Sequence[Window]) -> list[tuple[Floats, Floats | None]]:
        """For each window the logits and the span head's scores, in their order."""
        scored: dict[int, tuple[Floats, Floats | None]] = {}
        for batch in batches([len(window.input_ids) for window in windows], self.batch_tokens):
            scored.update(zip(batch, self._forward([windows[index] for index in batch]), strict=True))
        return [scored[index] for index in range(len(windows))]

    def _forward(self, windows: Sequence[Window]) -> Iterator[tuple[Floats, Floats | None]]:
        """Logits `[tokens, tags]` and, from a span head, scores `[labels, words, words]`."""
        import torch

        longest = max(len(window.input_ids) for window in windows)
        ids = np.full((len(windows), longest), self.encoder.padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.input_ids)] = window.input_ids
            mask[row, : len(window.input_ids)] = 1
        device = self.network.device
        with torch.inference_mode():
            output = self.network.scores(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
            pointed = self._pointed(output.hidden, windows) if output.hidden is not None else None
        logits = output.logits[0].float().cpu().numpy()
        for row, window in enumerate(windows):
            words = len(window.words)
            yield logits[row], None if pointed is None else pointed[row, :, :words, :words]

    def _pointed(self, hidden: Tensor, windows: Sequence[Window]) -> Floats:
        """The span head's scores, `[windows, labels, words, words]`."""
        import torch

        from spanwise.heads.compaction import compact

        tagged = torch.zeros(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
        for row, window in enumerate(windows):
            tagged[row, torch.from_numpy(window.positions)] = True
        pointer = self.network.pointer
        assert pointer is not None
        scores: Floats = pointer.scores(*compact(hidden, tagged)).cpu().numpy()
        return scores


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of windows in batches of like length, longest first.

    Args:
        lengths: Tokens of each window.
        budget: Tokens of a batch, padding counted; a window longer than that goes alone.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: (-lengths[index], index)):
        if batch and (len(batch) + 1) * lengths[batch[0]] > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
