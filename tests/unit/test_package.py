"""A package, made from a real DVC repository whose stages are never run."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.package import Manifest, inspect, pack
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from tests.tiny import TINY

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

PIPELINE = """
stages:
  train:
    cmd: python train.py
    deps: [train.py, data/splits]
    params: [seed]
    outs: [models/learner]
    metrics: [metrics/train.json: {cache: false}]
  evaluate:
    cmd: python evaluate.py
    deps: [models/learner]
    outs: [data/predictions]
    metrics: [metrics/evaluate.json: {cache: false}]
  confidence:
    cmd: python confidence.py
    deps: [data/predictions]
    outs: [models/calibration.json]
  report:
    cmd: python report.py
    deps: [metrics/train.json, metrics/evaluate.json, models/calibration.json]
    outs: [reports/model_card.md]
"""
WRITTEN = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "seed: 13\n",
    "train.py": "# trains\n",
    "data/splits/test.jsonl": "{}\n",
    "data/predictions/test.jsonl": '{"id": "d1"}\n',
    "data/predictions/auxiliaries/one/test.jsonl": '{"id": "d2"}\n',
    "metrics/train.json": "{}\n",
    "metrics/evaluate.json": '{"test": {}}\n',
    "metrics/scratch.json": '{"written by": "no stage"}\n',
    "models/calibration.json": json.dumps({"method": "identity", "feature": "minimum", "spans": 9}),
    "reports/model_card.md": "---\nlibrary_name: transformers\n---\n\n# A model\n",
    ".gitignore": "/data\n/models\n/reports\n",
}
PACKED = [
    "README.md", "calibration.json", "config.json", "dvc.lock", "head.safetensors", "labels.json",
    "manifest.json", "metrics/evaluate.json", "metrics/train.json", "model.safetensors", "params.yaml",
    "tokenizer.json", "tokenizer_config.json", "windows.json",
]  # fmt: skip


def run(root: Path, *words: str) -> None:
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def template(labels: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed repository in which all is up to date."""
    root = tmp_path_factory.mktemp("template")
    for name, text in WRITTEN.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    Tagger.pretrained(labels, **TINY, seed=2, head="crf").save(root / "models" / "learner")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    run(root, sys.executable, "-m", "dvc", "init", "-q")
    run(root, sys.executable, "-m", "dvc", "commit", "-q", "--force")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", "reproduced")
    return root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "repository")


def packed(root: Path, folder: Path, *, with_predictions: bool = False) -> Manifest:
    return pack(root, folder, task="notes", model="tiny", with_predictions=with_predictions)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_package_holds_the_model_and_all_that_was_made_with_it(template: Path, tmp_path: Path) -> None:
    manifest = packed(template, tmp_path / "new" / "package")
    files = content(tmp_path / "new" / "package")
    stored = json.loads(files.pop("package.json"))
    assert sorted(files) == PACKED
    assert files["README.md"] == (template / "reports" / "model_card.md").read_bytes()
    assert files["calibration.json"] == (template / "models" / "calibration.json").read_bytes()
    assert stored == manifest.model_dump()
    assert stored["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert (stored["task"], stored["model"], stored["dirty"]) == ("notes", "tiny", False)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=template, capture_output=True, text=True, check=True
    )
    assert stored["commit"] == head.stdout.strip()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["package"]


def test_a_packaged_model_predicts_as_the_model_does(
    template: Path, tmp_path: Path, examples: list[Example]
) -> None:
    from transformers import AutoModelForTokenClassification

    packed(template, tmp_path / "package")
    there, here = (
        Predictor.load(folder, batch_tokens=256)
        for folder in (tmp_path / "package", template / "models/learner")
    )
    assert there.decoder.chain is not None
    assert list(there(examples)) == list(here(examples))
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path / "package")
    assert plain.config.num_labels == 5


def test_predictions_come_only_when_asked_for(template: Path, tmp_path: Path) -> None:
    packed(template, tmp_path / "package", with_predictions=True)
    assert sorted(content(tmp_path / "package").keys() - {"package.json"}) == sorted(
        [*PACKED, "predictions/auxiliaries/one/test.jsonl", "predictions/test.jsonl"]
    )


