"""The network: a token classification model with the heads that stand on it, and how both are stored."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel

from spanwise.artifact import HEAD
from spanwise.errors import UserError
from spanwise.heads.crf import CRF
from spanwise.heads.pointer import GlobalPointer
from spanwise.heads.sampling import sampled_logits
from spanwise.heads.stored import FACTS, KINDS, Kind, read_facts, unreadable

if TYPE_CHECKING:
    from peft import PeftModel

__all__ = ["KINDS", "Kind", "Network", "Output"]


class Output(NamedTuple):
    """What the network says of a batch.

    `logits` are `[samples, windows, tokens, tags]`, one sample unless multi-sample dropout draws more;
    `hidden` are the encoder's last states `[windows, tokens, size]`, None where no head asks for them.
    """

    logits: Tensor
    hidden: Tensor | None


class Network(nn.Module):
    """A token classification model, and behind it a chain of tags, a span head, both or neither.

    Args:
        model: The token classification model; it gives each token a score for each tag.
        kind: What turns its output into spans.
        nested: Whether spans may overlap; only a span head can find such.
        samples: Dropout masks that the classifier is trained under at once.
    """

    def __init__(self, model: PreTrainedModel, kind: Kind, *, nested: bool = False, samples: int = 1) -> None:
        super().__init__()
        tags = len(model.config.id2label or {})
        self.kind = kind
        self.nested = nested
        self.samples = samples
        self.model: PreTrainedModel | PeftModel = model
        _forbid_shared(model)
        self.crf = CRF(tags) if kind in ("crf", "combined") else None
        self.pointer = (
            GlobalPointer(int(model.config.hidden_size), tags // 2)
            if kind in ("pointer", "combined")
            else None
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """The scores of a batch; Trainer may run this in mixed precision."""
        return self.scores(input_ids, attention_mask)

    def scores(self, input_ids: Tensor, attention_mask: Tensor | None) -> Output:
        """The scores of a batch, in the precision of the weights; without a mask, of a batch unpadded."""
        sampled = self.training and self.samples > 1
        with self._precision():
            found = self.model(
                input_ids=input_ids,
                attention_mask=attention_mask,
                output_hidden_states=sampled or self.pointer is not None,
            )
        hidden, logits = found.hidden_states[-1] if found.hidden_states else None, found.logits
        if self._half:  # what goes on from here is in float32
            hidden, logits = None if hidden is None else hidden.float(), logits.float()
        if sampled:
            assert hidden is not None
            return Output(sampled_logits(self.model, hidden, self.samples), hidden)
        return Output(logits[None], hidden)

    @property
    def _half(self) -> bool:
        """Whether the weights are in bfloat16; adapters and the head beside them are in float32."""
        return self.model.dtype == torch.bfloat16

    def _precision(self) -> AbstractContextManager[Any]:
        """Products in bfloat16 where the weights are, whatever Trainer runs this in."""
        return torch.autocast(self.device.type, torch.bfloat16) if self._half else nullcontext()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.model.device

    def save_heads(self, folder: Path) -> None:
        """Store what stands on the token classification model, beside it."""
        heads = {
            name: tensor.contiguous()
            for name, tensor in self.state_dict().items()
            if not name.startswith("model.")
        }
        # One entry: safetensors writes several in an order that differs from run to run.
        facts = json.dumps({"kind": self.kind, "nested": self.nested})
        save_file(heads, folder / HEAD, metadata={FACTS: facts})

    @classmethod
    def with_heads(cls, model: PreTrainedModel, folder: Path) -> Network:
        """The network whose heads are stored in `folder`.

        Raises:
            UserError: If they are missing, damaged, or not heads for this model.
        """
        facts = read_facts(folder)
        network = cls(model, facts.kind, nested=facts.nested)
        try:
            missing, unknown = network.load_state_dict(load_file(folder / HEAD), strict=False)
            if unknown or any(not name.startswith("model.") for name in missing):
                raise RuntimeError("its weights are not those of its kind")
        except (OSError, RuntimeError, SafetensorError) as error:
            raise unreadable(folder, error) from error
        return network


def _forbid_shared(model: PreTrainedModel) -> None:
    """Checkpoints are plain safetensors, which hold no tensor under two names.

    Raises:
        UserError: If weights of the model are tied, as the embeddings of T5 are.
    """
    places = [tensor.data_ptr() for tensor in model.state_dict().values() if tensor.numel()]
    if len(set(places)) < len(places):
        raise UserError(
            f"{type(model).__name__} ties some of its weights: such models cannot be trained here",
            hint="Take an encoder without tied weights, such as those in conf/model.",
        )
