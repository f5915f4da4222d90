"""Clients of language models: what they need, and who is told so."""

from __future__ import annotations

import sys

import pytest

from spanwise.clients import KEY, connect
from spanwise.errors import UserError
from tests.extras import needs


@needs("openai")
def test_a_client_has_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "made-up-key")
    client = connect("http://127.0.0.1:9/v1", wanted_by="a test", timeout=3.0, retries=1)
    assert (client.api_key, client.timeout, client.max_retries) == ("made-up-key", 3.0, 1)
    assert str(client.base_url) == "http://127.0.0.1:9/v1/"


@needs("openai")
def test_a_missing_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(UserError, match=KEY):
        connect("http://127.0.0.1:9/v1", wanted_by="a test", timeout=3.0, retries=1)


def test_a_missing_package_is_told_with_who_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(UserError, match="a test needs openai"):
        connect("http://127.0.0.1:9/v1", wanted_by="a test", timeout=3.0, retries=1)
