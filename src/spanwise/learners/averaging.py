"""Averages of the weights along a training: evaluated and kept in place of the last ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic.dataclasses import dataclass
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn
from transformers.trainer_callback import TrainerCallback, TrainerState

from spanwise.errors import UserError

AVERAGE = "average.safetensors"
UPDATES = "updates"

Update = Callable[[Any, Any, Any], None]


@dataclass(frozen=True)
class Averaging:
    """Which weights of a training are averaged.

    Attributes:
        scheme: `ema`, an exponential moving average over the steps (Tarvainen & Valpola 2017, arXiv
            1703.01780); `swa`, the equal average over the ends of epochs (Izmailov et al. 2018, arXiv
            1803.05407), at the schedule's own learning rate; `none`.
        decay: Of `ema`: the weight of the old average at each step. Over the first 1 / (1 - decay) steps the
            average is an equal one, as in the authors' code: the weights that it begins with would outweigh
            all others, and short trainings never get further.
        start: The share of the training after which averaging begins; until then nothing is different.
    """

    scheme: Literal["none", "ema", "swa"]
    decay: float
    start: float


class WeightAveraging(TrainerCallback):
    """Averages the trainable parameters during a training.

    Frozen parameters and buffers are the same in the average as in the model. The trainer must call `save`
    wherever it writes the weights of a checkpoint (not in `on_save`: that comes after `trainer_state.json`,
    which tells a complete checkpoint from one cut off by a kill), and evaluate under `applied`.

    Args:
        recipe: What is averaged.
        resumed: The checkpoint from which the training resumes, if it does.
    """

    def __init__(self, recipe: Averaging, resumed: Path | None = None) -> None:
        self.recipe = recipe
        self.resumed = resumed
        self._names: list[str] = []
        self._weights = nn.ParameterList()
        self._average: AveragedModel | None = None

    @property
    def updates(self) -> int:
        """How many states of the weights have gone into the average."""
        return int(self._average.n_averaged) if self._average else 0

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Begin without an average, or with that of the checkpoint.

        Raises:
            UserError: If the checkpoint holds none.
        """
        if self.recipe.scheme == "none":
            return
        model: nn.Module = kwargs["model"]
        trainable = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._names = list(trainable)
        self._weights = nn.ParameterList(trainable.values())
        self._average = AveragedModel(self._weights, multi_avg_fn=_update(self.recipe))
        if self.resumed:
            self._restore(self.resumed, self._average)

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Take the weights after an update into an exponential average."""
        if self.recipe.scheme == "ema":
            self._take(state)

    def on_epoch_end(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Take the weights of an epoch into an equal average."""
        if self.recipe.scheme == "swa":
            self._take(state)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the averaged weights inside, once there are some, and its own again afterwards."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def save(self, checkpoint: Path) -> None:
        """Write the average beside the weights of a checkpoint; without weights while there is none."""
        if self._average is None:
            return
        averaged = zip(self._names, self._average.module.parameters(), strict=True)
        tensors = {name: weight.detach() for name, weight in averaged} if self.updates else {}
        save_file(tensors, checkpoint / AVERAGE, metadata={UPDATES: str(self.updates)})

    def _take(self, state: TrainerState) -> None:
        if self._average and state.global_step / state.max_steps >= self.recipe.start:
            self._average.update_parameters(self._weights)

    def _swap(self) -> None:
        if self._average and self.updates:
            for own, averaged in zip(self._weights, self._average.module.parameters(), strict=True):
                own.data, averaged.data = averaged.data, own.data

    def _restore(self, checkpoint: Path, average: AveragedModel) -> None:
        path = checkpoint / AVERAGE
        if not path.is_file():
            raise UserError(
                "the checkpoint holds no averaged weights, so that its training cannot go on as it began",
                path=path,
                hint="Delete the folder of checkpoints: the training starts anew.",
            )
        with safe_open(path, framework="pt") as file:
            average.n_averaged.fill_(int(file.metadata()[UPDATES]))
        if tensors := load_file(path):
            for name, weight in zip(self._names, average.module.parameters(), strict=True):
                weight.data.copy_(tensors[name])


def load_average(model: nn.Module, checkpoint: Path) -> bool:
    """Give `model` the averaged weights of a checkpoint, and say whether it has any.

    Args:
        model: As it was trained, with the checkpoint's own weights in it.
        checkpoint: Its folder.
    """
    path = checkpoint / AVERAGE
    tensors = load_file(path) if path.is_file() else {}
    parameters = dict(model.named_parameters())
    for name, tensor in tensors.items():
        parameters[name].data.copy_(tensor)
    return bool(tensors)


def _update(recipe: Averaging) -> Update:
    """How another state of the weights goes into the average of some."""
    equal: Update = get_swa_multi_avg_fn()  # type: ignore[no-untyped-call]
    exponential: Update = get_ema_multi_avg_fn(recipe.decay)  # type: ignore[no-untyped-call]

    def update(averaged: list[torch.Tensor], current: list[torch.Tensor], number: torch.Tensor) -> None:
        grown = recipe.scheme == "ema" and (int(number) + 1) * (1 - recipe.decay) >= 1
        (exponential if grown else equal)(averaged, current, number)

    return update
