"""What a commit says of its model, also where it says it badly; and models that write."""

from __future__ import annotations

import json

import pytest

from spanwise.errors import UserError
from spanwise.experiments import Experiment
from spanwise.registry.figures import change
from spanwise.registry.snapshot import Snapshot, snapshot
from tests.unit.registry.worlds import DRAWING, World


def measured(chrf: float) -> str:
    """`metrics/evaluate.json` of answers."""
    figures = {
        "answers": 6,
        "chrf": {"value": chrf, "low": chrf - 0.01, "high": chrf + 0.01},
        "loss": {"value": 1.0, "low": 0.9, "high": 1.1},
    }
    return json.dumps({"test": {"documents": 6, "answers": {"all": figures, "strata": {}}}})


def answers(chrf: float) -> str:
    """`data/predictions/test.jsonl` of answers."""
    lines = [
        {
            "id": f"q{number}", "group": f"topic{number}", "reference": "yes",
            "attributes": {"loss": {"nll": 1.0, "tokens": 3}, "judged": {"measures": {"chrf": chrf}}},
        }
        for number in range(6)
    ]  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in lines)


def written(world: World, found: int, chrf: float) -> str:
    files = {"metrics/evaluate.json": measured(chrf), "data/predictions/test.jsonl": answers(chrf)}
    return world.record(found, files=files)


def read(world: World, commit: str) -> Snapshot:
    with snapshot(world.root, Experiment(commit[:7], commit)) as found:
        return found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "DVC refuses: .*corrupted"),
        ("- a", "DVC refuses: .*expected a dictionary"),
        ("task: {name: notes, kind: ner}", "model: Field required"),
    ],
)
def test_settings_that_are_none_are_told(text: str, reason: str, world: World) -> None:
    world.history.write({"params.yaml": text})
    with pytest.raises(UserError, match=reason):
        read(world, world.history.commit())


def test_models_that_write_are_told_and_compared_by_chrf(world: World) -> None:
    commits = written(world, 5, 0.3), written(world, 6, 0.4)
    assert read(world, commits[0]).figures | {"ece": 0, "automation": 0} == {
        "chrf": 0.3, "chrf_low": 0.29, "chrf_high": 0.31, "ece": 0, "automation": 0,
    }  # fmt: skip
    with (
        snapshot(world.root, Experiment("old", commits[0])) as old,
        snapshot(world.root, Experiment("new", commits[1])) as new,
        snapshot(world.root, Experiment("other", world.commits["first"])) as other,
    ):
        assert change(old, new, DRAWING).verdict == "better"
        assert "paired" in change(old, new, DRAWING).told
        found = change(other, new, DRAWING)
    assert found.verdict == "unknown"
    assert found.told.startswith("one is told in micro-F1, the other in ")


def test_a_score_that_is_none_has_no_figures(world: World) -> None:
    commit = world.record(5, files={"metrics/evaluate.json": "{}", "metrics/confidence.json": "{}"})
    assert read(world, commit).figures == {}
