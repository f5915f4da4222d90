from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.tasks.compression.equivalence.execution import run_tests


def test_code_that_does_what_its_tests_say_passes() -> None:
    assert (
        run_tests("import asyncio\nasync def f(): return 1", ["assert asyncio.run(f()) == 1"]).outcome
        == "passed"
    )


def test_a_test_that_fails_gives_its_reason() -> None:
    run = run_tests("x = 1", ["assert x == 2, 'x is 1'"])
    assert (run.outcome, run.reason) == ("failed", "AssertionError: x is 1")


def test_what_does_not_end_is_ended() -> None:
    assert run_tests("while True: pass", [], seconds=1).outcome == "timeout"


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import ctypes; ctypes.CDLL(None)",
        "open('/tmp/spanwise-never', 'w')",
        "import os; os.remove('/tmp/spanwise-never')",
        "import os; os.kill(os.getppid(), 9)",
        "x = bytearray(2**31)",
        "open('big', 'wb').write(b'0' * 2**22)",
        "raise SystemExit(3)",
    ],
)
def test_what_reaches_outside_or_takes_too_much_fails(code: str) -> None:
    assert run_tests(code, [], seconds=5).outcome == "failed"
    assert not Path("/tmp/spanwise-never").exists()


def test_a_program_may_write_in_its_own_folder_and_sees_no_environment() -> None:
    code = "import os\nopen('a.txt', 'w').write('b')\nassert open('a.txt').read() == 'b'\nos.remove('a.txt')"
    assert (
        run_tests(
            code, ["assert set(os.environ) <= {'PATH', 'HOME', 'TMPDIR', 'PYTHONHASHSEED', 'LC_CTYPE'}"]
        ).outcome
        == "passed"
    )
