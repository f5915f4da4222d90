"""Whatever is sent, no problem and no log holds a fragment of it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from spanwise.errors import UserError
from spanwise.service.contract import Answer, Item
from spanwise.service.http.settings import Settings
from tests.unit.service.http.serving import loader_of, make_engine, serving

SECRET = "Zyxqv"  # no word of the service's own
NAMES = st.sampled_from(["text", "texts", "level", "operator", SECRET, f"{SECRET} Byron"])
WORDS = st.text(max_size=8).map(lambda text: f"{SECRET}{text}")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda value: json.dumps(value).encode())
TORN = st.builds(lambda body, at: body[: at % (len(body) + 1)], BODIES, st.integers(0, 200))
FORM = f'--a\r\nContent-Disposition: form-data; name="{{}}"{{}}\r\n\r\n{SECRET}\r\n--a--\r\n'
FORMS = st.builds(
    lambda name, file: FORM.format(name, f'; filename="{SECRET}.pdf"' if file else "").encode(),
    NAMES | st.just("files"),
    st.booleans(),
)
ASKED = st.one_of(
    st.tuples(BODIES | TORN, st.just("application/json")),
    st.tuples(FORMS, st.just("multipart/form-data; boundary=a")),
    st.tuples(BODIES, st.just(f"text/{SECRET}")),
)


def failing(items: Sequence[Item]) -> Sequence[Answer | Exception]:
    """What fails in two ways."""
    if any(SECRET in item.text for item in items):
        raise KeyError(items[0].text)
    return [UserError("a reason") for _ in items]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with serving(Settings(loopback=True, readers=1), make_engine(loader_of(failing))) as client:
        yield client


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASKED, st.sampled_from(["", f"?version={SECRET}", f"?{SECRET}={SECRET}"]))
def test_nothing_that_was_sent_is_told(
    client: TestClient, caplog: pytest.LogCaptureFixture, asked: tuple[bytes, str], query: str
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    body, kind = asked
    response = client.post(
        f"/v1/anonymise{query}",
        content=body,
        headers={"Content-Type": kind, "X-Request-ID": f"{SECRET} Byron"},
    )
    value: dict[str, Any] = response.json()
    assert response.status_code >= 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert value.keys() <= {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert not re.search(SECRET, response.text + str(response.headers), re.IGNORECASE)
    records = [record for record in caplog.records if record.name.startswith("spanwise")]
    assert records
    assert SECRET not in "".join(record.getMessage() + str(vars(record)) for record in records)


def test_paths_that_nobody_knows_are_not_told(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "spanwise")
    assert SECRET not in client.get(f"/{SECRET}").text
    told = [record for record in caplog.records if record.name.startswith("spanwise")]
    assert SECRET not in "".join(str(vars(record)) for record in told)