def test_the_same_repository_gives_the_same_package(template: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        packed(template, tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_files_are_writable_whatever_they_are_linked_to(repository: Path, tmp_path: Path) -> None:
    for path in (repository / "models" / "learner").iterdir():
        path.chmod(0o444)
    packed(repository, tmp_path / "package")
    assert all(path.stat().st_mode & 0o200 for path in (tmp_path / "package").iterdir())


# Folders.


def test_an_empty_folder_is_filled(template: Path, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    packed(template, tmp_path / "package")
    assert (tmp_path / "package" / "package.json").is_file()


@pytest.mark.parametrize("name", ["full", "full/file"])
def test_what_is_there_is_left_alone(name: str, template: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        packed(template, tmp_path / name)
    assert content(tmp_path) == {"full/file": b"mine"}


# Parts that do not belong together.


@pytest.mark.parametrize(
    ("path", "text", "stale"),
    [
        ("models/learner/config.json", "{}", "evaluate (models/learner); train (models/learner)"),
        ("models/calibration.json", "{}", "confidence ({0}); report ({0})"),
        ("data/predictions/test.jsonl", "", "confidence (data/predictions); evaluate (data/predictions)"),
        ("metrics/train.json", "[]", "report ({0}); train ({0})"),
        ("reports/model_card.md", "# Another", "report ({0})"),
        ("params.yaml", "seed: 14\n", "train ({0}: seed)"),
        ("train.py", "# trains otherwise\n", "train ({0})"),
        ("data/splits/test.jsonl", "", "train (data/splits)"),
        ("dvc.yaml", PIPELINE.replace("report.py", "report.py --brief"), "report (command)"),
    ],
)
def test_what_is_out_of_date_is_named(
    path: str, text: str, stale: str, repository: Path, tmp_path: Path
) -> None:
    (repository / path).write_text(text)
    with pytest.raises(UserError) as caught:
        packed(repository, tmp_path / "package")
    assert caught.value.reason == f"what would be packaged is out of date: {stale.format(path)}"
    assert "dvc repro" in str(caught.value.hint)
    assert not (tmp_path / "package").exists()


def test_a_model_trained_anew_but_not_evaluated_is_not_packaged(repository: Path, tmp_path: Path) -> None:
    (repository / "models" / "learner" / "config.json").write_text("{}")
    run(repository, sys.executable, "-m", "dvc", "commit", "-q", "--force", "train")
    with pytest.raises(UserError, match=r"out of date: evaluate \(models/learner\)\n"):
        packed(repository, tmp_path / "package")


@pytest.mark.parametrize(
    "path", ["models/learner", "models/calibration.json", "metrics/train.json", "dvc.lock"]
)
def test_a_missing_part_is_told(path: str, repository: Path, tmp_path: Path) -> None:
    part = repository / path
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    with pytest.raises(UserError, match="is missing") as caught:
        packed(repository, tmp_path / "package")
    assert caught.value.path == part


def test_documents_need_not_be_here(repository: Path, tmp_path: Path) -> None:
    shutil.rmtree(repository / "data")
    assert packed(repository, tmp_path / "package").dirty is False
    with pytest.raises(UserError, match=r"data/predictions: is missing"):
        packed(repository, tmp_path / "other", with_predictions=True)


def test_a_cache_need_not_be_here(repository: Path, tmp_path: Path) -> None:
    shutil.rmtree(repository / ".dvc" / "cache")
    packed(repository, tmp_path / "package")


def test_changes_that_no_commit_holds_are_flagged(repository: Path) -> None:
    (repository / "new.txt").write_text("not tracked")
    assert inspect(repository).dirty is False
    (repository / ".gitignore").write_text("/data\n/models\n/reports\n/more\n")
    assert inspect(repository).dirty is True


def test_without_dvc_it_is_said_what_is_needed(template: Path, tmp_path: Path, without_dvc: None) -> None:
    with pytest.raises(UserError, match="DVC") as caught:
        packed(template, tmp_path / "package")
    assert "pip install" in str(caught.value.hint)


def test_outside_of_a_repository_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no DVC repository"):
        inspect(tmp_path)


def test_a_pipeline_of_its_own_elsewhere_is_no_part(repository: Path) -> None:
    other = repository / "search" / "dvc.yaml"
    other.parent.mkdir()
    other.write_text(
        "stages:\n  tune:\n    cmd: 'true'\n    deps: [space.yaml]\n"
        "    metrics: [metrics.json: {cache: false}]\n"
    )
    (other.parent / "space.yaml").write_text("trials: 8\n")
    found = inspect(repository)
    assert found.stale == []
    assert found.metrics == [Path("metrics/evaluate.json"), Path("metrics/train.json")]
