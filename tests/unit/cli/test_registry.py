"""`spanwise registry`: what the commands say and do, in a real repository; see also tests/unit/registry/."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from spanwise.cli.registry import app
from spanwise.deployment import read_deployment, write_deployment
from spanwise.package import digests
from spanwise.registry.known import TEXTS, folder_digest
from spanwise.schema import Labels
from tests.unit.registry.test_verification import Told, telling
from tests.unit.registry.worlds import World, copied, make_world
from tests.unit.service.operations.packages import tagger_package


@pytest.fixture(scope="module")
def template(settings_of_its_own: None, tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(template: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of it, which is the working directory, at the commit whose model is better."""
    world = copied(template, tmp_path)
    world.git("checkout", "-q", world.commits["better"])
    monkeypatch.chdir(world.root)
    return world


def invoke(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.output


def register(world: World, *what: str, name: str = "ner") -> None:
    for each in what:
        invoke("register", name, world.commits[each])


def test_a_model_goes_from_its_registration_to_production_and_back(world: World, tmp_path: Path) -> None:
    deployed = str(tmp_path / "deployed")
    assert "ner v1.0.0: commit" in invoke("register", "ner", world.commits["first"])
    assert "ner v1.1.0: commit" in (told := invoke("register", "ner"))
    assert "suggested after v1.0.0: minor, better: micro-F1 0.667 to 0.889" in told
    assert "`git push origin 'ner@v1.1.0'` shares it" in told
    told = invoke("promote", "ner", "v1.0.0", "--stage", "prod")
    assert "open: minimum" not in told  # the settings name none
    assert "prod: ner v1.0.0, tag ner#prod#1" in told
    told = invoke("promote", "ner", "--stage", "prod", "--deploy", deployed)
    assert "no known answer of ner v1.1.0: no such file" in told  # nothing here can be loaded
    assert "open: regression: better" in told
    assert "prod: ner v1.1.0 in the place of v1.0.0" in told
    invoke("export", deployed)
    told = invoke("rollback", "ner", "--stage", "prod", "--reason", "it is slow", "--deploy", deployed)
    assert "prod: ner v1.0.0 in the place of v1.1.0, tag ner#prod#3" in told
    assert "fetched" not in told
    assert read_deployment(Path(deployed)).models["ner"].stages == {"prod": "v1.0.0"}
    assert "stands in prod already" in invoke("promote", "ner", "v1.0.0", "--stage", "prod")


def test_a_dry_run_makes_no_tag(world: World) -> None:
    assert "ner v1.0.0 would be commit" in invoke("register", "ner", "--dry-run")
    assert world.tags() == []


def test_a_pushed_tag_is_in_the_remote(world: World, tmp_path: Path) -> None:
    world.git("init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    world.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    assert "shares it" not in invoke("register", "ner", "--push")
    invoke("promote", "ner", "--stage", "staging", "--push")
    told = world.git("ls-remote", "--refs", "origin").splitlines()
    assert sorted(line.rpartition("/")[2] for line in told) == ["ner#staging#1", "ner@v1.0.0"]


def test_what_is_refused_ends_with_one(world: World) -> None:
    assert "is no name for a model" in invoke("register", "Bad_Name", code=1)
    assert "ner is of the kind ner" in invoke("register", "ner", world.commits["pii"], code=1)
    assert "--version or --bump" in invoke(
        "register", "ner", "--version", "v1.0.0", "--bump", "major", code=2
    )
    assert "is not registered" in invoke("promote", "ner", "--stage", "prod", code=1)
    assert "canary" in invoke("promote", "ner", "--stage", "canary", code=2)


def test_results_that_are_out_of_date_are_not_registered(world: World) -> None:
    world.history.write({"run.py": "# runs otherwise\n"})
    world.history.commit()
    assert "the results of HEAD are out of date" in invoke("register", "ner", code=1)


def test_a_reason_for_the_figures_is_told(world: World) -> None:
    register(world, "better", "worse")
    invoke("promote", "ner", "v1.0.0", "--stage", "prod")
    assert "regression: worse" in invoke("promote", "ner", "--stage", "prod", code=1)
    told = invoke("promote", "ner", "--stage", "prod", "--force", "the other one is gone")
    assert "FORCED: regression: worse" in told
    assert "forced: the other one is gone" in invoke("history", "ner", "--json")


def test_versions_are_shown_as_a_table_and_as_json(world: World) -> None:
    assert "Nothing is registered." in invoke("show")
    register(world, "first", "better")
    register(world, "pii", name="pii")
    invoke("promote", "ner", "v1.0.0", "--stage", "staging")
    invoke("deprecate", "ner", "v1.1.0", "--reason", "it leaks")
    world.git("tag", "-a", "Bad_Name@v1.0.0", "-m", "")
    lines = invoke("show").splitlines()
    assert lines[0].split() == ["name", "version", "stages", "deprecated", "registered", "commit"]
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["ner", "v1.1.0", "yes"],
        ["ner", "v1.0.0", "staging"],
        ["pii", "v1.0.0", lines[3].split()[2]],
    ]
    assert "Not of this registry: Bad_Name@v1.0.0" in lines[-1]
    shown = json.loads(invoke("show", "ner", "--json").partition("\nNot of")[0])
    assert [each["version"] for each in shown["versions"]] == ["v1.1.0", "v1.0.0"]
    assert shown["versions"][1]["stages"] == ["staging"]
    assert shown["versions"][1]["commit"] == world.commits["first"]


def test_the_history_is_told_from_the_last_on(world: World) -> None:
    register(world, "first")
    invoke("promote", "ner", "--stage", "prod", "--message", "it is good")
    rows = json.loads(invoke("history", "ner", "--json"))
    assert [row["act"] for row in rows] == ["assigned", "registered"]
    assert rows[0]["tag"] == "ner#prod#1"
    assert invoke("history", "ner", "--stage", "staging").split() == [
        "at", "act", "version", "stage", "author", "message",
    ]  # fmt: skip
    assert "it is good" in invoke("history", "ner", "--stage", "prod")


def test_a_version_is_fetched(world: World, tmp_path: Path) -> None:
    register(world, "first")
    told = invoke("get", "ner", "--version", "v1.0.0", "-o", str(tmp_path / "got"))
    assert f"ner v1.0.0, {len(digests(tmp_path / 'got'))} files" in told


def test_exporting_tells_what_it_did(world: World, tmp_path: Path) -> None:
    register(world, "first", "better")
    register(world, "pii", name="pii")
    folder = str(tmp_path / "deployed")
    assert "fetched ner v1.0.0" in invoke("export", folder, "--keep", "2", "--name", "ner")
    assert "says so already" in invoke("export", folder, "--keep", "2", "--name", "ner")
    told = invoke("export", folder, "--prune", "--deep")
    assert "deleted ner v1.0.0" in told
    assert "fetched pii v1.0.0" in told


def test_the_page_is_written(world: World) -> None:
    register(world, "first")
    assert "1 model: reports/registry.html" in invoke("page", "--title", "Ours")
    assert "<h1>Ours</h1>" in Path("reports/registry.html").read_text()


def test_a_service_is_compared_with_the_deployment(world: World, tmp_path: Path) -> None:
    register(world, "first", "better")
    invoke("promote", "ner", "v1.0.0", "--stage", "prod", "--deploy", str(tmp_path))
    digest = folder_digest(read_deployment(tmp_path).models["ner"].versions["v1.0.0"].files)
    state: dict[str, Any] = {
        "name": "ner", "version": "v1.0.0", "state": "ready", "stages": ["prod"], "digest": digest,
    }  # fmt: skip
    told = Told([state], {})
    with telling(told) as url:
        words = ("verify", url, "--deployed", str(tmp_path))
        assert f"{url} runs ner v1.0.0" in invoke(*words)
        assert "nothing is deployed in staging" in invoke(*words, "--stage", "staging", code=1)
        told.state = [{**state, "digest": "b" * 64}]
        assert "does not run what it should: ner v1.0.0 has the digest" in invoke(
            *words, "--wait", "0.3", code=1
        )
        assert len(told.asked) > 2
        invoke("promote", "ner", "v1.1.0", "--stage", "prod")
        assert "the deployment is behind: the tags put ner v1.1.0 into prod" in invoke(*words, code=1)


def test_without_a_repository_the_tags_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.registry.test_verification import STATE, deployment

    monkeypatch.chdir(tmp_path)
    write_deployment(tmp_path, deployment())
    with telling(Told([STATE], {})) as url:
        told = invoke("verify", url, "--deployed", ".")
    assert "not compared with the tags: no git repository" in told
    assert f"{url} runs ner v1.0.0" in told


@pytest.mark.slow
def test_known_answers_come_from_the_deployed_model(world: World, labels: Labels, tmp_path: Path) -> None:
    package = tagger_package(tmp_path / "package", labels)
    learner = world.root / "models" / "learner"
    shutil.rmtree(learner)
    shutil.copytree(package, learner, ignore=shutil.ignore_patterns("calibration.json", "metrics"))
    calibration = (package / "calibration.json").read_text()
    pipeline = (world.root / "dvc.yaml").read_text()
    world.git("checkout", "-q", "-B", "trained", world.commits["first"])
    world.history.write({"dvc.yaml": pipeline})
    commit = world.record(9, learner={}, files={"models/calibration.json": calibration})
    invoke("register", "ner", commit)
    assert "no known answer" not in invoke("export", str(tmp_path / "deployed"))
    version = read_deployment(tmp_path / "deployed").models["ner"].versions["v1.0.0"]
    assert version.known is not None
    assert version.known.text in TEXTS["ner"]
