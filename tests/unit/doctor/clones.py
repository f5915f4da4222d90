"""A real clone that is in order, with a git remote and a DVC remote in folders beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from spanwise.doctor.finding import Finding

WRITTEN = {
    "dvc.yaml": """
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    outs: [models/learner, labels.json]
""",
    "train.py": """
from pathlib import Path
Path("models/learner").mkdir(parents=True, exist_ok=True)
for number in range(3):
    Path(f"models/learner/{number}.bin").write_bytes(bytes([number]) * 1000)
Path("labels.json").write_text("[]")
""",
    ".gitignore": "/models\n/labels.json\n/.dvc/tmp\n/.dvc/cache\n",
}


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dvc(folder: Path, *words: str) -> str:
    return run(folder, sys.executable, "-m", "dvc", *words)


def obey(root: Path, finding: Finding) -> None:
    """Run the command that a finding gives in backticks, as a user would paste it."""
    assert finding.hint is not None
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        finding.hint.split("`")[1], shell=True, cwd=root, env={**os.environ, "PATH": path}, check=False
    )
    assert done.returncode == 0


def make_clone(folder: Path) -> Path:
    """`folder/clone`, pushed to `folder/origin.git` and `folder/store`."""
    root = folder / "clone"
    for name, text in WRITTEN.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    run(folder, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    run(root, "git", "remote", "add", "origin", "../origin.git")
    dvc(root, "init", "-q")
    (root / ".dvc" / "config").write_text(
        "[core]\n    analytics = false\n    remote = store\n"
        f"['remote \"store\"']\n    url = {folder / 'store'}\n    verify = true\n"
    )
    run(root, sys.executable, "train.py")
    dvc(root, "commit", "-q", "--force")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", "trained")
    run(root, "git", "tag", "ner@v1.0.0")
    run(root, "git", "push", "-q", "--tags", "--set-upstream", "origin", "main")
    dvc(root, "push", "-q")
    return root


def copied(template: Path, folder: Path) -> Path:
    """The clone of a template, with all beside it, in another folder."""
    shutil.copytree(template.parent, folder / "all")
    return name_store(folder / "all" / template.name)


def second(root: Path) -> Path:
    """Another clone of what was pushed, without any data."""
    run(root.parent, "git", "clone", "-q", "origin.git", "second")
    return name_store(root.parent / "second")


def name_store(root: Path) -> Path:
    """Give the DVC remote of a copied clone its own address: git has that of the template's."""
    settings = f"['remote \"store\"']\n    url = {root.parent / 'store'}\n"
    (root / ".dvc" / "config.local").write_text(settings)
    return root


def objects(store: Path, *, folders: bool = False) -> list[Path]:
    """The objects in a cache or in a remote that is a folder: those of folders, or those of files."""
    found = (path for path in (store / "files" / "md5").glob("*/*") if path.is_file())
    return sorted(path for path in found if (path.suffix == ".dir") == folders)


def damage(path: Path) -> None:
    """Other bytes, as many as before, in a file that DVC has made read-only."""
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes(255 - byte for byte in content))
    path.chmod(0o444)
