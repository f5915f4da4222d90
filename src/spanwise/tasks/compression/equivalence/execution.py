"""Running untrusted Python in a process of its own, with little time, memory and nothing to reach.

The process is limited by POSIX (setrlimit(2): time, memory, files, processes), has an empty environment and a
folder of its own, where the kernel allows it a network namespace of its own (unshare(2)), and an audit hook
(PEP 578) that refuses sockets to other machines, other programs, and files elsewhere. A hook within Python
holds against accidents, not against an attacker with native code: run what is hostile in a container.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["passed", "failed", "timeout"]
SECONDS = 10.0
MEGABYTES = 512
FILE_BYTES = 2**20
TAIL = 400  # characters of what went wrong

_GUARD = """
import os, resource, sys
def limit(kind, value):
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
seconds, memory, size = (int(word) for word in sys.argv[1:4])
try:
    import ctypes
    ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000)
except Exception:
    pass
limit(resource.RLIMIT_CPU, seconds)
limit(resource.RLIMIT_AS, memory)
limit(resource.RLIMIT_FSIZE, size)
limit(resource.RLIMIT_CORE, 0)
limit(resource.RLIMIT_NOFILE, 64)
own = os.path.realpath(os.getcwd())
REFUSED = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.", "ctypes.",
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "os.kill",
    "os.chdir", "signal.pthread_kill")
CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown",
    "os.truncate", "shutil.")
def inside(path):
    if isinstance(path, int):
        return True
    path = os.fsdecode(path)
    return os.path.realpath(path).startswith(own + os.sep) or path == os.devnull
def hook(event, arguments):
    if event.startswith(REFUSED):
        raise PermissionError(event)
    if event == "open" and arguments[0] is not None:
        mode, flags = arguments[1], arguments[2] or 0
        writes = any(letter in (mode or "") for letter in "wax+")
        if (writes or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and not inside(arguments[0]):
            raise PermissionError("open")
    elif event.startswith(CHANGES) and not all(
        inside(each) for each in arguments if isinstance(each, (str, bytes))
    ):
        raise PermissionError(event)
with open("program.py", encoding="utf-8") as file:
    program = compile(file.read(), "program.py", "exec")
sys.argv = ["program.py"]
sys.addaudithook(hook)
exec(program, {"__name__": "program", "__builtins__": __builtins__})
"""


@dataclass(frozen=True)
class Run:
    """What became of a program.

    Attributes:
        outcome: `passed` if it ended by itself with status 0.
        reason: The last line of what it wrote to its error stream, shortened; empty if it passed.
    """

    outcome: Outcome
    reason: str = ""


def run_tests(
    code: str, tests: Sequence[str], *, seconds: float = SECONDS, megabytes: int = MEGABYTES
) -> Run:
    """Run Python code and then its tests, in a process of its own; what that holds against is told above.

    Args:
        code: A module.
        tests: Statements that raise where the code is wrong, run in order with the names of the module.
        seconds: Of wall-clock time, and of CPU time.
        megabytes: Of memory.
    """
    with tempfile.TemporaryDirectory(prefix="spanwise-run-") as folder:
        Path(folder, "program.py").write_text("\n".join([code, *tests]) + "\n", encoding="utf-8")
        limits = [str(int(seconds) + 1), str(megabytes * 2**20), str(FILE_BYTES)]
        process = subprocess.Popen(  # noqa: S603 - this Python, and words of ours
            [sys.executable, "-I", "-B", "-c", _GUARD, *limits],
            cwd=folder,
            env={"PATH": "/nonexistent", "HOME": folder, "TMPDIR": folder, "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return Run("timeout", f"longer than {seconds:g} s")
        finally:
            _end(process)
    if process.returncode == 0:
        return Run("passed")
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return Run("failed", (lines[-1] if lines else f"ended with status {process.returncode}")[-TAIL:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
