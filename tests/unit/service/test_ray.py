"""The service as replicas of Ray Serve."""

from __future__ import annotations

import asyncio
import builtins
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from spanwise.errors import UserError
from spanwise.service import ray as module
from spanwise.service.ray import Cluster, application, replica
from tests.extras import needs

RUN = """
import json, socket, httpx, ray
from ray import serve
from spanwise.service.ray import Cluster, application

with socket.socket() as found:
    found.bind(("127.0.0.1", 0))
    port = found.getsockname()[1]
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", _node_ip_address="127.0.0.1")
serve.start(http_options={"host": "127.0.0.1", "port": port})
serve.run(application(Cluster(loopback=True, replicas=2)))
with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
    told = [client.post("/v1/anonymise", json={"text": f"Call 0171 555 01{n:02d}."}) for n in range(10)]
    refused = client.post("/v1/extract", json={"text": "x"})
print(json.dumps({
    "statuses": [each.status_code for each in told],
    "texts": [each.json()["results"][0]["text"] for each in told],
    "refused": [refused.status_code, refused.json()["code"]],
}))
serve.shutdown()
ray.shutdown()
"""


@needs("ray")
@pytest.mark.slow
def test_replicas_answer_as_one_process_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith('{"statuses"')]
    told = json.loads(line)
    assert told["statuses"] == [200] * 10
    assert not any("555" in text for text in told["texts"])
    assert told["refused"] == [503, "no-model"]


@needs("ray")
def test_an_application_takes_the_cores_of_its_lanes() -> None:
    made: Any = application(Cluster(loopback=True, lanes=2, threads=3, replicas=2, most=5))
    options = made._bound_deployment
    assert options.ray_actor_options["num_cpus"] == 6
    scaling = options._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas) == (2, 5)


def test_what_is_told_as_words_becomes_a_plan(tmp_path: Path) -> None:
    plan = Cluster.model_validate({"deployed": str(tmp_path), "loopback": "true", "lanes": "3"}).plan()
    assert (plan.deployed, plan.settings.loopback, plan.lanes) == (tmp_path, True, 3)


def test_a_replica_has_loaded_when_it_has_started() -> None:
    async def test() -> int:
        app = replica(Cluster(loopback=True).plan())
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return (await client.post("/v1/anonymise", json={"text": "Nobody."})).status_code

    assert asyncio.run(test()) == 200


def test_a_replica_that_does_not_load_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOADING_S", 0.2)

    async def test() -> None:
        app = replica(Cluster(loopback=True, deployed=tmp_path).plan())
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(TimeoutError):
        asyncio.run(test())


def test_without_keys_a_cluster_is_not_open_to_all() -> None:
    with pytest.raises(UserError, match="loopback"):
        replica(Cluster().plan())


def test_without_ray_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "ray":
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", failing)
    with pytest.raises(UserError, match="takes Ray"):
        application(Cluster(loopback=True))
