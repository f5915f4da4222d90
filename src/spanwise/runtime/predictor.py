"""The predictor: documents in, predictions out, whatever their length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spanwise.artifact import LABELS, WINDOWS, Windows, check_tokenizer
from spanwise.decoding import decode
from spanwise.encoding import Encoder, Window
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.schema import Example, Labels, Prediction

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CHUNK = 256  # documents held in memory at once
RENEW = "`dvc repro` or `dvc pull` brings one."

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Predictor:
    """Predicts with a torch model in batches of windows of like length.

    Attributes:
        model: A token classification model; it is put into evaluation mode.
        encoder: Turns texts into its windows.
        labels: Its tags, and the tier of each label.
        batch_tokens: Tokens, padding counted, that go through the model at once.
    """

    model: PreTrainedModel
    encoder: Encoder
    labels: Labels
    batch_tokens: int

    def __post_init__(self) -> None:
        self.model.eval()  # type: ignore[no-untyped-call]

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
        encoder = Encoder(tokenizer, windows.max_length, windows.stride)
        return cls(model.to("cuda" if torch.cuda.is_available() else "cpu"), encoder, labels, batch_tokens)

    def __call__(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """A prediction for each example, in their order."""
        stream = iter(examples)
        while chunk := list(islice(stream, CHUNK)):
            encodings = [self.encoder(example.text) for example in chunk]
            logits = iter(self._logits([window for encoding in encodings for window in encoding.windows]))
            for example, encoding in zip(chunk, encodings, strict=True):
                yield decode(example, encoding, [next(logits) for _ in encoding.windows], self.labels)

    def _logits(self, windows: Sequence[Window]) -> list[Logits]:
        """For each window `[tokens, tags]`, in their order."""
        logits: dict[int, Logits] = {}
        for batch in batches([len(window.input_ids) for window in windows], self.batch_tokens):
            logits.update(zip(batch, self._forward([windows[index] for index in batch]), strict=True))
        return [logits[index] for index in range(len(windows))]

    def _forward(self, windows: Sequence[Window]) -> Logits:
        """The model's output for one batch, `[windows, longest, tags]`."""
        import torch

        longest = max(len(window.input_ids) for window in windows)
        ids = np.full((len(windows), longest), self.encoder.padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.input_ids)] = window.input_ids
            mask[row, : len(window.input_ids)] = 1
        device = self.model.device
        with torch.inference_mode():
            output = self.model(
                input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device)
            )
        scores: Logits = output.logits.float().cpu().numpy()
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
