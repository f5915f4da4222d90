"""Adapters trained by Tinker, a service: examples go there in tokens, and what is learnt is kept there."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spanwise.adaptation.course import About, Lora, Step
from spanwise.adaptation.masking import Masked, shifted
from spanwise.clients import api_key
from spanwise.errors import UserError
from spanwise.io import write_json

KEY = "TINKER_API_KEY"
STORED = "tinker.json"
_ATTENTION = frozenset({"q_proj", "k_proj", "v_proj", "o_proj"})
_PERCEPTRON = frozenset({"gate_proj", "up_proj", "down_proj"})


class TinkerBackend:
    """LoRA beside the layers of a model that Tinker has.

    Tinker adapts attention and perceptrons as wholes, and has no alpha: the targets say which of both, and
    alpha is not looked at.

    Args:
        model: What Tinker calls it.
        lora: The adapters.
        name: What is stored is called.
        base_url: Of the service; None is Tinker's own.

    Raises:
        UserError: If the package or its key is missing, or the service refuses.
    """

    def __init__(self, model: str, lora: Lora, *, name: str, base_url: str | None = None) -> None:
        try:
            import tinker
        except ImportError:
            raise UserError(
                "the backend tinker takes tinker", hint="pip install 'spanwise[tinker]'"
            ) from None
        self._tinker, self._lora, self._name = tinker, lora, name
        self._model = model
        self._url = base_url
        key = api_key(KEY, hint="Tinker's keys begin with tml-.")
        targets = set(lora.targets)
        service = self._asked(lambda: tinker.ServiceClient(base_url=base_url, api_key=key))
        self._client = self._asked(
            lambda: service.create_lora_training_client(
                base_model=model,
                rank=lora.rank,
                seed=lora.seed,
                train_attn=bool(targets & _ATTENTION),
                train_mlp=bool(targets & _PERCEPTRON),
                train_unembed=False,
            ).result()
        )

    @property
    def about(self) -> About:
        """Who computes: a service on this very machine is a stub."""
        return About("tinker", version("tinker"), "service", stub=is_stub(self._url))

    def step(self, batch: Sequence[Masked]) -> Step:
        """Learn from one batch."""
        types = self._tinker.types
        data = [datum(types, masked) for masked in batch]
        settings = types.AdamParams(learning_rate=self._lora.learning_rate, beta1=0.9, beta2=0.999, eps=1e-8)
        done = self._client.forward_backward(data, "cross_entropy")
        moved = self._client.optim_step(settings)
        outputs = self._asked(done.result).loss_fn_outputs
        self._asked(moved.result)
        tokens = sum(masked.learnt for masked in batch)
        total = sum(
            -chance * weight
            for masked, output in zip(batch, outputs, strict=True)
            for chance, weight in zip(output["logprobs"].data, shifted(masked).weights, strict=True)
        )
        return Step(total / tokens, tokens)

    def save(self, folder: Path) -> None:
        """Have the service keep the adapters, and write down where."""
        state = self._asked(lambda: self._client.save_state(self._name).result())
        sampler = self._asked(lambda: self._client.save_weights_for_sampler(self._name).result())
        places = {
            "model": self._model,
            "state": state.path,
            "sampler": sampler.path,
            "stub": is_stub(self._url),
        }
        write_json(folder / STORED, places)

    def _asked(self, ask: Any) -> Any:
        try:
            return ask()
        except self._tinker.TinkerError as error:  # its message may quote a request
            raise UserError(f"{self._model}: Tinker failed: {type(error).__name__}") from None


def datum(types: Any, masked: Masked) -> Any:
    """One example in the form of Tinker's cross entropy.

    Args:
        types: The module `tinker.types`.
        masked: The example.
    """
    inputs, targets, weights = shifted(masked)
    return types.Datum(
        model_input=types.ModelInput.from_ints(inputs),
        loss_fn_inputs={
            "target_tokens": types.TensorData(data=targets, dtype="int64", shape=[len(targets)]),
            "weights": types.TensorData(data=weights, dtype="float32", shape=[len(weights)]),
        },
    )


def is_stub(base_url: str | None) -> bool:
    """Whether a service is on this machine: Tinker's own never is."""
    host = urlsplit(base_url or "").hostname
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
