"""What the tests of the registry share: a repository with commits of several models."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.registry.worlds import World, copied, make_world


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once; tests change copies."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"DVC_{kind}_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(template: World, tmp_path: Path, settings_of_its_own: None) -> World:
    """A copy of the template, without tags."""
    return copied(template, tmp_path)
