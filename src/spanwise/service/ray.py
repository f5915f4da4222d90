"""The service on a Ray cluster: more machines behind one address (extra `ray`).

    serve run spanwise.service.ray:application deployed=/deployed keys=/keys/keys.json replicas=4

Each replica is what `spanwise serve` is, with its own queue and batches; Ray starts them, ends them, sends
requests to them and makes more of them when many wait
(https://docs.ray.io/en/latest/serve/autoscaling-guide.html). The folders must be at the same paths on each
machine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from spanwise.errors import UserError
from spanwise.service.http.settings import Settings
from spanwise.service.serving import FLUSH, Plan, assemble

if TYPE_CHECKING:
    from ray.serve import Application

LOADING_S = 120.0
"""Seconds that a replica may take to load before it is given up."""
LOOKED = 0.05


class Cluster(BaseModel):
    """What `serve run` is told, as `name=value`.

    Attributes:
        deployed: The folder of a `registry.json`; without, rules alone serve.
        keys: The file of API keys.
        loopback: Whether Ray listens on loopback alone, so that no keys are needed.
        replicas: Processes at least.
        most: Processes at most.
        lanes: Batches that each computes at once.
        threads: Of each lane.
        queue: Documents that may wait at an endpoint of a replica.
        max_batch: Documents of a batch.
        ongoing: Requests that a replica has in hand at most; more wait at Ray's proxy.
    """

    deployed: Path | None = None
    keys: Path | None = None
    loopback: bool = False
    replicas: int = 1
    most: int | None = None
    lanes: int = 1
    threads: int = 1
    queue: int = 64
    max_batch: int = 8
    ongoing: int = 64

    def plan(self) -> Plan:
        """What each replica serves."""
        return Plan(
            settings=Settings(keys=self.keys, loopback=self.loopback),
            deployed=self.deployed,
            lanes=self.lanes,
            threads=self.threads,
            queue=self.queue,
            window_s=0.002,
            max_batch=self.max_batch,
            cache_bytes=0,
            log_json=True,
        )


def application(args: Cluster) -> Application:
    """The application that `serve run` and `serve.run` take.

    Raises:
        UserError: If Ray is not installed.
    """
    try:
        from ray import serve
    except ImportError:
        raise UserError("a cluster takes Ray", hint="pip install 'spanwise[ray]'") from None
    plan = args.plan()

    def build() -> Any:
        return replica(plan)

    deployment = serve.deployment(
        name="spanwise",
        ray_actor_options={"num_cpus": args.lanes * args.threads},
        max_ongoing_requests=args.ongoing,
        autoscaling_config={
            "min_replicas": args.replicas,
            "max_replicas": max(args.replicas, args.most or 0),
            "target_ongoing_requests": args.ongoing / 2,
        },
        graceful_shutdown_timeout_s=plan.settings.drain_s + FLUSH,
    )
    return deployment(serve.ingress(build)()).bind()


def replica(plan: Plan) -> Any:
    """The app of one replica, which is asked nothing before it is loaded.

    `spanwise serve` answers its probes while it loads. Ray has none: what has started gets requests.
    """
    app, engine = assemble(plan)
    life = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def loaded(running: Any) -> AsyncIterator[Any]:
        async with life(running) as state:
            async with asyncio.timeout(LOADING_S):
                while not engine.ready:  # noqa: ASYNC110 - the engine tells no one when it is
                    await asyncio.sleep(LOOKED)
            yield state

    app.router.lifespan_context = loaded
    return app
