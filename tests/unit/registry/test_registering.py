"""What a commit must be to become a version: all in a real repository with a remote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.registry.ledger import read_ledger
from spanwise.registry.registering import Proposal, propose, register
from tests.unit.registry.worlds import DRAWING, World, damage, settings


def proposed(world: World, name: str, what: str, **options: Any) -> Proposal:
    given: dict[str, Any] = {"stale": {}, **options}
    return propose(world.root, name, world.commits.get(what, what), DRAWING, **given)


def registered(world: World, name: str, *what: str) -> list[str]:
    """Register commits one after another, each with the suggested version."""
    found = []
    for each in what:
        proposal = proposed(world, name, each)
        register(world.root, proposal, None)
        found.append(proposal.version)
    return found


def test_the_first_version_is_1_0_0_and_is_tagged(world: World) -> None:
    proposal = proposed(world, "ner", "first")
    assert proposal.suggestion is None
    assert register(world.root, proposal, None) == "ner@v1.0.0"
    assert world.tags() == ["ner@v1.0.0"]
    assert world.git("rev-parse", "ner@v1.0.0^{commit}") == world.commits["first"]
    assert read_ledger(world.root).of("ner")[0].message == "the first version"


def test_the_suggested_number_follows_what_changed(world: World) -> None:
    found = registered(world, "ner", "first", "same", "better", "worse", "relabelled")
    assert found == ["v1.0.0", "v1.0.1", "v1.1.0", "v1.2.0", "v2.0.0"]
    told = [event.message for event in read_ledger(world.root).versions("ner").values()][1:]
    starts = ("within chance: micro-F1 0.667 to 0.667", "better: ", "worse: ", "other labels: 1 gone, 1 new")
    for message, start in zip(told, starts, strict=True):
        assert message.startswith(start)


def test_models_of_several_tasks_come_from_one_repository(world: World) -> None:
    assert registered(world, "ner", "first", "better") == ["v1.0.0", "v1.1.0"]
    assert registered(world, "pii", "pii") == ["v1.0.0"]
    assert read_ledger(world.root).names == ("ner", "pii")


def test_a_number_or_a_version_may_be_chosen(world: World) -> None:
    registered(world, "ner", "first")
    assert proposed(world, "ner", "same", bump="major").version == "v2.0.0"
    assert proposed(world, "ner", "same", version="v3.1.4").version == "v3.1.4"


def test_an_experiment_is_registered_by_its_name(world: World) -> None:
    world.git("update-ref", f"refs/exps/{world.commits['first'][:2]}/{world.commits['first'][2:]}/quick-fox",
              world.commits["better"])  # fmt: skip
    proposal = proposed(world, "ner", "quick-fox")
    assert proposal.revision.commit == world.commits["better"]
    assert register(world.root, proposal, "by name") == "ner@v1.0.0"


# What is refused.


@pytest.mark.parametrize("name", ["Bad_Name", "ner/one", "1ner", "-ner", "ner@v1", ""])
def test_a_name_of_another_form_is_refused(name: str, world: World) -> None:
    with pytest.raises(UserError, match="is no name for a model"):
        proposed(world, name, "first")


def test_a_name_that_is_not_declared_is_refused(world: World) -> None:
    with pytest.raises(UserError, match="declares no artefact resumes: it has ner, pii"):
        proposed(world, "resumes", "first")


def test_the_commit_of_another_kind_of_task_is_refused(world: World) -> None:
    with pytest.raises(
        UserError, match=r"ner is of the kind ner, and the commit holds the task letters \(pii\)"
    ):
        proposed(world, "ner", "pii")
    with pytest.raises(
        UserError, match=r"pii is of the kind pii, and the commit holds the task notes \(ner\)"
    ):
        proposed(world, "pii", "first")


def test_a_task_that_the_artefact_does_not_take_is_refused(world: World) -> None:
    commit = world.record(5, chosen=settings("others"))
    with pytest.raises(UserError, match="ner takes notes, and the commit holds the task others"):
        proposed(world, "ner", commit)


def test_a_network_that_the_artefact_does_not_take_is_refused(world: World) -> None:
    commit = world.record(5, chosen=settings("letters", "pii", "huge"))
    with pytest.raises(UserError, match="pii takes tiny, and the commit's network is huge"):
        proposed(world, "pii", commit)


def test_a_stored_network_that_is_not_that_of_the_settings_is_refused(world: World) -> None:
    commit = world.record(5, learner={"config.json": json.dumps({"hidden_size": 64})})
    with pytest.raises(UserError, match="has hidden_size = 64, and that of the settings has 32"):
        proposed(world, "ner", commit)


def test_a_vocabulary_may_have_grown(world: World) -> None:
    commit = world.record(5, learner={"config.json": json.dumps({"vocab_size": 40000})})
    assert proposed(world, "ner", commit).version == "v1.0.0"


def test_a_commit_has_one_version(world: World) -> None:
    registered(world, "ner", "first")
    with pytest.raises(UserError, match=r"this commit is ner v1.0.0 already"):
        proposed(world, "ner", "first")


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("v1.0.0", "v1.0.0 is taken by commit"),
        ("v0.9.0", "v0.9.0 is below v1.0.0, the highest version"),
        ("2.0.0", "2.0.0 is no version"),
    ],
)
def test_a_version_that_cannot_be_is_refused(version: str, reason: str, world: World) -> None:
    registered(world, "ner", "first")
    with pytest.raises(UserError, match=reason):
        proposed(world, "ner", "better", version=version)


def test_results_that_are_out_of_date_are_refused(world: World) -> None:
    with pytest.raises(UserError, match=r"out of date: train \(run.py modified\)"):
        proposed(world, "ner", "first", stale={"train": ["run.py modified"]})


def test_a_commit_that_is_unknown_is_refused(world: World) -> None:
    with pytest.raises(UserError, match="neither a revision nor an experiment"):
        proposed(world, "ner", "nowhere")


def test_a_pipeline_that_does_not_write_the_artefact_is_refused(world: World) -> None:
    pipeline = (world.root / "dvc.yaml").read_text()
    world.history.write({"dvc.yaml": pipeline.replace("path: models/learner", "path: models/other")})
    with pytest.raises(UserError, match="writes models/other"):
        proposed(world, "ner", world.history.commit())


@pytest.mark.parametrize("meta", ["kind: nerd", "kind: ner\n      stage: prod", "tasks: [notes]"])
def test_a_declaration_that_is_none_is_refused(meta: str, world: World) -> None:
    text = f"artifacts:\n  ner:\n    path: models/learner\n    type: model\n    meta:\n      {meta}\n"
    pipeline = (world.root / "dvc.yaml").read_text()
    world.history.write({"dvc.yaml": pipeline[: pipeline.index("artifacts:")] + text})
    with pytest.raises(UserError, match=r"artifacts\.ner\.meta"):
        proposed(world, "ner", world.history.commit())


def test_a_commit_without_settings_is_refused(world: World) -> None:
    world.git("rm", "-q", "params.yaml")
    with pytest.raises(UserError, match=r"has no params.yaml"):
        proposed(world, "ner", world.history.commit())


# Bytes in the remote.


@pytest.mark.parametrize("path", ["models/learner", "models/calibration.json", "reports/model_card.md"])
def test_what_was_never_pushed_is_refused(path: str, world: World) -> None:
    world.objects(world.commits["first"], path)[0].unlink()
    with pytest.raises(UserError, match=f"{path}: is not in the remote"):
        proposed(world, "ner", "first")


def test_one_missing_file_of_a_folder_is_found_although_dvc_calls_it_in_sync(world: World) -> None:
    for path in world.objects(world.commits["first"], "models/learner")[1:]:
        if path.read_text() == "weights 5":
            path.unlink()
    with pytest.raises(UserError, match=r"models/learner: model.safetensors is not in the remote"):
        proposed(world, "ner", "first")


def test_damaged_bytes_are_found_when_they_are_read(world: World) -> None:
    folder, *_, last = world.objects(world.commits["first"], "models/learner")
    damage(last)
    assert proposed(world, "ner", "first").version == "v1.0.0"
    with pytest.raises(UserError, match="is damaged in the remote"):
        proposed(world, "ner", "first", deep=True)
    damage(folder)
    with pytest.raises(UserError, match="models/learner: is damaged in the remote"):
        proposed(world, "ner", "first")


def test_a_repository_without_a_remote_is_refused(world: World) -> None:
    (world.root / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
    with pytest.raises(UserError, match="no remote is set"):
        proposed(world, "ner", "first")


def test_a_remote_that_is_not_known_is_told(world: World) -> None:
    with pytest.raises(UserError, match="the remote elsewhere cannot be read"):
        proposed(world, "ner", "first", remote="elsewhere")


def test_a_clone_without_data_registers_as_well(world: World) -> None:
    world.forget_cache()
    assert proposed(world, "ner", "first", deep=True).version == "v1.0.0"
