"""Run names and credentials."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import ModuleType

import pytest

from spanwise.tracking import credential, run_name


def test_a_run_is_named_by_model_date_and_time() -> None:
    assert run_name("minilm", datetime(2026, 1, 31, 18, 45, 2, tzinfo=UTC)) == "minilm_20260131-184502"


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert credential("HF_TOKEN") is None
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert credential("HF_TOKEN") == "secret"


@pytest.mark.parametrize(("name", "expected"), [("HF_TOKEN", "from kaggle"), ("OTHER", None)])
def test_in_a_kaggle_notebook_its_secrets_are_asked(
    name: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class UserSecretsClient:
        def get_secret(self, label: str) -> str:
            if label != "HF_TOKEN":
                raise Exception("No user secrets exist")
            return "from kaggle"

    module = ModuleType("kaggle_secrets")
    module.UserSecretsClient = UserSecretsClient  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kaggle_secrets", module)
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    monkeypatch.delenv(name, raising=False)
    assert credential(name) == expected
