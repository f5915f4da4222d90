"""`spanwise serve`: what it refuses, and what it hands on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from spanwise.cli.serve import ADMIN_KEY, MB, is_loopback, serve
from spanwise.service import serving
from spanwise.service.http.keys import digest_of, read_keys

PROGRAM = typer.Typer(pretty_exceptions_enable=False)
PROGRAM.command()(serve)


class Ran:
    """What `serving.serve` was told."""

    def __init__(self) -> None:
        self.plan: Any = None
        self.address: dict[str, Any] = {}
        self.able = True

    def __call__(self, plan: Any, **address: Any) -> bool:
        self.plan, self.address = plan, address
        return self.able


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    found = Ran()
    monkeypatch.setattr(serving, "serve", found)
    return found


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(PROGRAM, list(words), env=env)


def test_by_default_rules_are_served_on_loopback(ran: Ran) -> None:
    assert run().exit_code == 0
    assert ran.address == {"host": "127.0.0.1", "port": 8000, "workers": 1}
    assert ran.plan.deployed is None
    assert ran.plan.settings.loopback
    assert ran.plan.settings.hosts == ()
    assert ran.plan.lanes >= 1


def test_options_reach_the_plan(ran: Ran, tmp_path: Path) -> None:
    words = "--lanes 3 --threads 2 --queue 5 --window 4 --batch 6 --cache 1 --deadline 2 --drain 7"
    more = [
        "--deployed",
        str(tmp_path),
        "--keep",
        "a@v1.0.0",
        "--log-format",
        "json",
        "--per-minute",
        "9",
        "--max-body",
        "3",
    ]
    assert run(*words.split(), *more, "--feedback", str(tmp_path), "--audit", "a").exit_code == 0
    plan = ran.plan
    assert (plan.lanes, plan.threads, plan.queue, plan.max_batch, plan.window_s) == (3, 2, 5, 6, 0.004)
    assert (plan.cache_bytes, plan.settings.max_body_bytes) == (MB, 3 * MB)
    assert (plan.settings.deadline_s, plan.settings.drain_s, plan.settings.per_minute) == (2, 7, 9)
    assert (plan.deployed, plan.feedback, plan.audit) == (tmp_path, tmp_path, Path("a"))
    assert (plan.keep, plan.log_json) == (("a@v1.0.0",), True)


def test_the_environment_says_what_options_do_not(ran: Ran, tmp_path: Path) -> None:
    env = {
        "SPANWISE_PORT": "9001", "SPANWISE_QUEUE": "7", "SPANWISE_ORIGINS": "https://a.example https://b.example",
        ADMIN_KEY: "a" * 64, "SPANWISE_DEPLOYED": str(tmp_path),
    }  # fmt: skip
    assert run("--queue", "8", env=env).exit_code == 0
    assert (ran.address["port"], ran.plan.queue, ran.plan.deployed) == (9001, 8, tmp_path)
    assert ran.plan.settings.origins == ("https://a.example", "https://b.example")
    assert ran.plan.settings.admin_key == "a" * 64


def test_cores_are_divided_among_workers(ran: Ran) -> None:
    assert run("--workers", "1000").exit_code == 0
    assert (ran.address["workers"], ran.plan.lanes) == (1000, 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_without_keys_no_other_address_than_loopback_is_bound_to(ran: Ran, host: str) -> None:
    done = run("--host", host)
    assert done.exit_code == 1
    assert f"without API keys, whoever reaches {host} could ask" in done.stderr
    assert ran.plan is None


def test_with_keys_any_address_is(ran: Ran, tmp_path: Path) -> None:
    assert run("--host", "0.0.0.0", "--keys", str(tmp_path / "keys.json")).exit_code == 0
    assert not ran.plan.settings.loopback


def test_insecure_serves_all_by_the_names_of_this_machine(ran: Ran) -> None:
    assert run("--host", "192.0.2.1", "--insecure").exit_code == 0
    assert ran.plan.settings.loopback
    assert "192.0.2.1" in ran.plan.settings.hosts
    assert run("--host", "192.0.2.1", "--insecure", "--allow-host", "ner.example").exit_code == 0
    assert ran.plan.settings.hosts == ("ner.example",)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_what_is_loopback(host: str) -> None:
    assert is_loopback(host)


def test_two_answers_to_what_is_served_are_an_error(ran: Ran) -> None:
    done = run("--deployed", "a", "--model", "b")
    assert done.exit_code == 1
    assert "two answers to one question" in done.stderr


def test_a_folder_that_is_no_package_is_an_error(ran: Ran, tmp_path: Path) -> None:
    done = run("--model", str(tmp_path))
    assert done.exit_code == 1
    assert "package.json" in done.stderr


def test_a_server_that_could_not_start_ends_with_1(ran: Ran) -> None:
    ran.able = False
    assert run().exit_code == 1


def test_a_new_key_is_told_once_and_kept_as_a_digest(ran: Ran, tmp_path: Path) -> None:
    done = run("--new-key", "clinic")
    key, _, entry = done.stdout.partition("\n")
    path = tmp_path / "keys.json"
    path.write_text(entry, encoding="utf-8")
    (read,) = read_keys(path)
    assert (read.name, read.sha256) == ("clinic", digest_of(key))
    assert key not in json.dumps(json.loads(entry))
    assert ran.plan is None


def test_a_name_that_is_none_is_no_traceback() -> None:
    done = run("--new-key", "not a name")
    assert done.exit_code == 1
    assert "error:" in done.stderr
