"""One training step of a model that is not there: what it would hold at once, and what it would compute."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForTokenClassification, PreTrainedModel

from spanwise.learners.adapters import Adapter, adapted
from spanwise.learners.holding import HEADS, Holding
from spanwise.runtime.attention import attention_settings
from spanwise.runtime.backends.pytorch import DTYPES

_NEVER_QUANTISED = {*HEADS, "lm_head", "lora_A", "lora_B"}


class Traced(NamedTuple):
    """What one step was seen to take: bytes, and operations (a product and a sum are two).

    `linear` are the parameters of the linear layers of the encoder, which quantisation reaches, and `matrix`
    those of the largest of them; `beyond` are the most bytes that were held at once beside the weights.
    """

    parameters: int
    trainable: int
    linear: int
    matrix: int
    weights: int
    beyond: int
    flops: int


def trace(
    architecture: Mapping[str, Any],
    *,
    holding: Holding,
    adapter: Adapter | None,
    windows: int,
    tokens: int,
    tags: int | None,
    mixed: bool,
    bidirectional: bool = True,
    accumulated: bool = False,
) -> Traced:
    """Run one step on tensors without contents (PyTorch's fake tensors): no memory, no weights, no GPU.

    Args:
        architecture: The keys of a model's configuration.
        holding: How it is held; quantised layers are traced as plain ones of the same number format.
        adapter: What is trained; None trains all of it.
        windows: In a batch.
        tokens: Of each window.
        tags: Outputs for a token; None for a language model, which has one for each token that it knows.
        mixed: Whether matrix products are in 16 bits.
        bidirectional: Whether a token sees those behind it.
        accumulated: Whether gradients of an earlier batch are there already.
    """
    model = _abstract(architecture, holding, adapter, tags, bidirectional)
    counts = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    linear = [
        module.weight.numel()
        for name, module in model.named_modules()
        if type(module) is nn.Linear and not _NEVER_QUANTISED & set(name.split("."))
    ]
    with FakeTensorMode():
        _fill(model)
        live, counted = Live(model), FlopCounterMode(display=False)
        # One after the other: the counter keeps tensors alive that are free otherwise.
        for mode, times in ((live, 1 + accumulated), (counted, 1)):
            with mode:
                for _ in range(times):
                    _step(model, windows, tokens, mixed or holding.dtype == "bf16")
            model.zero_grad()
    return Traced(
        parameters=sum(count for count, _ in counts),
        trainable=sum(count for count, trained in counts if trained),
        linear=sum(linear),
        matrix=max(linear, default=0),
        weights=live.before,
        beyond=live.most - live.before,
        flops=counted.get_total_flops(),
    )


class Live(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the bytes of all storages that are alive.

    Args:
        model: Whose weights and buffers are there from the beginning.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known: dict[int, int] = {}
        self._now = self.most = 0
        for tensor in [*model.parameters(), *model.buffers()]:
            self._take(tensor)
        self.before = self._now

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, Tensor):
                self._take(tensor)
        return found

    def _take(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if (place := storage._cdata) not in self._known:
            self._known[place] = storage.nbytes()
            self._now += storage.nbytes()
            self.most = max(self.most, self._now)
            weakref.finalize(storage, self._free, place)

    def _free(self, place: int) -> None:
        self._now -= self._known.pop(place)


def _abstract(
    architecture: Mapping[str, Any],
    holding: Holding,
    adapter: Adapter | None,
    tags: int | None,
    bidirectional: bool,
) -> nn.Module:
    """The model on the meta device, where peft can still work on it."""
    config = AutoConfig.for_model(**architecture)
    changes = attention_settings(config, bidirectional and tags is not None)
    if tags is not None:
        changes["num_labels"] = tags
    config.update(changes)
    kind: Any = AutoModelForCausalLM if tags is None else AutoModelForTokenClassification
    with torch.device("meta"):
        plain: PreTrainedModel = kind.from_config(config, dtype=DTYPES[holding.dtype])
        if holding.gradient_checkpointing:
            plain.activation_checkpointing_enable()
        model: nn.Module = plain
        if adapter is not None:
            model = _adapted_writer(plain, adapter) if tags is None else adapted(plain, adapter)
    return model.train()


def _fill(model: nn.Module) -> None:
    """Give a model of the meta device fake weights as on a CPU: autocast passes over those of none."""
    shared: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                fake = torch.empty(weight.shape, dtype=weight.dtype)
                made = shared.setdefault(id(weight), nn.Parameter(fake, requires_grad=weight.requires_grad))
                module._parameters[name] = made
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


def _adapted_writer(model: PreTrainedModel, adapter: Adapter) -> nn.Module:
    """A language model with adapters, whose own head stays as it is."""
    from peft import LoraConfig, get_peft_model

    targets = list(adapter.targets)
    config = LoraConfig(task_type="CAUSAL_LM", r=adapter.rank, target_modules=targets)
    with warnings.catch_warnings():  # see `learners.adapters`
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        found: nn.Module = get_peft_model(model, config)
    return found


def _step(model: nn.Module, windows: int, tokens: int, mixed: bool) -> None:
    """Forwards and backwards."""
    ids = torch.zeros(windows, tokens, dtype=torch.long)
    with _precision(mixed):
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        loss = functional.cross_entropy(logits.float().flatten(0, 1), ids.flatten())
    del logits
    loss.backward()  # type: ignore[no-untyped-call]


@contextmanager
def _precision(mixed: bool) -> Iterator[None]:
    """Autocast of the CPU, which rounds what that of a GPU does, within a few per cent of all bytes."""
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        yield
