"""The curves of a training, told as it goes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainingArguments
from transformers.trainer_callback import TrainerCallback, TrainerControl, TrainerState

NAMES = {
    "epoch": "epoch",
    "loss": "train_loss",
    "grad_norm": "gradient_norm",
    "learning_rate": "learning_rate",
    "eval_loss": "validation_loss",
}
"""What Trainer calls a figure, and what it is called here."""
SCORE = "eval_score"


class Curves(TrainerCallback):
    """Tells losses, scores and the learning rate, once an epoch.

    A training that resumes tells first what it came to before: its record starts anew. Of several processes
    the main one tells.

    Args:
        tell: Takes the updates of the weights so far, and the figures.
    """

    def __init__(self, tell: Callable[[int, Mapping[str, float]], None]) -> None:
        self.tell = tell

    def on_train_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002 - Trainer names the arguments
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Tell of the part before a kill."""
        if state.is_world_process_zero:
            for entry in state.log_history:
                self._tell(round(entry["step"]), entry)

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Tell of what Trainer logs."""
        if state.is_world_process_zero:
            self._tell(state.global_step, {"epoch": state.epoch, **(logs or {})})

    def _tell(self, step: int, logs: Mapping[str, Any]) -> None:
        named = {_name(key): value for key, value in logs.items() if key in NAMES or key.startswith(SCORE)}
        figures = {name: float(value) for name, value in named.items() if math.isfinite(value)}
        if figures.keys() - {"epoch"}:
            self.tell(step, figures)


def _name(key: str) -> str:
    return NAMES.get(key) or key.replace(SCORE, "validation_score", 1)
