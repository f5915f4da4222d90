"""The network in torch: in float32, or with its matrix products in bfloat16."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModelForTokenClassification
from transformers.utils import logging

from spanwise import hardware
from spanwise.artifact import check_attention, read_manifest
from spanwise.encoding import Window
from spanwise.errors import UserError, first_line
from spanwise.heads.compaction import compact
from spanwise.heads.network import Network
from spanwise.runtime.attention import is_decoder
from spanwise.runtime.backends import Floats, Scored
from spanwise.runtime.batching import batches

RENEW = "`dvc repro` or `dvc pull` brings one."
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class TorchBackend:
    """Computes batches of windows of like length, on the GPU where the network is on one.

    What comes of a window depends on the shape of its batch, though by no more than rounding: with the
    22 M encoder on a CPU (oneDNN), logits differ by up to 2e-5 between a window alone and one in a batch of
    1,024 tokens, and are the same to the last bit for the same batch.

    Args:
        network: A token classification model with its heads; it is put into evaluation mode.
        batch_tokens: Tokens, padding counted, that go through the network at once.
        padding: The token that fills a batch up.
        bf16: Whether matrix products take bfloat16, by autocast: all else, the heads included, stays in
            float32. On a CPU that has AVX512-BF16 they take about half the time; on others they take longer.
    """

    def __init__(self, network: Network, *, batch_tokens: int, padding: int = 0, bf16: bool = False) -> None:
        self.network = network.eval()
        self.pointed = network.pointer is not None
        self.batch_tokens = batch_tokens
        self.padding = padding
        self.bf16 = bf16

    @classmethod
    def load(cls, folder: Path, name: str, *, batch_tokens: int, threads: int | None) -> TorchBackend:
        """The network stored in `folder`, in its own number format, on the GPU if there is one.

        Args:
            folder: The folder of a model.
            name: `torch` or `torch-bf16`.
            batch_tokens: See the class.
            threads: Of torch in this process; None leaves them.

        Raises:
            UserError: If the folder holds no whole model, or a decoder that would attend otherwise than it
                was trained to.
        """
        hardware.set_threads(threads)
        manifest = read_manifest(folder)
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model = AutoModelForTokenClassification.from_pretrained(
                folder, use_safetensors=True, dtype=DTYPES[manifest.dtype]
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            reason = f"the model cannot be loaded: {first_line(error)}"
            raise UserError(reason, path=folder, hint=RENEW) from error
        if is_decoder(model.config) and manifest.is_causal is None:
            raise UserError("holds a decoder, and no word of how it attends", path=folder, hint=RENEW)
        check_attention(getattr(model.config, "is_causal", None), manifest, folder)
        network = Network.with_heads(model, folder)
        network.to("cuda" if torch.cuda.is_available() else "cpu")
        padding = max(int(getattr(model.config, "pad_token_id", None) or 0), 0)  # some say -1 for none
        return cls(network, batch_tokens=batch_tokens, padding=padding, bf16=name == "torch-bf16")

    def __call__(self, windows: Sequence[Window]) -> list[Scored]:
        """What the network says of each window, in their order."""
        scored: dict[int, Scored] = {}
        for batch in batches([len(window.input_ids) for window in windows], self.batch_tokens):
            scored.update(zip(batch, self._forward([windows[index] for index in batch]), strict=True))
        return [scored[index] for index in range(len(windows))]

    def _forward(self, windows: Sequence[Window]) -> Iterator[Scored]:
        longest = max(len(window.input_ids) for window in windows)
        ids = np.full((len(windows), longest), self.padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.input_ids)] = window.input_ids
            mask[row, : len(window.input_ids)] = 1
        device = self.network.device
        inputs = torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=self.bf16):
            output = self.network.scores(*inputs)
            pointed = self._pointed(output.hidden, windows) if output.hidden is not None else None
        logits = output.logits[0].float().cpu().numpy()
        for row, window in enumerate(windows):
            words = len(window.words)
            yield Scored(logits[row], None if pointed is None else pointed[row, :, :words, :words])

    def _pointed(self, hidden: Tensor, windows: Sequence[Window]) -> Floats:
        """The span head's scores, `[windows, labels, words, words]`."""
        tagged = torch.zeros(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
        for row, window in enumerate(windows):
            tagged[row, torch.from_numpy(window.positions)] = True
        pointer = self.network.pointer
        assert pointer is not None
        scores: Floats = pointer.scores(*compact(hidden, tagged)).cpu().numpy()
        return scores
