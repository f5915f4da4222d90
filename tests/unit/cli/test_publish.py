"""`spanwise publish`, from a real repository to a hub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spanwise.cli.publish import publish
from spanwise.registry.tagging import tag_version
from tests.unit.registry.hub import TOKEN, Hub, running_hub
from tests.unit.registry.worlds import World, begin

WORDS = ("ner", "--version", "v1.0.0", "--repo", "org/name")


@pytest.fixture
def world(settings_of_its_own: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One version of `ner`."""
    world = begin(tmp_path)
    tag_version(world.root, "ner", "v1.0.0", world.record(5), "", push=False)
    monkeypatch.chdir(world.root)
    return world


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with running_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield hub


def invoke(*words: str, code: int = 0) -> str:
    program = typer.Typer()
    program.command()(publish)
    result = CliRunner().invoke(program, words)
    assert result.exit_code == code, result.output
    return result.output


def test_without_push_it_tells_sizes_and_digests_and_asks_nobody(world: World, hub: Hub) -> None:
    told = invoke(*WORDS)
    assert "would go to org/name as v1.0.0; --push uploads them" in told
    assert "README.md" in told
    assert "model.safetensors" in told
    assert "predictions" not in told
    assert hub.requests == []


def test_pushed_it_is_on_the_hub_with_its_card_and_without_texts(world: World, hub: Hub) -> None:
    told = invoke(*WORDS, "--push")
    assert f"{hub.url}/org/name/commit/" in told
    assert TOKEN not in told
    assert b"# Found 5" in hub.files["README.md"]
    assert set(hub.tags) == {"v1.0.0"}
    assert not [path for path in hub.files if "predictions" in path or path.endswith(".jsonl")]
    assert hub.message == "ner v1.0.0"


def test_pushing_takes_a_token(world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert "publishing takes a token" in invoke(*WORDS, "--push", code=1)
    assert hub.requests == []


def test_what_is_not_registered_is_not_published(world: World, hub: Hub) -> None:
    assert "has no version v2.0.0" in invoke("ner", "--version", "v2.0.0", "--repo", "org/name", code=1)
    assert "is no repository on the hub" in invoke("ner", "--version", "v1.0.0", "--repo", "name", code=1)
