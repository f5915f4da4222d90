"""Low-rank adapters beside the weights of a causal language model."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, TaskType, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from transformers import PreTrainedModel, set_seed

from spanwise.errors import UserError, first_line
from spanwise.io import write_text
from spanwise.learners.adapters import Adapter, check_targets

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"


def adapt(model: PreTrainedModel, adapter: Adapter, *, seed: int) -> PeftModel:
    """Put adapters into a model, in place; all but them is frozen.

    Args:
        model: Perhaps with quantised weights.
        adapter: What they are like.
        seed: Of their first weights, which change nothing of what the model computes.

    Raises:
        UserError: If a target names no linear layer, or names the output head.
    """
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    named = {name.rpartition(".")[2] for name, module in model.named_modules() if module is head}
    if named & set(adapter.targets):  # TRL computes the loss from the head's own weights
        raise UserError("train.adapter.targets: the output head cannot be adapted")
    check_targets(model.base_model, adapter)
    if getattr(model, "is_quantized", False):
        model = prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            model, use_gradient_checkpointing=False
        )
    config = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=adapter.rank,
        lora_alpha=adapter.alpha,  # type: ignore[arg-type]  # peft only divides by the rank
        lora_dropout=adapter.dropout,
        target_modules=list(adapter.targets),
    )
    set_seed(seed)
    with warnings.catch_warnings():  # peft 0.21 asks for a property that Transformers 5 has renamed
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        adapted = get_peft_model(model, config)
    assert isinstance(adapted, PeftModel)
    adapted.peft_config["default"].base_model_name_or_path = ""  # each checkpoint would ask the hub for it
    return adapted


def store(model: PeftModel, folder: Path, source: str) -> None:
    """Write adapters as PEFT does, in the same bytes each time: it writes sets in any order.

    Args:
        model: The adapted model.
        folder: Where they go.
        source: What their base is called there.
    """
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # a form to be filled in
    path = folder / CONFIG
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ordered = {key: sorted(value) if isinstance(value, list) else value for key, value in settings.items()}
    ordered["base_model_name_or_path"] = source
    write_text(path, json.dumps(ordered, indent=2, sort_keys=True) + "\n")


def restore(model: PreTrainedModel, folder: Path) -> PeftModel:
    """The adapters stored in `folder` beside the weights that they were trained on.

    Raises:
        UserError: If they do not fit these weights.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            adapted = PeftModel.from_pretrained(model, str(folder))
    except (RuntimeError, ValueError, OSError, KeyError, SafetensorError) as error:
        reason = first_line(error)
        raise UserError(f"its adapters cannot be loaded: {reason}", path=folder) from error
    return adapted
