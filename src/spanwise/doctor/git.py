"""What git tracks, and what its remote does not have yet."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from spanwise.doctor.finding import Finding, listed
from spanwise.errors import UserError
from spanwise.reporting.formatting import counted

CHECK = "git"
LARGE = 10_000_000
"""Bytes beyond which a file is better off with DVC: git keeps every version of it in every clone."""
TIMEOUT = 30.0
PIPELINE = ("dvc.yaml", "dvc.lock", "params.yaml")


def examine_git(root: Path, outs: Sequence[str]) -> Iterator[Finding]:
    """Whether git holds what it should, and its remote as well.

    Args:
        root: The repository.
        outs: The outputs of the pipeline, which DVC keeps; paths from the root.
    """
    yield from _held_twice(root, outs)
    large = [
        f"{name} ({size / 1e6:.0f} MB)"
        for name in filter(None, git(root, "ls-files", "-z").split("\0"))
        if (path := root / name).is_file() and (size := path.stat().st_size) > LARGE
    ]
    if large:
        first = large[0].rpartition(" (")[0]
        hint = f"Give them to DVC: `git rm --cached {first} && dvc add {first}`."
        yield Finding(CHECK, "warning", f"git tracks large files: {listed(large)}", hint)
    changed = [line[3:] for line in git(root, "status", "--porcelain", "--", *PIPELINE).splitlines()]
    if changed:
        hint = f"Commit them: `git commit {' '.join(changed)}`."
        yield Finding(CHECK, "warning", f"not committed: {', '.join(changed)}", hint)
    yield from _unpushed(root)


def _held_twice(root: Path, outs: Sequence[str]) -> Iterator[Finding]:
    """Outputs that git tracks too: DVC refuses to run their stages."""
    tracked = git(root, "ls-files", "-z", "--", *outs).split("\0") if outs else []
    twice = sorted({out for out in outs for name in tracked if name == out or name.startswith(f"{out}/")})
    if twice:
        hint = f"`git rm -r --cached {' '.join(twice)}`"
        yield Finding(CHECK, "error", f"git tracks what DVC keeps: {listed(twice)}", hint)


def _unpushed(root: Path) -> Iterator[Finding]:
    """Tags and commits that the remote lacks."""
    remotes = git(root, "remote").split()
    if not remotes:
        yield Finding(CHECK, "ok", "no remote: nothing is shared")
        return
    remote = "origin" if "origin" in remotes else remotes[0]
    try:
        lines = git(root, "ls-remote", "--tags", "--refs", remote).splitlines()
    except UserError as error:
        yield Finding(CHECK, "warning", f"{remote} cannot be asked: {error.reason}", error.hint)
        return
    theirs = {line.rpartition("refs/tags/")[2] for line in lines}
    missing = [tag for tag in git(root, "tag").split() if tag not in theirs]
    if missing:
        # Versions and stages of the registry are tags: `name@v1.0.0`, `name#prod#1`.
        message = f"{remote} lacks {counted(len(missing), 'tag')}: {listed(missing)}"
        yield Finding(CHECK, "warning", message, f"`git push {remote} --tags`")
    branch = git(root, "status", "--porcelain=v2", "--branch", "--untracked-files=no").splitlines()
    ahead = [line for line in branch if line.startswith("# branch.ab ") and " +0 " not in line]
    if ahead:
        yield Finding(CHECK, "warning", f"commits of this branch are not in {remote}", "`git push`")
    if not missing and not ahead:
        yield Finding(CHECK, "ok", f"{remote} has the tags and this branch's commits")


def git(root: Path, *words: str) -> str:
    """What a git command prints.

    Raises:
        UserError: If git is missing or the command fails.
    """
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
        )
    except FileNotFoundError:
        raise UserError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise UserError(f"git {words[0]} took more than {TIMEOUT:.0f} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise UserError(f"git {words[0]}: {lines[0]}")
    return done.stdout
