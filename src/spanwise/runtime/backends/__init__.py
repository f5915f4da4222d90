"""What computes the network's output: torch, or ONNX Runtime without it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from spanwise.artifact import ONNX
from spanwise.encoding import Window
from spanwise.errors import UserError

Floats = npt.NDArray[np.floating]

TORCH = ("torch", "torch-bf16")
BACKENDS = (*TORCH, *ONNX)


class Scored(NamedTuple):
    """What the network says of one window.

    `logits` are `[tokens, tags]`, and may go on behind the window's tokens (padding); `pointed` are a span
    head's scores `[labels, words, words]` by first and last word, None where there is no span head.
    """

    logits: Floats
    pointed: Floats | None


class Backend(Protocol):
    """A network that can compute."""

    pointed: bool
    """Whether it has a span head."""

    def __call__(self, windows: Sequence[Window]) -> list[Scored]:
        """What the network says of each window, in their order."""


def load_backend(folder: Path, name: str, *, batch_tokens: int, threads: int | None) -> Backend:
    """The network stored in `folder`, ready to compute.

    Args:
        folder: The folder of a model.
        name: One of `BACKENDS`.
        batch_tokens: See `pytorch.TorchBackend`; ONNX Runtime takes one window at a time.
        threads: To compute on; None is one per core, or as many as $OMP_NUM_THREADS says.

    Raises:
        UserError: If there is no such backend, or the folder holds nothing whole for it.
    """
    if name in ONNX:
        from spanwise.runtime.backends.ort import OnnxBackend

        return OnnxBackend.load(folder, name, threads=threads)
    if name in TORCH:
        from spanwise.runtime.backends.pytorch import TorchBackend

        return TorchBackend.load(folder, name, batch_tokens=batch_tokens, threads=threads)
    raise UserError(f"{name} is no backend", hint=f"There are {', '.join(BACKENDS)}.")
