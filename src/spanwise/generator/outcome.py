"""What a training came to, in figures and curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transformers.trainer_callback import TrainerState


@dataclass(frozen=True)
class Curve:
    """What one epoch came to, in nats a token of the answers."""

    epoch: int
    train_loss: float
    validation_loss: float


@dataclass(frozen=True)
class Fitted:
    """What a training came to.

    Attributes:
        figures: For `metrics/train.json`.
        curve: One entry an epoch.
        tokens: Of prompts and answers, in one epoch.
        seconds: Of the training itself.
    """

    figures: dict[str, Any]
    curve: list[Curve]
    tokens: int
    seconds: float

    def plots(self) -> dict[str, list[tuple[int, float, str]]]:
        """The tables of `plots/train`, in rows of epoch, value, series."""
        return {
            "loss": [
                row
                for point in self.curve
                for row in (
                    (point.epoch, point.train_loss, "train"),
                    (point.epoch, point.validation_loss, "validation"),
                )
            ]
        }


def curve(state: TrainerState | None) -> list[Curve]:
    """What each epoch of a training came to; none without a training."""
    history = [] if state is None else state.log_history
    train = {round(entry["epoch"]): entry["loss"] for entry in history if "loss" in entry}
    return [
        Curve(round(entry["epoch"]), train[round(entry["epoch"])], entry["eval_loss"])
        for entry in history
        if "eval_loss" in entry
    ]
