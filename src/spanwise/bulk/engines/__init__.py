"""Who predicts: this process, several processes, or the actors of a Ray cluster.

All of them give what becomes of each chunk, in the order of the chunks, and the same for each: what is
predicted together follows from the documents, not from who predicts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from spanwise.bulk.documents import Chunk, Outcome
from spanwise.bulk.work import Job

EngineName = Literal["local", "process", "ray"]
Engine = Callable[[Job, Callable[[], Iterator[Chunk]], int], Iterator[list[Outcome]]]


def load_engine(name: EngineName) -> Engine:
    """The engine of that name: a function of the job, of what gives the chunks, and of the workers."""
    if name == "local":
        from spanwise.bulk.engines.local import predict
    elif name == "process":
        from spanwise.bulk.engines.process import predict
    else:
        from spanwise.bulk.engines.cluster import predict
    return predict
