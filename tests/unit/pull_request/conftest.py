"""One history for the package's tests: a base, and a branch that goes on from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.histories import History


@pytest.fixture(scope="package")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose only commit holds results."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"DVC_{kind}_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        history = History(tmp_path_factory.mktemp("history"))
        history.begin()
        history.results(found=8)
        history.commit()
    return history.root


@pytest.fixture
def history(begun: Path, tmp_path: Path) -> History:
    """A copy of it, on a branch of its own."""
    history = History(shutil.copytree(begun, tmp_path / "repository"))
    history.run("git", "checkout", "-q", "-b", "change")
    return history
