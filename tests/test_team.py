"""Two people, one repository: one trains a grid, the other takes the best of it and trains nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.test_end_to_end import attempts, commit, run

pytestmark = pytest.mark.slow

RATES = ("1e-3", "2e-3")  # other than that of the commit they start from
MODELS = ("tiny", "tinier")


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A log for the guard of the end-to-end tests, which must stay empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFLINE_LOG", str(tmp_path_factory.mktemp("offline") / "attempts.log"))
        yield
        assert not (refused := attempts()), refused


@pytest.fixture(scope="module")
def anna(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anna's clone of this project, on the golden notes, with a git and a DVC remote beside it."""
    folder = tmp_path_factory.mktemp("team")
    clone = folder / "anna"
    run(folder, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    names = run(root, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout
    for name in filter(None, names.split("\0")):
        if (root / name).is_file() and not name.startswith(("tests/", "metrics/", "plots/", "dvc.lock")):
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, clone / name)
    identify(clone, "Anna", initial=True)
    run(clone, "git", "remote", "add", "origin", "../origin.git")
    run(clone, "dvc", "remote", "add", "--default", "store", str(folder / "store"))
    run(clone, "dvc", "remote", "modify", "store", "verify", "true")
    second = yaml.safe_load((clone / "conf" / "model" / "tiny.yaml").read_text())
    second["name"] = "tinier"
    second["architecture"]["num_hidden_layers"] = 1
    second["parameters"] = 1010304 - LAYER
    (clone / "conf" / "model" / "tinier.yaml").write_text(yaml.safe_dump(second))
    notes = str(root / "tests" / "golden" / "ner" / "corpus")
    run(clone, "spanwise", "corpus", "add", "golden", "--from", notes, "--format", "brat")
    run(clone, "spanwise", "compose", "task=golden", "experiment=smoke")
    commit(clone, "golden notes")
    run(clone, "dvc", "repro")
    commit(clone, "reproduced")
    run(clone, "git", "push", "-q", "--set-upstream", "origin", "main")
    run(clone, "dvc", "push")
    return clone


# Of a BERT layer of hidden size 32 and intermediate size 64: queries, keys, values and their output; up and
# down; two normalisations.
LAYER = 4 * (32 * 32 + 32) + (32 * 64 + 64) + (64 * 32 + 32) + 2 * 2 * 32


def identify(clone: Path, name: str, *, initial: bool = False) -> None:
    """Give a clone its owner's name."""
    if initial:
        run(clone, "git", "init", "-q", "-b", "main")
    run(clone, "git", "config", "user.name", name)
    run(clone, "git", "config", "user.email", f"{name.lower()}@example.org")


def headline(clone: Path) -> float:
    return float(json.loads((clone / "metrics" / "evaluate.json").read_text())["test"]["headline"])


@pytest.fixture(scope="module")
def grid(anna: Path) -> list[str]:
    """The names of the experiments that Anna has queued, run and pushed."""
    run(
        anna, "dvc", "exp", "run", "--queue",
        "-S", "task=golden", "-S", "experiment=smoke",
        "-S", f"model={','.join(MODELS)}", "-S", f"train.learning_rate={','.join(RATES)}",
    )  # fmt: skip
    waited = run(anna, "spanwise", "sweep", "--jobs", "2").stdout
    assert waited.splitlines()[-1] == "4 succeeded"
    names = run(anna, "dvc", "exp", "list", "--name-only").stdout.split()
    run(anna, "dvc", "exp", "push", "origin", *names)
    return names


@pytest.fixture(scope="module")
def ben(anna: Path, grid: list[str]) -> Path:
    """Ben's clone, which has neither the corpus nor a run cache, with the experiments pulled."""
    clone = anna.parent / "ben"
    run(anna.parent, "git", "clone", "-q", "origin.git", "ben")
    identify(clone, "Ben")
    run(clone, "dvc", "pull")
    run(clone, "dvc", "exp", "pull", "origin", *grid)
    return clone


def test_a_grid_of_two_models_and_two_rates_is_trained(anna: Path, grid: list[str]) -> None:
    assert len(grid) == 4
    trained = set()
    for name in grid:
        params = yaml.safe_load(run(anna, "git", "show", f"{reference(anna, name)}:params.yaml").stdout)
        trained.add((params["model"]["name"], params["train"]["learning_rate"]))
    assert trained == {(model, float(rate)) for model in MODELS for rate in RATES}


def reference(clone: Path, name: str) -> str:
    """The git reference that DVC keeps an experiment under."""
    found = run(clone, "git", "for-each-ref", "--format=%(refname)", "refs/exps").stdout.split()
    return next(each for each in found if each.endswith(f"/{name}"))


def test_the_other_clone_lists_and_compares_what_was_pushed(ben: Path, grid: list[str]) -> None:
    assert sorted(run(ben, "dvc", "exp", "list", "--name-only").stdout.split()) == sorted(grid)
    done = run(ben, "spanwise", "compare", "HEAD", *grid, "-o", "comparison")
    for name in grid:
        assert name in done.stdout
    shutil.rmtree(ben / "comparison")


def test_the_best_is_applied_and_nothing_is_trained_again(ben: Path, grid: list[str]) -> None:
    scores = {}
    for name in grid:
        shown = run(ben, "git", "show", f"{reference(ben, name)}:metrics/evaluate.json").stdout
        scores[name] = json.loads(shown)["test"]["headline"]
    best = max(sorted(scores), key=lambda name: scores[name])
    run(ben, "dvc", "exp", "apply", best)
    assert headline(ben) == scores[best]
    assert not (ben / ".dvc" / "cache" / "runs").exists()
    dry = run(ben, "dvc", "repro", "--dry").stdout
    assert "Running stage" not in dry
    assert "up to date" in dry
    assert "up to date" in run(ben, "dvc", "repro").stdout
    assert not (ben / ".checkpoints").exists()

    run(ben, "git", "switch", "-q", "-c", "better-model")
    commit(ben, f"take {best}")
    run(ben, "git", "push", "-q", "--set-upstream", "origin", "better-model")
    assert run(ben, "git", "diff", "--name-only", "main", "--", "dvc.lock").stdout.split() == ["dvc.lock"]
    report = run(ben, "spanwise", "pr-report", "origin/main").stdout
    assert "`train.learning_rate`" in report
    assert "micro-F1" in report
    assert "The lock is up to date" in report
    # What is pushed can be pulled by a third.
    third = ben.parent / "third"
    run(ben.parent, "git", "clone", "-q", "--branch", "better-model", "origin.git", "third")
    run(third, "dvc", "pull")
    assert headline(third) == scores[best]
