"""The network in ONNX Runtime, in float32 or int8; neither torch nor Transformers is imported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spanwise import hardware
from spanwise.artifact import ONNX
from spanwise.encoding import Window
from spanwise.errors import UserError, first_line
from spanwise.runtime.backends import Scored

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

POSITIONS, POINTED = "positions", "pointed"
ERRORS_ALONE = 3  # of ONNX Runtime's levels: it warns of constants that it folds


class OnnxBackend:
    """Computes one window at a time, on the CPU.

    So what comes of a window depends on nothing else; int8 scales a whole tensor by its extremes, and would
    otherwise take those of its neighbours. It costs next to nothing: with the 22 M encoder on one core, eight
    windows of equal length at once are no faster at 128 tokens or more; at 32 they would be by a quarter.

    Args:
        session: A graph that `runtime.export` wrote.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self.pointed = any(output.name == POINTED for output in session.get_outputs())

    @classmethod
    def load(cls, folder: Path, name: str, *, threads: int | None) -> OnnxBackend:
        """The graph in `folder` that `name` is for.

        Args:
            folder: The folder of a model.
            name: `onnx` or `onnx-int8`.
            threads: See `load_session`.

        Raises:
            UserError: If the folder holds no such graph, or not a whole one, or ONNX Runtime is missing.
        """
        file = folder / ONNX[name]
        if not file.is_file():
            raise UserError(
                f"holds no graph for the backend {name}",
                path=file,
                hint="`dvc repro train` exports one; where it could not, `export` in metrics/train.json "
                "says why, and the backend torch does without.",
            )
        return cls(load_session(file, threads=threads))

    def __call__(self, windows: Sequence[Window]) -> list[Scored]:
        """What the network says of each window, in their order."""
        return [self._score(window) for window in windows]

    def _score(self, window: Window) -> Scored:
        inputs = {"input_ids": window.input_ids[None]}
        if not self.pointed:
            (logits,) = self._session.run(["logits"], inputs)
            return Scored(logits[0], None)
        words = len(window.words)
        # None begins in a window inside of a long word: the graph wants one all the same.
        inputs[POSITIONS] = window.positions[None] if words else np.zeros((1, 1), dtype=np.int64)
        logits, pointed = self._session.run(["logits", POINTED], inputs)
        return Scored(logits[0], pointed[0, :, :words, :words])


def load_session(file: Path, *, threads: int | None) -> InferenceSession:
    """The graph in `file`, ready to run on the CPU.

    Args:
        file: An ONNX graph.
        threads: To compute one window on; None is as `hardware.thread_count` counts. They sleep while they
            wait: spinning ones take the cores from whoever else is at work.

    Raises:
        UserError: If ONNX Runtime is not installed or does not take the file.
    """
    try:
        from onnxruntime import InferenceSession, SessionOptions
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError:
        raise UserError(
            "the backend onnx takes ONNX Runtime, which is not installed",
            hint="pip install 'spanwise[serve]'",
        ) from None
    options = SessionOptions()
    options.intra_op_num_threads = hardware.thread_count(threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ALONE
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf) as error:
        reason = f"ONNX Runtime does not take this graph: {first_line(error)}"
        raise UserError(reason, path=file, hint="`dvc repro` or `dvc pull` brings a whole one.") from error
