"""Whatever schemathesis makes of the OpenAPI document, all of its checks hold, over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from spanwise.schema import Labels
from spanwise.service.contract import Answer, Endpoint, Operation
from spanwise.service.http.app import create_app
from spanwise.service.http.keys import make_key
from spanwise.service.http.settings import Settings
from spanwise.service.operations import load
from spanwise.tasks.pii.secret import VARIABLE
from tests.extras import needs
from tests.paperwork import column, docx, paragraph, pdf
from tests.unit.service.http.serving import make_engine
from tests.unit.service.operations.packages import tagger_package

pytestmark = [
    needs("schemathesis", "uvicorn"),
    pytest.mark.filterwarnings("ignore"),  # of schemathesis, and of what it sends
]

PHASES = ("examples", "coverage", "fuzzing", "stateful")
WRITTEN = Answer({"text": "x", "tokens": 1, "finished": True, "likelihood": 0.5})
DOCUMENTS = [b"Ada Byron\nada@example.com", docx(paragraph("Ada")), pdf(column(["Ada Byron"]))]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Iterator[str]:
    """A server with a tagger, rules, and something that writes."""
    import uvicorn

    package = tagger_package(tmp_path_factory.mktemp("fuzz") / "v1.0.0", labels)

    def loader(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
        if endpoint == "generate":
            return lambda items: [WRITTEN for _ in items]
        return load(endpoint, package if endpoint == "extract" else None, threads=threads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "k" * 40)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        settings = Settings(
            loopback=True, readers=1, max_characters=2_000, deadline_s=60, admin_key=make_key()[1]
        )
        app = create_app(settings, make_engine(loader, queue=512))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        while httpx.get(f"{base}/readyz").status_code != 200:
            time.sleep(0.05)
        for endpoint in ("anonymise", "compress", "parse"):  # what is loaded when it is first needed
            httpx.post(f"{base}/v1/{endpoint}", json={"text": "Ada Byron was here."}, timeout=60)
        yield base
        server.should_exit = True
        thread.join()


def failures_of(url: str, examples: int, *, phases: Collection[str]) -> tuple[int, list[str]]:
    """How many cases were checked, and what failed.

    Args:
        url: Of the server.
        examples: Of each operation, at most.
        phases: Those of schemathesis to go through.
    """
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema
    from schemathesis.specs.openapi.formats import unregister_string_format

    settings: dict[str, Any] = {
        "seed": 13,
        "continue-on-failure": True,
        "request-timeout": 60,
        "generation": {"max-examples": examples, "no-shrink": True},
        "phases": {name: {"enabled": name in phases} for name in PHASES},
    }
    schemathesis.openapi.format("binary", st.sampled_from(DOCUMENTS))  # others than these are refused
    try:
        config = SchemathesisConfig.from_dict(settings)
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
        cases, failed = 0, []
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError | events.FatalError):
                failed.append(str(event))
            if isinstance(event, events.ScenarioFinished):
                for checks in event.recorder.checks.values():
                    cases += 1
                    failed += [
                        f"{event.recorder.label}: {check.name}: {check.failure_info.code_sample}"
                        for check in checks
                        if check.failure_info is not None
                    ]
        return cases, failed
    finally:
        unregister_string_format("binary")


def test_a_few_cases(url: str) -> None:
    cases, failed = failures_of(url, 4, phases=("examples", "fuzzing"))
    assert cases > 30
    assert failed == []


@pytest.mark.slow
def test_ten_thousand_cases(url: str) -> None:
    cases, failed = failures_of(url, 1_300, phases=PHASES)
    assert cases >= 10_000
    assert failed == []
