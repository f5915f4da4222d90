from __future__ import annotations

import os
from pathlib import Path

import pytest

from spanwise.io import write_text
from spanwise.service.engine.watching import Watched


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.json"
    write_text(path, "one")
    return path


def test_a_file_that_is_replaced_has_changed_once(file: Path) -> None:
    watched = Watched(file)
    assert not watched.changed()
    write_text(file, "two")
    assert watched.changed()
    assert not watched.changed()


def test_a_file_that_is_replaced_by_the_same_has_not_changed(file: Path) -> None:
    watched = Watched(file)
    write_text(file, "one")
    os.utime(file, (0, 0))
    assert not watched.changed()


def test_a_file_that_is_written_in_place_has_changed(file: Path) -> None:
    watched = Watched(file)
    file.write_text("two")
    os.utime(file, (0, 0))  # another time than that of the first, however coarse the clock
    assert watched.changed()


def test_a_file_that_goes_and_comes_back_has_changed_twice(file: Path) -> None:
    watched = Watched(file)
    file.unlink()
    assert watched.changed()
    assert not watched.changed()
    write_text(file, "one")
    assert watched.changed()


def test_what_cannot_be_read_is_tried_again(file: Path) -> None:
    """As on a network's file system: it is there, and a read fails."""
    watched = Watched(file)
    file.unlink()
    file.mkdir()
    assert watched.changed()
    assert not watched.changed()
    file.rmdir()
    write_text(file, "two")
    assert watched.changed()
