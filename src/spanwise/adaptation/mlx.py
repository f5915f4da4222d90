"""Adapters trained by MLX, on Apple's hardware, and on CPUs under Linux too."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from spanwise.adaptation.conversion import write_peft
from spanwise.adaptation.course import About, Lora, Step
from spanwise.adaptation.masking import Masked, padded
from spanwise.errors import UserError, first_line


class MlxBackend:
    """LoRA beside the layers of a model that mlx-lm loads.

    Args:
        model: A folder with weights and configuration as Transformers writes them.
        lora: The adapters.
        pad: A token that fills rows; any will do, as it has no weight.

    Raises:
        UserError: If mlx-lm is not installed, cannot load the model, or no layer has the name of a target.
    """

    def __init__(self, model: Path, lora: Lora, *, pad: int = 0) -> None:
        try:
            import mlx.core as mx
            from mlx import nn, optimizers
            from mlx_lm.utils import load_model
        except ImportError:
            raise UserError("the backend mlx takes mlx-lm", hint="pip install 'spanwise[mlx]'") from None
        self._mx, self._nn, self._pad = mx, nn, pad
        self._source, self._lora = model, lora
        try:
            self.model, _ = load_model(model)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"mlx-lm cannot load it: {first_line(error)}", path=model) from error
        mx.random.seed(lora.seed)
        self._adapt()
        self._optimiser = optimizers.Adam(learning_rate=lora.learning_rate)
        self._gradients = nn.value_and_grad(self.model, self._loss)

    @property
    def about(self) -> About:
        """Who computes."""
        return About(
            "mlx", version("mlx-lm"), str(self._mx.default_device().type).rpartition(".")[2], stub=False
        )

    def step(self, batch: Sequence[Masked]) -> Step:
        """Learn from one batch."""
        tokens, weights = padded(batch, self._pad)
        self.model.train()
        loss, gradients = self._gradients(self._mx.array(tokens), self._mx.array(weights))
        self._optimiser.update(self.model, gradients)
        self._mx.eval(self.model.parameters(), self._optimiser.state)
        return Step(float(loss), int(weights[:, 1:].sum()))

    def loss(self, batch: Sequence[Masked]) -> Step:
        """What a batch costs, without learning from it."""
        tokens, weights = padded(batch, self._pad)
        self.model.eval()
        loss = self._loss(self._mx.array(tokens), self._mx.array(weights))
        return Step(float(loss), int(weights[:, 1:].sum()))

    def weights(self) -> dict[str, Any]:
        """The adapters by MLX's names."""
        from mlx.utils import tree_flatten

        return {name: np.array(tensor) for name, tensor in tree_flatten(self.model.trainable_parameters())}

    def save(self, folder: Path) -> None:
        """Write the adapters as PEFT has them."""
        write_peft(
            folder, self.weights(), rank=self._lora.rank, scale=self._lora.scale, source=str(self._source)
        )

    def _adapt(self) -> None:
        from mlx_lm.tuner.utils import linear_to_lora_layers

        wanted = set(self._lora.targets)
        layers = self.model.layers
        keys = {name for name, _ in layers[0].named_modules() if name.rpartition(".")[2] in wanted}
        if missing := wanted - {key.rpartition(".")[2] for key in keys}:
            raise UserError(f"no layer of the model is called {min(missing)}", path=self._source)
        self.model.freeze()
        settings = {"rank": self._lora.rank, "scale": self._lora.scale, "dropout": 0.0, "keys": keys}
        linear_to_lora_layers(self.model, len(layers), settings)

    def _loss(self, tokens: Any, weights: Any) -> Any:
        """The mean cost of the weighted tokens, each foretold by those before it."""
        logits = self.model(tokens[:, :-1]).astype(self._mx.float32)
        costs = self._nn.losses.cross_entropy(logits, tokens[:, 1:])
        return (costs * weights[:, 1:]).sum() / weights[:, 1:].sum()
