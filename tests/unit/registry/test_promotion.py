"""Promotion, rollback and deprecation, with tags in a real repository."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.registry.figures import suggest
from spanwise.registry.gates import Gates
from spanwise.registry.ledger import read_ledger
from spanwise.registry.promotion import promote
from spanwise.registry.rollback import Move, deprecate, roll_back
from spanwise.registry.snapshot import snapshot
from spanwise.registry.tagging import tag_version
from tests.unit.registry.worlds import DRAWING, World, settings

ALL = Gates(minimum={"ner": 0.6})


@pytest.fixture
def versions(world: World) -> World:
    """Four versions of `ner`: v1.0.0, v1.0.1 (the same), v1.1.0 (better) and v1.2.0 (worse); one of `pii`."""
    numbers = {"first": "v1.0.0", "same": "v1.0.1", "better": "v1.1.0", "worse": "v1.2.0"}
    for what, version in numbers.items():
        tag_version(world.root, "ner", version, world.commits[what], what, push=False)
    tag_version(world.root, "pii", "v1.0.0", world.commits["pii"], "pii", push=False)
    return world


def to_prod(world: World, version: str | None, gates: Gates = ALL, **options: Any) -> Move:
    return promote(world.root, "ner", version, "prod", gates=gates, drawing=DRAWING, **options)


def registered(world: World, version: str, found: int, **options: Any) -> str:
    commit = world.record(found, **options)
    return tag_version(world.root, "ner", version, commit, "", push=False)


def message(world: World, tag: str | None) -> str:
    return world.git("tag", "-l", "--format=%(contents)", str(tag))


def test_a_version_that_passes_all_gates_is_put_there(versions: World) -> None:
    move = to_prod(versions, "v1.0.0")
    assert (move.version, move.before, move.tag) == ("v1.0.0", None, "ner#prod#1")
    assert [each.gate for each in move.passages] == ["remote", "calibration", "leak", "minimum", "regression"]
    assert all(each.passed for each in move.passages)
    assert read_ledger(versions.root).stages("ner") == {"prod": "v1.0.0"}
    assert "open: minimum: micro-F1 0.667, at least 0.600 is asked for" in message(versions, move.tag)


def test_without_a_version_it_is_the_highest_that_is_not_deprecated(versions: World) -> None:
    deprecate(versions.root, "ner", "v1.2.0", "it is worse")
    assert to_prod(versions, None).version == "v1.1.0"


def test_what_stands_there_already_gets_no_tag(versions: World) -> None:
    to_prod(versions, "v1.0.0")
    assert to_prod(versions, "v1.0.0").tag is None
    assert "ner#prod#2" not in versions.tags()


def test_stages_and_models_are_apart(versions: World) -> None:
    to_prod(versions, "v1.0.0")
    promote(versions.root, "ner", "v1.1.0", "staging", gates=ALL, drawing=DRAWING)
    promote(versions.root, "pii", "v1.0.0", "prod", gates=ALL, drawing=DRAWING)
    ledger = read_ledger(versions.root)
    assert ledger.stages("ner") == {"prod": "v1.0.0", "staging": "v1.1.0"}
    assert ledger.stages("pii") == {"prod": "v1.0.0"}


# Gates.


def test_below_the_minimum_it_is_refused(versions: World) -> None:
    with pytest.raises(UserError, match=r"minimum: micro-F1 0.462, at least 0.600 is asked for") as caught:
        to_prod(versions, "v1.2.0")
    assert "--force REASON" in str(caught.value.hint)
    assert read_ledger(versions.root).stages("ner") == {}


def test_a_regression_is_refused(versions: World) -> None:
    to_prod(versions, "v1.1.0")
    with pytest.raises(UserError, match=r"regression: worse: micro-F1 0.889 to 0.667 \(difference -0.222"):
        to_prod(versions, "v1.0.0")


def test_within_chance_is_no_regression(versions: World) -> None:
    to_prod(versions, "v1.0.0")
    move = to_prod(versions, "v1.0.1")
    assert move.passages[-1].reason.startswith("within chance")


def test_without_predictions_the_interval_decides(versions: World) -> None:
    for what in ("first", "worse"):  # the same one found what the first found
        versions.objects(versions.commits[what], "data/predictions")[0].unlink()
    versions.forget_cache()
    to_prod(versions, "v1.0.0")
    assert "interval 0.657 to 0.677" in to_prod(versions, "v1.0.1").passages[-1].reason
    with pytest.raises(UserError, match=r"regression: worse: micro-F1 0.667 to 0.462 \(interval"):
        to_prod(versions, "v1.2.0", Gates())


def test_other_test_documents_are_no_comparison(versions: World) -> None:
    to_prod(versions, "v1.0.0")
    registered(versions, "v2.0.0", 8, options={"corpus": "letter"})
    with pytest.raises(UserError, match=r"regression: unknown: .* of different test documents"):
        to_prod(versions, "v2.0.0")


def test_a_reason_opens_gates_of_figures_and_is_recorded(versions: World) -> None:
    to_prod(versions, "v1.1.0")
    move = to_prod(versions, "v1.2.0", force="the others time out")
    assert [each.gate for each in move.passages if not each.passed] == ["minimum", "regression"]
    told = message(versions, move.tag)
    assert "forced: the others time out" in told
    assert "shut: minimum: micro-F1 0.462" in told
    assert "shut: regression: worse" in told


def test_an_empty_reason_is_none(versions: World) -> None:
    with pytest.raises(UserError, match="minimum"):
        to_prod(versions, "v1.2.0", force="  ")


@pytest.mark.parametrize(
    ("files", "options", "reason"),
    [
        ({}, {"twins": 2}, "leak: 2 twins on both sides"),
        ({"metrics/tier_split.json": "{}"}, {}, "leak: metrics/tier_split.json tells of no check"),
    ],
)
def test_no_reason_opens_gates_of_content(
    files: dict[str, str], options: dict[str, Any], reason: str, versions: World
) -> None:
    registered(versions, "v2.0.0", 8, files=files, options=options)
    with pytest.raises(UserError, match=reason) as caught:
        to_prod(versions, "v2.0.0", force="in a hurry")
    assert "--force is no answer" in str(caught.value.hint)


def test_bytes_that_are_gone_from_the_remote_are_refused(versions: World) -> None:
    versions.objects(versions.commits["first"], "models/learner")[1].unlink()
    with pytest.raises(UserError, match=r"remote: models/learner: .* is not in the remote"):
        to_prod(versions, "v1.0.0", force="in a hurry")
    assert to_prod(versions, "v1.0.0", Gates(remote=False)).version == "v1.0.0"


def test_a_commit_without_calibration_is_refused(versions: World) -> None:
    commit = versions.commits["first"]
    versions.objects(commit, "models/calibration.json")[0].unlink()
    versions.forget_cache()
    with pytest.raises(UserError, match=r"calibration: the commit has no models/calibration.json"):
        to_prod(versions, "v1.0.0", Gates(remote=False), force="in a hurry")


def test_a_commit_without_a_score_is_refused(versions: World) -> None:
    registered(versions, "v2.0.0", 8, files={"metrics/evaluate.json": '{"test": {}}'})
    with pytest.raises(UserError, match="minimum: the commit has no score"):
        to_prod(versions, "v2.0.0")
    to_prod(versions, "v1.0.0")
    with pytest.raises(UserError, match=r"regression: unknown: ner v2.0.0 has no score"):
        to_prod(versions, "v2.0.0", Gates())


@pytest.mark.parametrize(
    ("least", "trust", "passes"),
    [
        ("assisted", {"automation": {"target_precision": 0.95}}, True),
        ("threshold", {"automation": {"target_precision": 0.95}}, False),
        ("assisted", {}, False),
        ("assisted", {"automation": {"share": 0.4}}, False),
    ],
)
def test_the_reports_verdict_may_be_asked_for(
    least: Any, trust: dict[str, Any], passes: bool, versions: World
) -> None:
    registered(versions, "v2.0.0", 8, files={"metrics/confidence.json": json.dumps({"test": trust})})
    gates = Gates(readiness={"ner": least})
    if passes:
        assert (
            to_prod(versions, "v2.0.0", gates).passages[-1].reason
            == "assisted, at least assisted is asked for"
        )
    else:
        with pytest.raises(
            UserError, match=r"readiness: (assisted, at least threshold|the commit's figures)"
        ):
            to_prod(versions, "v2.0.0", gates)


def test_gates_that_are_not_set_are_not_asked(versions: World) -> None:
    gates = Gates(regression=False, calibration=False, leak=False, remote=False)
    assert to_prod(versions, "v1.2.0", gates).passages == ()


def test_a_model_of_another_task_is_no_version_even_if_gto_made_it_one(versions: World) -> None:
    tag_version(versions.root, "ner", "v9.0.0", versions.commits["pii"], "by hand", push=False)
    with pytest.raises(UserError, match="ner is of the kind ner, and the commit holds the task letters"):
        to_prod(versions, "v9.0.0", force="in a hurry")


# Back.


def test_rolling_back_twice_goes_back_twice_and_then_ends(versions: World) -> None:
    for version in ("v1.0.0", "v1.0.1", "v1.1.0"):
        to_prod(versions, version)
    first = roll_back(versions.root, "ner", "prod", reason="it is slow")
    assert (first.before, first.version) == ("v1.1.0", "v1.0.1")
    assert message(versions, first.tag).splitlines()[:2] == ["it is slow", "rolled back from v1.1.0"]
    assert roll_back(versions.root, "ner", "prod").version == "v1.0.0"
    with pytest.raises(UserError, match="there is none to go back to"):
        roll_back(versions.root, "ner", "prod")
    assert read_ledger(versions.root).stages("ner") == {"prod": "v1.0.0"}


def test_rolling_back_asks_no_gate(versions: World) -> None:
    for version in ("v1.0.0", "v1.1.0"):
        to_prod(versions, version)
    versions.objects(versions.commits["first"], "models/learner")[0].unlink()
    assert roll_back(versions.root, "ner", "prod").version == "v1.0.0"


def test_a_version_that_stood_there_may_be_named(versions: World) -> None:
    for version in ("v1.0.0", "v1.0.1", "v1.1.0"):
        to_prod(versions, version)
    assert roll_back(versions.root, "ner", "prod", to="v1.0.0").version == "v1.0.0"
    assert roll_back(versions.root, "ner", "prod", to="v1.1.0").version == "v1.1.0"
    assert roll_back(versions.root, "ner", "prod", to="v1.1.0").tag is None
    with pytest.raises(UserError, match=r"ner v1.2.0 never stood in prod"):
        roll_back(versions.root, "ner", "prod", to="v1.2.0")


def test_an_empty_stage_has_no_way_back(versions: World) -> None:
    with pytest.raises(UserError, match="no version of ner stands in staging"):
        roll_back(versions.root, "ner", "staging")


# Deprecated.


def test_a_deprecated_version_cannot_be_promoted_nor_gone_back_to(versions: World) -> None:
    for version in ("v1.0.0", "v1.0.1", "v1.1.0"):
        to_prod(versions, version)
    assert deprecate(versions.root, "ner", "v1.0.1", "it leaks") == "ner@v1.0.1!"
    with pytest.raises(UserError, match=r"ner v1.0.1 is deprecated"):
        to_prod(versions, "v1.0.1", force="in a hurry")
    with pytest.raises(UserError, match=r"ner v1.0.1 is deprecated"):
        roll_back(versions.root, "ner", "prod", to="v1.0.1")
    assert roll_back(versions.root, "ner", "prod").version == "v1.0.0"


def test_what_stands_somewhere_is_not_deprecated(versions: World) -> None:
    to_prod(versions, "v1.0.0")
    with pytest.raises(UserError, match=r"ner v1.0.0 stands in prod") as caught:
        deprecate(versions.root, "ner", "v1.0.0", "it is old")
    assert caught.value.hint == "`spanwise registry rollback ner --stage prod` first."


def test_a_version_is_deprecated_once(versions: World) -> None:
    deprecate(versions.root, "pii", "v1.0.0", "it is old")
    with pytest.raises(UserError, match="is deprecated already"):
        deprecate(versions.root, "pii", "v1.0.0", "it is older")
    with pytest.raises(UserError, match="all versions of pii are deprecated"):
        promote(versions.root, "pii", None, "prod", gates=Gates(), drawing=DRAWING)


# Which number to raise, where no paired test can tell.


def suggested(world: World, before: str, after: str) -> tuple[str, str]:
    from spanwise.experiments import Experiment

    with (
        snapshot(world.root, Experiment("before", before)) as old,
        snapshot(world.root, Experiment("after", after)) as new,
    ):
        found = suggest(old, new, DRAWING)
    return found.bump, found.reason


def test_another_task_of_the_kind_is_a_major_change(world: World) -> None:
    commit = world.record(5, chosen=settings("others"))
    assert suggested(world, world.commits["first"], commit) == (
        "major",
        "another task: others in the place of notes",
    )


def test_another_network_of_the_same_score_is_a_minor_change(world: World) -> None:
    commit = world.record(5, chosen=settings(model="small"))
    bump, reason = suggested(world, world.commits["first"], commit)
    assert (bump, reason) == ("minor", "another network: small in the place of tiny")


def test_what_cannot_be_compared_is_a_minor_change(world: World) -> None:
    commit = world.record(5, options={"corpus": "letter"})
    bump, reason = suggested(world, world.commits["first"], commit)
    assert bump == "minor"
    assert reason.endswith("of different test documents")
