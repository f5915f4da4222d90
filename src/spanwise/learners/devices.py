"""Devices: a process takes one GPU, however many there are."""

from __future__ import annotations

from transformers import TrainingArguments


def use_one_gpu(arguments: TrainingArguments) -> None:
    """Keep Trainer from splitting batches over all GPUs that it sees.

    It would do so with `DataParallel`, which hides the heads and cuts samples instead of windows. Several
    GPUs take several processes: of one training (`launch`), or an experiment each (`CUDA_VISIBLE_DEVICES`).
    """
    _ = arguments.device  # counts them
    arguments._n_gpu = min(arguments.n_gpu, 1)
