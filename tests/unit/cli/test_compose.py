"""`spanwise compose`: the same file as DVC's, clear refusals, and nothing written when refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from spanwise.cli.compose import compose, write_params
from spanwise.errors import UserError, UserErrors

ROOT = Path(__file__).parents[3]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A copy of the settings, to be spoilt."""
    return Path(shutil.copytree(ROOT / "conf", tmp_path / "conf"))


def composed(conf: Path, *overrides: str) -> dict[str, Any]:
    output = conf.parent / "params.yaml"
    write_params(conf, overrides, output)
    values = yaml.safe_load(output.read_text(encoding="utf-8"))
    assert isinstance(values, dict)
    return values


def refused(conf: Path, *overrides: str) -> UserError:
    """The refusal of overrides, after a check that it left the old file alone."""
    output = conf.parent / "params.yaml"
    output.write_text("old")
    with pytest.raises(UserError) as caught:
        write_params(conf, overrides, output)
    assert output.read_text() == "old"
    assert sorted(path.name for path in conf.parent.iterdir()) == ["conf", "params.yaml"]
    return caught.value


def test_overrides_lie_over_groups_and_groups_over_the_rest(conf: Path) -> None:
    default = composed(conf)
    changed = composed(conf, "task=maccrobat", "train.epochs=3", "seed=7", "split.sizes.train=100")
    assert (default["task"]["name"], changed["task"]["name"]) == ("casenotes", "maccrobat")
    assert (changed["train"]["epochs"], changed["seed"]) == (3, 7)
    assert changed["split"]["sizes"] == {"train": 100, "validation": 15, "test": 15}
    assert changed["split"]["folds"] == 5


def test_an_experiment_lies_over_the_groups_and_picks_them(conf: Path) -> None:
    preset = composed(conf, "experiment=smoke")
    assert preset["model"]["name"] == "tiny"
    assert preset["train"]["warmup_steps"] == 0
    assert preset["train"]["batch_size"] == composed(conf)["train"]["batch_size"]
    assert composed(conf, "experiment=smoke", "train.warmup_steps=5")["train"]["warmup_steps"] == 5


@pytest.mark.parametrize(("name", "rate"), [("phase1-lr2e-5", 2e-5), ("phase1-lr5e-5", 5e-5)])
def test_the_plans_recipe_is_the_plans(name: str, rate: float, conf: Path) -> None:
    preset = composed(conf, f"experiment={name}")
    train = preset["train"]
    assert (train["learning_rate"], train["batch_size"], train["warmup_steps"]) == (rate, 16, 500)
    assert train["weight_decay"] == 0.01
    assert 3 <= train["epochs"] <= 5
    assert preset["split"]["folds"] is None
    assert preset["split"]["sizes"] == {"train": 170, "validation": 15, "test": 15}


def test_composing_again_gives_the_same_bytes(conf: Path) -> None:
    output = conf.parent / "params.yaml"
    composed(conf, "train.learning_rate=3e-4")
    first = output.read_bytes()
    composed(conf, "train.learning_rate=3e-4")
    assert output.read_bytes() == first


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epoch=3", "train.epoch is not a setting: did you mean epochs? valid: adapter, augmentation,"),
        ("split.sizes.dev=3", "split.sizes.dev is not a setting: valid: test, train, validation"),
        ("mode=minilm", "mode is not a setting: did you mean model? valid: benchmark,"),
        (
            "epochs=3",
            "epochs is not a setting: valid: benchmark, bootstrap, comparison, confidence, corpus,",
        ),
        ("+train.extra=1", "train.extra is not a setting"),
        ("seed.part=1", "cannot be composed"),
        (
            "model=minil",
            "model = minil: no such option; did you mean minilm? valid: bio-clinicalbert, biobert,",
        ),
        ("experiment=nothing", "experiment = nothing: no such option; valid: ablation/"),
        ("experiment=[smoke,nothing]", "experiment = nothing: no such option"),
        ("task=null", "task = null: no such option; valid: casenotes, compression-chat, dotin-resumes"),
        ("split.tiers.rare=5", "cannot be composed: Could not override 'split.tiers.rare'"),
        ("train.epochs=-1", "train.epochs = -1: Input should be greater than 0"),
        ("train.epochs=many", "train.epochs = 'many': Input should be a valid integer"),
        ("~train.epochs", "train.epochs is missing"),
        ("train.epochs=1,2", "train.epochs=1,2: several values"),
        ("seed=range(0,5)", "seed=range(0,5): several values"),
        ("train.epochs=[", "'train.epochs=[' is not an override"),
        ("train.epochs", "'train.epochs' is not an override"),
    ],
)
def test_a_wrong_override_is_refused_with_what_is_valid(override: str, message: str, conf: Path) -> None:
    assert message in str(refused(conf, override))


