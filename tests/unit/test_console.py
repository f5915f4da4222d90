"""Commands: errors of the user in one message, those of the program with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spanwise.console import app, command, share_cores
from spanwise.errors import UserError


def program() -> typer.Typer:
    made = app("What it is for.")

    @made.command()
    @command
    def work(count: int, name: str = "nobody") -> None:
        """Do the work."""
        if count < 0:
            raise UserError("negative", path="counts.txt", line=3, hint="Count upwards.")
        typer.echo(f"{name} {1 // count}")

    @made.command()
    @command
    def rest() -> None:
        """Do nothing."""

    return made


def test_a_command_does_its_work() -> None:
    done = CliRunner().invoke(program(), ["work", "1", "--name", "someone"])
    assert (done.exit_code, done.output) == (0, "someone 1\n")


def test_a_user_error_is_one_message_and_exit_code_1() -> None:
    done = CliRunner().invoke(program(), ["work", "--", "-1"])
    assert done.exit_code == 1
    assert done.stderr == "error: counts.txt:3: negative\n  Count upwards.\n"
    assert done.stdout == ""


def test_debug_shows_where_a_user_error_came_from() -> None:
    done = CliRunner().invoke(program(), ["work", "--debug", "--", "-1"])
    assert isinstance(done.exception, UserError)


def test_a_fault_of_the_program_is_not_hidden() -> None:
    done = CliRunner().invoke(program(), ["work", "0"])
    assert isinstance(done.exception, ZeroDivisionError)


def test_help_shows_arguments_options_and_debug() -> None:
    done = CliRunner().invoke(program(), ["work", "--help"])
    assert done.exit_code == 0
    for word in ("count", "--name", "--debug", "Do the work."):
        assert word in done.output


def test_without_a_command_the_app_shows_its_help() -> None:
    assert "What it is for." in CliRunner().invoke(program(), []).output


STAGE = '''
from pathlib import Path
from spanwise.console import ParamsFile, run
from spanwise.errors import UserError

def stage(source: Path, params: ParamsFile = Path("params.yaml")) -> None:
    """Read SOURCE."""
    if source.name == "bad":
        raise UserError("unreadable", path=source)
    print(source, params)

run(stage)
'''


@pytest.mark.parametrize(
    ("arguments", "code", "stdout", "stderr"),
    [
        (["good"], 0, "good params.yaml\n", ""),
        (["good", "--params", "other.yaml"], 0, "good other.yaml\n", ""),
        (["bad"], 1, "", "error: bad: unreadable\n"),
    ],
)
def test_a_stage_runs_as_a_program(
    arguments: list[str], code: int, stdout: str, stderr: str, tmp_path: Path
) -> None:
    script = tmp_path / "stage.py"
    script.write_text(STAGE)
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, stdout, stderr)


@pytest.mark.parametrize(("stated", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_waiting_threads_sleep_unless_the_environment_says_otherwise(
    stated: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", stated or "")
    if stated is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    share_cores()
    assert os.environ["OMP_WAIT_POLICY"] == found
