from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.doctor.clones import copied, make_clone


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that is in order; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"DVC_{kind}_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        return make_clone(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
def clone(template: Path, tmp_path: Path, settings_of_its_own: None) -> Path:
    """A clone to break."""
    return copied(template, tmp_path)