def test_an_unknown_option_names_the_folder_of_the_options(conf: Path) -> None:
    assert refused(conf, "model=minil").path == conf / "model"


def test_a_sweep_is_sent_to_dvc(conf: Path) -> None:
    assert refused(conf, "seed=1,2").hint == "Sweep with `dvc exp run -S 'seed=1,2' --queue`."


def test_all_wrong_overrides_are_told_at_once(conf: Path) -> None:
    error = refused(conf, "model=minil", "train.epoch=3", "seed=5")
    assert isinstance(error, UserErrors)
    assert len(error.errors) == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("config.yaml", "samples: 1000", "samples: 0", "bootstrap.samples"),
        ("train/base.yaml", "epochs: 12", "epochs: 0", "train.epochs"),
        ("train/base.yaml", "epochs: 12", "epochs: 12\nepoch: 3", "train.epoch"),
        ("task/casenotes.yaml", "kind: ner", "kind: [ner]", "task.kind"),
    ],
)
def test_a_wrong_setting_in_conf_is_found_in_its_file(
    file: str, old: str, new: str, key: str, conf: Path
) -> None:
    text = (conf / file).read_text(encoding="utf-8")
    assert old in text
    (conf / file).write_text(text.replace(old, new), encoding="utf-8")
    error = refused(conf)
    assert error.path == conf / file
    assert error.reason.startswith(f"{key} ")


def test_a_wrong_setting_in_an_experiment_is_found_in_its_file(conf: Path) -> None:
    preset = conf / "experiment/folder/own.yaml"
    preset.parent.mkdir()
    preset.write_text("# @package _global_\ntrain: {epochs: 0}\n")
    error = refused(conf, "experiment=folder/own")
    assert error.path == preset
    assert refused(conf, "experiment=[smoke,folder/own]").path == preset


def test_a_wrong_override_has_no_file(conf: Path) -> None:
    assert refused(conf, "train.epochs=0").path is None


def test_a_setting_that_no_file_gives_is_looked_for_in_the_folder(conf: Path) -> None:
    base = conf / "train/base.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("epochs: 12\n", ""), encoding="utf-8")
    error = refused(conf)
    assert (error.reason, error.path) == ("train.epochs is missing", conf)


def test_broken_yaml_in_conf_is_refused(conf: Path) -> None:
    (conf / "train/base.yaml").write_text("epochs: [1\n")
    assert "cannot be composed" in str(refused(conf))


def test_a_folder_without_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file") as caught:
        write_params(tmp_path, [], tmp_path / "params.yaml")
    assert caught.value.path == tmp_path / "config.yaml"


def test_settings_are_written_as_yaml_only(conf: Path) -> None:
    with pytest.raises(UserError, match=r"settings are written as \.yaml"):
        write_params(conf, [], conf.parent / "params.json")


@pytest.mark.usefixtures("without_dvc")
def test_without_dvc_the_way_to_get_it_is_told(conf: Path) -> None:
    with pytest.raises(UserError, match="pipeline"):
        write_params(conf, [], conf.parent / "params.yaml")


def test_the_command_writes_params_yaml_beside_conf(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = typer.Typer()
    program.command()(compose)
    monkeypatch.chdir(conf.parent)
    assert CliRunner().invoke(program, ["train.epochs=3"]).exit_code == 0
    assert yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["train"]["epochs"] == 3

    done = CliRunner().invoke(program, ["train.epoch=3"])
    assert done.exit_code == 1
    assert done.stderr.startswith("error: train.epoch is not a setting")
    assert yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["train"]["epochs"] == 3


def test_dvc_exp_run_writes_the_same_bytes(conf: Path) -> None:
    """The file is DVC's own: `dvc exp run` after `spanwise compose` finds nothing changed."""
    root = conf.parent
    overrides = ["experiment=smoke", "train.learning_rate=3e-4", "seed=5"]
    write_params(conf, overrides, root / "params.yaml")
    ours = (root / "params.yaml").read_bytes()

    (root / "dvc.yaml").write_text(
        "stages: {copy: {cmd: cp params.yaml out.yaml, params: [train], outs: [out.yaml]}}"
    )
    home = root / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "DVC_NO_ANALYTICS": "1"}
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    dvc = [sys.executable, "-m", "dvc"]
    options = [word for override in overrides for word in ("-S", override)]
    for words in (
        ["git", "init", "-q"],
        [*dvc, "init", "-q"],
        [*dvc, "config", "hydra.enabled", "true"],
        ["git", "add", "-A"],
        ["git", *identity, "commit", "-q", "-m", "first"],
        [*dvc, "exp", "run", "-q", *options],
    ):
        done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (root / "params.yaml").read_bytes() == ours
