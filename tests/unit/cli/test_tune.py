"""`spanwise tune`: what it refuses, and what it leaves."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from spanwise import console
from spanwise.cli.compose import write_params
from spanwise.cli.tune import tune
from spanwise.io import write_json
from spanwise.schema import Example, Labels
from spanwise.sides import write_sides

SPACE: dict[str, Any] = {
    "trials": 2,
    "epochs": 1,
    "documents": 0.5,
    "repeats": {"best": 1, "seeds": 1},
    "parameters": {
        "train.learning_rate": {"low": 0.001, "high": 0.03, "log": True},
        "train.layers.head_rate": {"choices": [1, 2]},
    },
}


@pytest.fixture
def repository(
    root: Path, tmp_path: Path, labels: Labels, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A repository with the settings of this one, the smallest model, and no test documents."""
    shutil.copytree(root / "conf", tmp_path / "conf")
    write_params(tmp_path / "conf", ["experiment=smoke"], tmp_path / "params.yaml")
    (tmp_path / "conf" / "search" / "quick.yaml").write_text(yaml.safe_dump(SPACE))
    splits = tmp_path / "data" / "splits"
    write_sides(splits, {"train": examples[:8], "validation": examples[8:]})
    write_json(splits / "labels.json", labels.model_dump())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    app = console.app("Tuning.")
    app.command()(console.command(lambda: None))  # so that `tune` is a command among others
    app.command("tune")(tune)
    result = CliRunner().invoke(app, ["tune", *words])
    return result.exit_code, result.output


def respace(repository: Path, **changes: Any) -> None:
    (repository / "conf" / "search" / "quick.yaml").write_text(yaml.safe_dump(SPACE | changes))


def test_a_search_leaves_a_preset_that_composes_to_the_winner(repository: Path) -> None:
    code, output = run("quick", "--strategy", "random", "--seed", "7")
    assert (code, "is the best of 2 trials" in output) == (0, True), output
    preset = repository / "conf" / "experiment" / "tuned-quick-random.yaml"
    trials = [
        yaml.safe_load(line) for line in (repository / "search" / "trials.jsonl").read_text().splitlines()
    ]
    best = yaml.safe_load((repository / "search" / "metrics.json").read_text())["best"]["trial"]
    write_params(repository / "conf", ["experiment=tuned-quick-random"], repository / "tuned.yaml")
    tuned = yaml.safe_load((repository / "tuned.yaml").read_text())
    settings = yaml.safe_load((repository / "params.yaml").read_text())
    assert tuned["train"]["learning_rate"] == trials[best]["values"]["train.learning_rate"]
    assert tuned["train"]["layers"]["head_rate"] == trials[best]["values"]["train.layers.head_rate"]
    changed = {"learning_rate": tuned["train"]["learning_rate"], "layers": tuned["train"]["layers"]}
    assert tuned["train"] == settings["train"] | changed, "what smoke changes of the recipe is kept"
    assert (tuned["model"], tuned["task"]) == (settings["model"], settings["task"])
    assert preset.read_text().startswith("# @package _global_\n")
    assert (repository / "reports" / "tuning.html").is_file()
    assert not (repository / "data" / "splits" / "test.jsonl").exists()


def test_options_take_the_place_of_the_budget(repository: Path) -> None:
    respace(repository, repeats={"best": 1, "seeds": 0})
    code, output = run("--trials", "1", "--epochs", "2", "--documents", "1", "--strategy", "bayesian")
    assert code == 0, output
    metrics = yaml.safe_load((repository / "search" / "metrics.json").read_text())
    assert (metrics["epochs"], metrics["documents"], metrics["trials"]["finished"]) == (2, 1.0, 1)
    assert metrics["gain"] is None


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"train.learning_rte": {"low": 1, "high": 2}}, "did you mean train.learning_rate?"),
        ({"corpus.name": {"choices": ["a", "b"]}}, "corpus.name is not a setting that a trial could change"),
        (
            {"train.dropout.hidden": {"low": 0.1, "high": 1.5}},
            "train.dropout.hidden = 1.5: Input should be less",
        ),
        (
            {"train.batch_size": {"choices": [4, 4.5]}},
            "train.batch_size = 4.5: Input should be a valid integer",
        ),
        ({"model.stride": {"choices": [8, 4000]}}, "must be at most half of max_length"),
    ],
)
def test_parameters_are_held_to_the_settings(
    repository: Path, parameters: dict[str, Any], reason: str
) -> None:
    respace(repository, parameters=parameters)
    code, output = run("quick")
    assert (code, reason in " ".join(output.split())) == (1, True), output


def test_a_space_that_is_unknown_is_refused(repository: Path) -> None:
    assert run("quik")[0] == 1
    assert "did you mean quick?" in run("quik")[1]


def test_without_a_split_it_says_how_to_make_one(repository: Path) -> None:
    shutil.rmtree(repository / "data")
    code, output = run()
    assert (code, "dvc repro tier-split" in output) == (1, True)


@pytest.mark.parametrize(
    ("strategy", "missing"), [("hyperband", "ray"), ("random", "optuna"), ("hyperband", "optuna")]
)
def test_an_extra_that_is_missing_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch, strategy: str, missing: str
) -> None:
    find, found = importlib.util.find_spec, importlib.util.find_spec("json")
    others = {"ray", "optuna"} - {missing}  # as if they were there, whatever is installed
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == missing else found if name in others else find(name),
    )
    code, output = run("quick", "--strategy", strategy)
    extra = {"ray": "ray", "optuna": "tune"}[missing]
    assert (code, f"'.[{extra}]'" in output) == (1, True)
