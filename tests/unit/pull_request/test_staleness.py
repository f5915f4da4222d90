from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from spanwise.errors import UserError
from spanwise.experiments import Experiment
from spanwise.pull_request.staleness import Staleness, out_of_date
from tests.histories import PIPELINE, SETTINGS, History


def examine(history: History) -> Staleness:
    return out_of_date(history.root, Experiment("HEAD", history.commit()))


def test_a_pipeline_that_ran_is_up_to_date_also_without_its_data(history: History) -> None:
    assert not examine(history).found
    shutil.rmtree(history.root / "data")
    shutil.rmtree(history.root / ".dvc" / "cache")
    assert not examine(history).found


def test_changed_code_is_told_and_what_lies_behind_it(history: History) -> None:
    history.write({"stages/tier_split.py": "# divides otherwise\n"})
    found = examine(history)
    assert found.reasons == {"tier-split": ["stages/tier_split.py modified"]}
    assert found.behind == ["evaluate", "confidence"]


def test_changed_settings_are_told_by_key(history: History) -> None:
    history.write({"params.yaml": yaml.safe_dump({**SETTINGS, "train": {"rate": 0.5}})})
    found = examine(history)
    assert found.reasons == {"evaluate": ["params.yaml: train modified"]}
    assert found.behind == ["confidence"]


def test_metrics_that_were_edited_or_lost_are_told(history: History) -> None:
    history.write({"metrics/benchmark.json": "{}"})
    (history.root / "metrics" / "evaluate.json").unlink()
    reasons = examine(history).reasons["evaluate"]
    assert sorted(reasons) == ["metrics/benchmark.json modified", "metrics/evaluate.json missing"]


def test_a_missing_dependency_that_nothing_writes_is_told(history: History) -> None:
    (history.root / "stages" / "evaluate.py").unlink()
    assert examine(history).reasons == {"evaluate": ["stages/evaluate.py missing"]}


def test_another_command_is_told(history: History) -> None:
    text = yaml.safe_dump(PIPELINE).replace("python stages/evaluate.py", "python stages/evaluate.py --fast")
    history.write({"dvc.yaml": text})
    assert examine(history).reasons == {"evaluate": ["changed command"]}


def test_a_stage_that_never_ran_is_told(history: History) -> None:
    lock = yaml.safe_load((history.root / "dvc.lock").read_text())
    del lock["stages"]["confidence"]
    history.write({"dvc.lock": yaml.safe_dump(lock)})
    assert examine(history).reasons == {"confidence": ["never ran"]}
    (history.root / "dvc.lock").unlink()
    assert list(examine(history).reasons) == ["tier-split", "evaluate", "confidence"]


def test_a_lock_of_two_minds_about_one_path_is_told(history: History) -> None:
    """As a merge of two branches leaves it, each of which ran another stage."""
    lock = yaml.safe_load((history.root / "dvc.lock").read_text())
    lock["stages"]["tier-split"]["outs"][0]["md5"] = "0" * 32 + ".dir"
    history.write({"dvc.lock": yaml.safe_dump(lock)})
    assert examine(history).reasons == {"evaluate": ["data/splits is another by now"]}


def test_a_frozen_stage_is_never_out_of_date(history: History) -> None:
    pipeline = yaml.safe_load(yaml.safe_dump(PIPELINE))
    pipeline["stages"]["evaluate"]["frozen"] = True
    history.write({"dvc.yaml": yaml.safe_dump(pipeline), "stages/evaluate.py": "# otherwise\n"})
    assert not examine(history).found


def test_without_a_pipeline_nothing_is_out_of_date(history: History) -> None:
    (history.root / "dvc.yaml").unlink()
    assert not examine(history).found


def test_a_pipeline_that_dvc_cannot_read_is_told(history: History) -> None:
    history.write({"dvc.yaml": "stages: [\n"})
    with pytest.raises(UserError, match="DVC refuses"):
        examine(history)


def test_the_repository_itself_is_left_alone(history: History) -> None:
    before = sorted(Path(history.root).rglob("*"))
    out_of_date(history.root, Experiment("HEAD", history.run("git", "rev-parse", "HEAD")))
    assert sorted(Path(history.root).rglob("*")) == before
