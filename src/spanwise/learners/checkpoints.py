"""Checkpoints: where a training keeps them, outside the outputs, and how it resumes from them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.trainer_callback import TrainerState

from spanwise.errors import UserError
from spanwise.learners import processes
from spanwise.learners.averaging import load_average

STATE = "trainer_state.json"
WEIGHTS = "model.safetensors"
LIBRARIES = ("torch", "transformers", "accelerate", "tokenizers", "peft", "trl", "bitsandbytes", "numpy")
"""What a training computes with, as far as it is installed."""


def training_digest(settings: str, files: Iterable[Path]) -> str:
    """A name for one training: the same settings, data, code, libraries and processes give the same.

    Args:
        settings: The settings, written out.
        files: Data and code, in any order.
    """
    digest = hashlib.sha256(settings.encode())
    for name in LIBRARIES:
        digest.update(f"{name} {_version(name)}\n".encode())
    digest.update(f"processes {processes.count()}\n".encode())  # torchrun may have another say than settings
    for file in sorted(files):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@contextmanager
def checkpoint_folder(digest: str) -> Iterator[Path]:
    """The folder for the checkpoints of a training, locked while it runs and deleted once it is done.

    It lies under `$DVC_ROOT`, so that an experiment in a temporary workspace finds it again. Left by an
    error or a kill, it stays, and the next training of the same digest resumes. Of several processes, the
    main one has the lock, and deletes the folder when all have left the block.

    Raises:
        UserError: If another process is at the same training; a killed `dvc repro` may leave one behind.
    """
    root = Path(os.environ.get("DVC_ROOT", ".")).absolute() / ".checkpoints"
    folder = root / digest
    if not processes.is_main():
        processes.barrier()
        yield folder
        processes.barrier()
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / f"{digest}.lock")
    pid = root / f"{digest}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        owner = pid.read_text() if pid.is_file() else "unknown"
        raise UserError(
            f"another process (pid {owner}) is training with the same params, data and code",
            path=folder,
            hint="A killed `dvc repro` may have left it behind: wait for it, or end it.",
        ) from None
    try:
        pid.write_text(str(os.getpid()))
        processes.barrier()
        yield folder
        processes.barrier()
        shutil.rmtree(folder)
        pid.unlink()
    finally:
        lock.release()


def last_complete_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; others, cut off by a kill, are deleted."""
    complete = []
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            json.loads((checkpoint / STATE).read_text())  # the last file that Trainer writes
            complete.append(checkpoint)
        except (OSError, json.JSONDecodeError):
            shutil.rmtree(checkpoint)
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def resumable(folder: Path, weights: str = WEIGHTS) -> tuple[TrainerState, Path] | tuple[None, None]:
    """The state of the newest checkpoint, with its best checkpoint where that stands now, and its folder.

    Trainer notes the best checkpoint by its absolute path, and would forget it silently after the folder has
    moved. Without it nothing can be resumed: all checkpoints are deleted. Of several processes, the main one
    must have gone through this before the others begin.

    Args:
        folder: Of the checkpoints.
        weights: The file in each of them that holds what was trained.
    """
    newest = last_complete_checkpoint(folder)
    if newest is None:
        return None, None
    path = newest / STATE
    state: TrainerState = TrainerState.load_from_json(str(path))
    best = folder / Path(state.best_model_checkpoint or "").name
    if not (best / weights).is_file():
        shutil.rmtree(folder)
        folder.mkdir()
        return None, None
    if state.best_model_checkpoint != str(best):
        state.best_model_checkpoint = str(best)
        state.save_to_json(str(path))
    return state, newest


def is_over(state: TrainerState, patience: int | None) -> bool:
    """Whether a training had come to its end, and only its result was not stored yet."""
    callbacks: Any = state.stateful_callbacks  # a dict when read from JSON, whatever its annotation says
    waited = (
        callbacks["EarlyStoppingCallback"]["attributes"]["early_stopping_patience_counter"] if patience else 0
    )
    return state.global_step >= state.max_steps or (patience is not None and waited >= patience)


def load_best_weights(network: nn.Module, state: TrainerState) -> None:
    """Give `network` the weights of the best checkpoint: the averaged ones, where there are such."""
    best = Path(str(state.best_model_checkpoint))
    stored = load_file(best / WEIGHTS)
    if stored.keys() != (learnt_state(network) or network.state_dict()).keys():
        raise UserError("the checkpoint holds other weights than the network has", path=best / WEIGHTS)
    network.load_state_dict(stored, strict=False)
    load_average(network, best)


def learnt_state(network: nn.Module) -> dict[str, Tensor] | None:
    """What a checkpoint holds of a network with adapters: what is trained, and not the billions beside it.

    None where there are none: then it holds all of it.
    """
    names = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    if not any(".lora_" in name for name in names):
        return None
    return {name: tensor for name, tensor in network.state_dict().items() if name in names}
