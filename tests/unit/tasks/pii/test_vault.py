from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import read_json, write_json
from spanwise.tasks.pii.secret import derive, read_secret
from spanwise.tasks.pii.vault import Entry, Original, Vault, digest, read_vault, restore, write_vault

ENTRY = Entry(
    name="cv.txt", sha256=digest("[PERSON_1] codes"), originals=(Original(start=0, end=10, text="Ada Byrne"),)
)
VAULT = Vault(level="basic", entries={"document-0001": ENTRY})


def test_a_vault_opens_with_its_key(tmp_path: Path, secret: bytes) -> None:
    write_vault(tmp_path / "vault.json", VAULT, secret)
    assert read_vault(tmp_path / "vault.json", secret) == VAULT


def test_a_vault_shows_nothing_of_what_is_in_it(tmp_path: Path, secret: bytes) -> None:
    write_vault(tmp_path / "vault.json", VAULT, secret)
    assert b"Byrne" not in (tmp_path / "vault.json").read_bytes()


def test_the_same_vault_is_the_same_bytes(tmp_path: Path, secret: bytes) -> None:
    for name in ("a", "b"):
        write_vault(tmp_path / name, VAULT, secret)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_vault_has_another_nonce(tmp_path: Path, secret: bytes) -> None:
    write_vault(tmp_path / "a", VAULT, secret)
    write_vault(tmp_path / "b", VAULT.model_copy(update={"level": "moderate"}), secret)
    assert read_json(tmp_path / "a")["nonce"] != read_json(tmp_path / "b")["nonce"]


def test_another_key_opens_nothing(tmp_path: Path, secret: bytes) -> None:
    write_vault(tmp_path / "vault.json", VAULT, secret)
    with pytest.raises(UserError, match="another key"):
        read_vault(tmp_path / "vault.json", b"x" * 32)


def test_a_changed_vault_does_not_open(tmp_path: Path, secret: bytes) -> None:
    path = tmp_path / "vault.json"
    write_vault(path, VAULT, secret)
    stored = read_json(path)
    write_json(path, {**stored, "data": stored["data"][:-8] + "AAAAAAA="})
    with pytest.raises(UserError, match="was changed"):
        read_vault(path, secret)


def test_what_is_no_vault_is_refused(tmp_path: Path, secret: bytes) -> None:
    write_json(tmp_path / "other.json", {"level": "basic"})
    with pytest.raises(UserError, match="is no vault"):
        read_vault(tmp_path / "other.json", secret)


def test_a_masked_text_comes_back() -> None:
    assert restore("[PERSON_1] codes", ENTRY) == "Ada Byrne codes"


def test_a_changed_text_does_not_come_back() -> None:
    with pytest.raises(UserError, match="was changed"):
        restore("[PERSON_1] sings", ENTRY)


def test_the_secret_comes_from_the_file_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANWISE_PII_KEY", "e" * 32)
    (tmp_path / "key").write_text("f" * 32 + "\n")
    assert read_secret() == b"e" * 32
    assert read_secret(tmp_path / "key") == b"f" * 32


def test_without_a_secret_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPANWISE_PII_KEY", raising=False)
    assert read_secret() is None


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    with pytest.raises(UserError, match="5 characters"):
        read_secret(tmp_path / "key")


def test_keys_for_two_purposes_differ(secret: bytes) -> None:
    assert derive(secret, "vault") != derive(secret, "nonce")
