"""Keys, roles, quotas and hosts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from spanwise.errors import UserError
from spanwise.service.http.app import create_app
from spanwise.service.http.keys import Bucket, Key, Keyring, digest_of, make_key, read_keys
from spanwise.service.http.settings import Settings
from spanwise.service.observability.metrics import Metrics
from tests.unit.service.http.serving import LOCAL, make_engine

KEYS = {name: make_key() for name in ("reader", "admin", "figures", "slow")}
ROLES = {"reader": ["use"], "admin": ["admin"], "figures": ["metrics"], "slow": ["use"]}


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[name][0]}"}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    entries: list[dict[str, Any]] = [
        {"name": name, "sha256": digest, "roles": ROLES[name]} for name, (_, digest) in KEYS.items()
    ]
    entries[-1] |= {"per_minute": 1, "burst": 3}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": entries}))
    return tmp_path / "keys.json"


@pytest.fixture
def client(keys: Path) -> TestClient:
    app = create_app(Settings(keys=keys), make_engine(), metrics=Metrics())
    return TestClient(app, base_url="http://service.example")


@pytest.mark.parametrize(
    ("caller", "method", "path", "status"),
    [
        (None, "GET", "/livez", 200),
        (None, "GET", "/readyz", 503),
        (None, "GET", "/v1/models", 401),
        (None, "GET", "/nowhere", 401),
        (None, "GET", "/metrics", 401),
        (None, "GET", "/openapi.json", 401),
        (None, "POST", "/v1/models/reload", 401),
        ("reader", "GET", "/v1/models", 200),
        ("reader", "GET", "/openapi.json", 200),
        ("reader", "GET", "/metrics", 403),
        ("reader", "POST", "/v1/models/reload", 403),
        ("figures", "GET", "/metrics", 200),
        ("figures", "GET", "/v1/models", 403),
        ("admin", "GET", "/metrics", 200),
        ("admin", "GET", "/v1/models", 200),
    ],
)
def test_a_key_opens_what_its_roles_allow(
    client: TestClient, caller: str | None, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, headers=bearer(caller) if caller else {})
    assert response.status_code == status
    if status == 401:
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
        {"Authorization": f"Bearer {KEYS['reader'][1]}"},
        {"X-API-Key": "\xff"},
    ],
)
def test_what_is_no_key_opens_nothing(client: TestClient, headers: dict[str, str]) -> None:
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert client.get("/v1/models", headers=encoded).status_code == 401


def test_a_key_may_come_in_a_header_of_its_own(client: TestClient) -> None:
    assert client.get("/v1/models", headers={"X-API-Key": KEYS["reader"][0]}).status_code == 200


def test_a_quota_is_used_up_by_documents_and_tells_when_there_is_more(client: TestClient) -> None:
    first = client.get("/v1/models", headers=bearer("slow"))
    assert first.headers["RateLimit-Policy"] == '"documents";q=1;w=60'
    assert first.headers["RateLimit"] == '"documents";r=2;t=0'
    client.post("/v1/parse", json={"texts": ["x", "y"]}, headers=bearer("slow"))
    refused = client.get("/v1/models", headers=bearer("slow"))
    assert (refused.status_code, refused.json()["code"]) == (429, "quota-exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"documents";r=0;t=')
    assert client.get("/v1/models", headers=bearer("reader")).status_code == 200


def test_the_document_of_the_api_may_be_open(keys: Path) -> None:
    app = create_app(Settings(keys=keys, docs_behind_auth=False), make_engine())
    found = TestClient(app).get("/openapi.json").json()
    assert found["openapi"] == "3.1.0"
    assert found["paths"]["/v1/parse"]["post"]["security"] == [{"bearer": []}, {"header": []}]
    assert "security" not in found["paths"]["/livez"]["get"]


def test_without_keys_only_loopback_is_served() -> None:
    with pytest.raises(UserError, match="served on loopback alone"):
        create_app(Settings(), make_engine())


@pytest.mark.parametrize("digest", ["the key itself", "A" * 64])
def test_an_admin_key_is_told_by_its_digest(digest: str) -> None:
    with pytest.raises(UserError, match="SHA-256 digest"):
        create_app(Settings(loopback=True, admin_key=digest), make_engine())
    create_app(Settings(loopback=True, admin_key=""), make_engine())


def test_without_keys_the_server_is_asked_by_the_names_of_loopback_alone() -> None:
    app = create_app(Settings(loopback=True, per_minute=2), make_engine())
    for host, status in [("127.0.0.1:80", 200), ("localhost", 200), ("[::1]:9", 200), ("evil.example", 400)]:
        assert TestClient(app, base_url=LOCAL).get("/livez", headers={"Host": host}).status_code == status
    counted = [TestClient(app, base_url=LOCAL).get("/v1/models").status_code for _ in range(3)]
    assert counted == [200, 200, 429]


def test_hosts_may_be_named(keys: Path) -> None:
    app = create_app(Settings(keys=keys, hosts=("API.example",)), make_engine())
    assert TestClient(app, base_url="http://api.example:8000").get("/livez").status_code == 200
    refused = TestClient(app, base_url="http://other.example").get("/livez")
    assert refused.json()["code"] == "unknown-host"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "JSON"),
        ('{"keys": []}', "has no key"),
        ('{"keys": [{"name": "a", "sha256": "short"}]}', "sha256"),
        (json.dumps({"keys": [{"name": "a", "sha256": "0" * 64}] * 2}), "twice"),
    ],
)
def test_a_damaged_file_of_keys_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(UserError, match=reason):
        read_keys(tmp_path / "keys.json")
    with pytest.raises(UserError, match="no such file"):
        read_keys(tmp_path / "none.json")


@given(st.text(max_size=40))
def test_only_a_key_itself_is_known(presented: str) -> None:
    keyring = Keyring([Key(name=name, sha256=digest) for name, (_, digest) in KEYS.items()])
    assert keyring.find(presented) is None
    for name, (key, _) in KEYS.items():
        found = keyring.find(key)
        assert found is not None
        assert found.name == name


def test_a_new_key_is_long_and_only_its_digest_is_kept() -> None:
    key, digest = make_key()
    assert len(key) > 40
    assert digest == digest_of(key)
    assert key not in digest


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 5)), max_size=30))
def test_no_more_is_let_in_than_the_quota(steps: list[tuple[float, int]]) -> None:
    now = 0.0
    bucket = Bucket(60, 5, clock=lambda: now)
    let_in = 0
    for seconds, tries in steps:
        now += seconds
        let_in += sum(bucket.take() for _ in range(tries))
        assert let_in <= 5 + now + 1e-6
        assert 0 <= bucket.left <= 5
        assert (bucket.wait == 0) == (bucket.left >= 1)


def test_who_took_more_waits_until_that_is_made_up() -> None:
    now = 0.0
    bucket = Bucket(60, 5, clock=lambda: now)
    assert bucket.take()
    bucket.spend(7)
    assert bucket.wait == 4
    now = 3.9
    assert not bucket.take()
    now = 4.0
    assert bucket.take()
