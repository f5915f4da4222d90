"""A training that diverges ends with an error, before its weights can be taken for a model."""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainingArguments
from transformers.trainer_callback import TrainerCallback, TrainerControl, TrainerState

from spanwise.errors import UserError


class StopOnDivergence(TrainerCallback):
    """Ends a training whose loss is no number any more.

    Args:
        setting: The learning rate's name in the settings.
    """

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - Trainer names the arguments
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Look at what Trainer has just logged.

        Raises:
            UserError: If a loss is not finite.
        """
        losses = [value for name, value in (logs or {}).items() if name in {"loss", "eval_loss"}]
        if not all(math.isfinite(loss) for loss in losses):
            raise UserError(
                f"training diverged in epoch {math.ceil(state.epoch or 0)}: its loss is no number any more",
                hint=f"Lower {self.setting}, or let it rise over more steps.",
            )
