"""The actors of a Ray cluster, through Ray Data: https://docs.ray.io/en/latest/data/batch_inference.html.

One task reads the inputs, on the machine that the command runs on; each actor holds a predictor, and needs
the model's folder at the same path. Chunks are rows of one column, so that Ray may move them as it likes, but
neither joins nor divides them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from spanwise.bulk.documents import Chunk, Document, Failure, Item, Outcome, Rendered
from spanwise.bulk.work import Job, Worker
from spanwise.errors import UserError
from spanwise.workers import ray_cluster

if TYPE_CHECKING:
    from ray.data import Dataset

COLUMN = "chunk"
READER_CPUS = 0.5
"""Reading takes little; that it asks for other resources than the actors also keeps Ray from making it a part
of one of them."""
READER_CORES = 1  # of this machine that are left to it


def predict(job: Job, read: Callable[[], Iterator[Chunk]], workers: int) -> Iterator[list[Outcome]]:
    """What becomes of each chunk.

    Raises:
        UserError: If Ray is not installed, the model cannot be loaded, or the cluster fails.
    """
    try:
        import ray.data  # noqa: F401
        from ray.exceptions import RayError
    except ImportError:
        raise UserError("the engine ray takes Ray", hint="pip install 'spanwise[ray]'") from None
    with ray_cluster(job.threads * workers + READER_CORES):
        try:
            for row in _outcomes(job, read, workers).iter_rows():
                yield _outcomes_of(json.loads(row[COLUMN]))
        except RayError as error:
            hint = "The same command goes on after the last whole chunk, where it writes to --output."
            raise UserError(f"Ray failed: {type(error).__name__}: {_first_line(error)}", hint=hint) from error


def _outcomes(job: Job, read: Callable[[], Iterator[Chunk]], workers: int) -> Dataset:
    import ray
    from ray.data import ActorPoolStrategy

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # bytes: each row is a block of its own, so that all actors get some
    here = {"ray.io/node-id": ray.get_runtime_context().get_node_id()}
    chunks = ray.data.read_datasource(
        _source(read), override_num_blocks=1, num_cpus=READER_CPUS, label_selector=here
    )
    found: Dataset = chunks.map_batches(
        _Actor,
        fn_constructor_args=[job],
        batch_size=1,
        compute=ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
        num_cpus=job.threads,
    )
    return found


def _source(read: Callable[[], Iterator[Chunk]]) -> Any:
    """The chunks as something that Ray Data reads, one row after the other."""
    from ray.data import Datasource
    from ray.data.block import BlockMetadata
    from ray.data.datasource import ReadTask

    def blocks() -> Iterator[Any]:
        import pyarrow as pa

        for chunk in read():
            yield pa.table({COLUMN: [json.dumps([asdict(item) for item in chunk])]})

    class Chunks(Datasource):
        def get_read_tasks(self, *_: object, **__: object) -> list[ReadTask]:
            unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
            return [ReadTask(blocks, unknown)]

        def estimate_inmemory_data_size(self) -> int | None:
            return None

    return Chunks()  # type: ignore[no-untyped-call]


class _Actor:
    """A worker as Ray Data calls it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.worker: Worker | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        # Loaded here, and an error is a value: at the beginning Ray would tell of a dead actor alone.
        try:
            worker = self.worker = self.worker or Worker(self.job)
        except UserError as error:
            fault = {"reason": error.reason, "path": str(error.path), "hint": error.hint}
            return {COLUMN: [json.dumps(fault)] * len(batch[COLUMN])}
        chunks = ([_item(value) for value in json.loads(row)] for row in batch[COLUMN])
        found = ([asdict(outcome) for outcome in worker(chunk)] for chunk in chunks)
        return {COLUMN: [json.dumps(outcomes) for outcomes in found]}


def _item(value: dict[str, Any]) -> Item:
    return Failure(**value) if "reason" in value else Document(**value)


def _outcomes_of(value: Any) -> list[Outcome]:
    if isinstance(value, dict):
        raise UserError(**value)
    return [_outcome(each) for each in value]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _outcome(value: dict[str, Any]) -> Outcome:
    return Failure(**value) if "reason" in value else Rendered(**value)
