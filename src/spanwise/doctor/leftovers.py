"""What processes left behind that were killed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spanwise.doctor.finding import Finding, listed
from spanwise.sweep import alive, look

CHECK = "leftovers"
RWLOCKS = (Path(".dvc/tmp/rwlock"), Path(".dvc/tmp/exps/rwlock"))
WORKSPACES = (".dvc/tmp/exps/tmp*", ".dvc/tmp/exps/standalone/tmp*")
CHECKPOINTS = Path(".checkpoints")


def examine_leftovers(root: Path) -> Iterator[Finding]:
    """Locks, checkpoints, temporary workspaces and queued experiments that nothing works on."""
    found = [
        *(finding for lock in RWLOCKS for finding in _locks(root, lock)),
        *_checkpoints(root),
        *_workspaces(root),
        *_queue(root),
    ]
    yield from found or [Finding(CHECK, "ok", "nothing is left of processes that were killed")]


def _locks(root: Path, lock: Path) -> Iterator[Finding]:
    """Holders of a lock of DVC's that are gone, or whose number another program has by now."""
    try:
        held = json.loads((root / lock).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        yield Finding(CHECK, "error", f"{lock} is not valid JSON: DVC will not run", f"`rm {lock}`")
        return
    for pid, command in sorted(_holders(held)):
        if not alive(pid):
            message = f"`{command}` (pid {pid}) was killed; a stage of it may still be running"
            hint = f"See whether one is left, e.g. `pgrep -af stages/`; the next DVC command clears {lock}."
            yield Finding(CHECK, "warning", message, hint)
        elif "dvc" not in _command_line(pid):
            message = f"{lock} is held by pid {pid}, which is no DVC any more: DVC says it is busy"
            yield Finding(CHECK, "error", message, f"`rm {lock}`")


def _holders(held: Any) -> set[tuple[int, str]]:
    """The process ids and commands in DVC's lock."""
    readers = [each for infos in held.get("read", {}).values() for each in infos]
    return {(int(each["pid"]), str(each["cmd"])) for each in (*held.get("write", {}).values(), *readers)}


def _command_line(pid: int) -> str:
    import psutil

    try:
        return " ".join(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def _checkpoints(root: Path) -> Iterator[Finding]:
    """Checkpoints of trainings that do not run: they end by deleting them."""
    for folder in sorted(path for path in (root / CHECKPOINTS).glob("*") if path.is_dir()):
        owner = folder.with_name(f"{folder.name}.pid")
        if owner.is_file() and alive(int(owner.read_text(encoding="utf-8"))):
            continue
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        message = f"an unfinished training in {CHECKPOINTS / folder.name} ({size:.0f} MB)"
        hint = f"The same settings, data and code resume it; `rm -r {CHECKPOINTS / folder.name}` gives it up."
        yield Finding(CHECK, "warning", message, hint)


def _workspaces(root: Path) -> Iterator[Finding]:
    """Temporary workspaces of experiments in which no process is."""
    folders = [path.resolve() for pattern in WORKSPACES for path in sorted(root.glob(pattern))]
    if not folders:
        return
    used = _working_directories()
    left = [path for path in folders if not any(place.is_relative_to(path) for place in used)]
    if left:
        names = [str(path.relative_to(root.resolve())) for path in left]
        message = f"workspaces of experiments that were killed: {listed(names)}"
        yield Finding(CHECK, "warning", message, f"`rm -r {shlex.join(names)}`")


def _working_directories() -> set[Path]:
    import psutil

    return {Path(each.info["cwd"]) for each in psutil.process_iter(["cwd"]) if each.info["cwd"]}


def _queue(root: Path) -> Iterator[Finding]:
    """Experiments of the queue that will not go on by themselves."""
    queue = look(root)
    if lost := queue.named("lost"):
        names = " ".join(lost)
        message = f"DVC says Running, but their worker was killed: {listed(lost)}"
        yield Finding(CHECK, "warning", message, f"`dvc queue kill {names} && dvc queue remove {names}`")
    if failed := queue.named("failed"):
        hint = "Read `dvc queue logs NAME`, then `dvc queue remove --failed`."
        yield Finding(CHECK, "warning", f"failed in the queue: {listed(failed)}", hint)
    if (waiting := queue.named("queued")) and not queue.workers:
        hint = "`spanwise sweep --jobs 1` runs them, `dvc queue remove --queued` forgets them."
        yield Finding(CHECK, "warning", f"queued, and nothing works on them: {listed(waiting)}", hint)
