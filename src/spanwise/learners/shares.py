"""Trainer over batches of which each process takes a share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from accelerate.data_loader import prepare_data_loader  # type: ignore[import-untyped]
from accelerate.utils import set_seed  # type: ignore[import-untyped]
from torch.utils.data import DataLoader, Sampler
from transformers import Trainer

from spanwise.learners import processes


class Shares(Sampler[list[int]]):
    """The indices that this process takes of each batch.

    Batches are those of a single process, drawn by the main one. An index comes once; where a batch has fewer
    than there are processes, some get an empty share, which the collator must make a batch without a loss of:
    all of them take part in every update. (Accelerate's `BatchSamplerShard` repeats indices instead.)

    Args:
        sampler: Of a single process.
        batch_size: Indices in a batch of all processes together; the last one may be smaller.
    """

    def __init__(self, sampler: Sampler[int], batch_size: int) -> None:
        self.sampler: Any = sampler
        self.batch_size = batch_size

    def __len__(self) -> int:
        return math.ceil(len(self.sampler) / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Drawn as the sampler draws: all at once, when the first batch is asked for."""
        order = processes.from_main(list(self.sampler))
        for start in range(0, len(order), self.batch_size):
            yield list(processes.own(order[start : start + self.batch_size]))


class SharingTrainer(Trainer):
    """Trainer of which `per_device_train_batch_size` is that of all processes together.

    Dropout and masks are drawn anew in each process; one process alone draws what plain Trainer draws.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if processes.count() > 1:
            set_seed(self.args.seed, device_specific=True)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The share of this process in each batch."""
        sampler: Any = self._get_train_sampler()
        loader: DataLoader[Any] = DataLoader(
            self.train_dataset,  # type: ignore[arg-type]
            batch_sampler=Shares(sampler, self.args.train_batch_size),
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )
        prepared: DataLoader[Any] = prepare_data_loader(
            loader, self.args.device, num_processes=1, process_index=0, put_on_device=True
        )
        return prepared

    def _save_rng_state(self, output_dir: str) -> None:
        """Each process writes its own; what tells a complete checkpoint comes when all have."""
        super()._save_rng_state(output_dir)
        processes.barrier()
