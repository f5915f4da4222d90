"""Remotes in S3: what two clones share through one, also when it dies or loses something in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.remotes.server import BUCKET, KEY, SECRET, Server, arrived

pytestmark = pytest.mark.slow

FILES = 80
BYTES = 200_000
TOTAL = FILES + 1  # and the object of the folder
EARLY = 8
"""The objects that have arrived when the server is killed."""

DVC = [sys.executable, "-m", "dvc"]
SPANWISE = [sys.executable, "-c", "from spanwise.cli import main; main()"]


@pytest.fixture(autouse=True)
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's, and no settings of the user's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    values = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true"}
    values["AWS_MAX_ATTEMPTS"] = "1"  # else each object that is left waits for a dead server anew
    (tmp_path / "aws").touch()
    values |= dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(tmp_path / "aws"))
    values |= {f"DVC_{kind}_DIR": str(tmp_path / kind) for kind in ("GLOBAL_CONFIG", "SYSTEM_CONFIG")}
    for name, value in {**values, "DVC_SITE_CACHE_DIR": str(tmp_path / "site")}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def here(tmp_path: Path, server: Server) -> Path:
    """A clone with a folder of many files, not pushed yet."""
    root = tmp_path / "here"
    (root / "data").mkdir(parents=True)
    random = Random(13)
    for number in range(FILES):
        (root / "data" / f"{number:03}.bin").write_bytes(random.randbytes(BYTES))
    (root / ".gitignore").write_text("/data\n")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    run(root, *DVC, "init", "-q")
    run(root, *DVC, "config", "core.analytics", "false")
    run(root, *DVC, "remote", "add", "-q", "--default", "s3", f"s3://{BUCKET}/store")
    run(root, *DVC, "remote", "modify", "s3", "endpointurl", f"http://127.0.0.1:{server.port}")
    run(root, *DVC, "remote", "modify", "s3", "verify", "true")
    run(root, *DVC, "add", "-q", "data")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", "data")
    return root


@pytest.fixture
def there(here: Path, tmp_path: Path) -> Path:
    """Another clone, without any data."""
    run(tmp_path, "git", "clone", "-q", str(here), "there")
    return tmp_path / "there"


def run(folder: Path, *words: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def killed_midway(folder: Path, server: Server, command: str, store: Callable[[], list[Path]]) -> int:
    """Kill the server once some objects have arrived in a store, and count those that have in the end."""
    process = subprocess.Popen(
        [*DVC, command, "-j", "4"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while len(store()) < EARLY:
            assert process.poll() is None, f"the {command} was over before the server could be killed"
            time.sleep(0.002)
        server.kill()
        assert process.wait(timeout=300) != 0
    finally:
        process.kill()
        process.wait()
    return len(store())


def content(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((root / "data").iterdir())}


def diagnosis(root: Path, *words: str) -> list[dict[str, Any]]:
    """What the doctor finds wrong with the remote."""
    done = subprocess.run(
        [*SPANWISE, "doctor", "--json", *words], cwd=root, capture_output=True, text=True, check=False
    )
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == any(each["level"] == "error" for each in findings)
    return [each for each in findings if each["check"] == "remote" and each["level"] == "error"]


def test_a_second_clone_pulls_the_same_bytes(here: Path, there: Path, server: Server) -> None:
    run(here, *DVC, "push", "-q")
    assert len(server.objects()) == TOTAL
    run(there, *DVC, "pull", "-q")
    assert content(there) == content(here)
    assert diagnosis(there, "--deep") == []


def test_a_push_cut_off_by_a_dying_server_is_finished_later(here: Path, there: Path, server: Server) -> None:
    assert EARLY <= killed_midway(here, server, "push", server.objects) < TOTAL
    server.start()
    [finding] = diagnosis(here)
    assert "never pushed" in finding["message"]
    run(here, *DVC, "push", "-q")
    assert diagnosis(here, "--deep") == []
    run(there, *DVC, "pull", "-q")
    assert content(there) == content(here)


def test_a_pull_cut_off_by_a_dying_server_is_finished_later(here: Path, there: Path, server: Server) -> None:
    run(here, *DVC, "push", "-q")
    count = killed_midway(there, server, "pull", lambda: arrived(there / ".dvc" / "cache"))
    assert EARLY <= count < TOTAL
    server.start()
    run(there, *DVC, "pull", "-q")
    assert content(there) == content(here)


def test_a_damaged_object_is_refused_found_and_repaired(here: Path, there: Path, server: Server) -> None:
    run(here, *DVC, "push", "-q")
    path = next(path for path in server.objects() if path.suffix != ".dir")
    path.write_bytes(bytes(255 - byte for byte in path.read_bytes()))
    server.restart()
    run(there, *DVC, "pull", "-q", expect=1)
    assert diagnosis(here) == []  # its size is right
    [finding] = diagnosis(here, "--deep")
    assert "1 object damaged, of data" in finding["message"]
    run(here, *DVC, "push", "-q")
    assert diagnosis(here, "--deep") == [finding]  # a push does not mend it
    assert diagnosis(here, "--deep", "--repair-remote") == []
    run(there, *DVC, "pull", "-q")
    assert content(there) == content(here)


def test_a_missing_object_is_found_and_repaired(here: Path, there: Path, server: Server) -> None:
    run(here, *DVC, "push", "-q")
    next(path for path in server.objects() if path.suffix != ".dir").unlink()
    server.restart()
    assert "in sync" in run(here, *DVC, "status", "--cloud").stdout
    run(there, *DVC, "pull", "-q", expect=1)
    [finding] = diagnosis(here)
    assert "1 object gone, of data, though DVC says that all is in sync" in finding["message"]
    assert diagnosis(here, "--repair-remote") == []
    run(there, *DVC, "pull", "-q")
    assert content(there) == content(here)


def test_a_server_that_is_down_and_a_wrong_key_are_told(
    here: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    [finding] = diagnosis(here)
    assert "signature" in finding["message"]
    server.kill()
    [finding] = diagnosis(here)
    assert "Could not connect" in finding["message"]
