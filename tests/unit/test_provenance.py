from __future__ import annotations

from spanwise.io import flat
from spanwise.provenance import Machine, code_of, dependencies, differing

LOCK = {
    "stages": {
        "train": {
            "deps": [
                {"path": "data/splits", "md5": "d.dir"},
                {"path": "src/spanwise/learners", "md5": "l.dir"},
                {"path": "stages/unsaved.py"},
            ]
        },
        "evaluate": {"deps": [{"path": "stages/evaluate.py", "md5": "e"}]},
        "report": {"deps": [{"path": "stages/report.py", "md5": "r"}]},
        "empty": None,
    }
}


def test_the_code_of_predictions_leaves_data_and_other_stages_out() -> None:
    assert code_of(LOCK) == {"src/spanwise/learners": "l.dir", "stages/evaluate.py": "e"}
    assert code_of({}) == {}


def test_stages_without_dependencies_read_nothing() -> None:
    assert dependencies(LOCK, ["evaluate", "empty", "gone"]) == {"stages/evaluate.py": "e"}
    assert dependencies({"stages": None}, ["evaluate"]) == {}


def test_nested_settings_get_dotted_keys() -> None:
    values = {"seed": 1, "train": {"loss": {"gamma": 2.0}, "teachers": {}}, "types": ["a"]}
    assert flat(values) == {"seed": 1, "train.loss.gamma": 2.0, "train.teachers": {}, "types": ["a"]}


def test_a_key_differs_if_it_is_missing_or_has_another_value() -> None:
    assert differing({"a": 1, "b": 2, "gone": None}, {"new": None, "a": 1, "b": 3}) == ["b", "gone", "new"]
    assert differing({"a": 1}, {"a": 1}) == []


def test_a_machine_is_told_by_what_is_known_of_it() -> None:
    assert str(Machine(device="cpu", cpu="AMD EPYC", threads=1, precision="bf16")) == (
        "cpu, AMD EPYC, 1 thread, bf16"
    )
    assert str(Machine(cpu="AMD EPYC", threads=2)) == "AMD EPYC, 2 threads"
    assert str(Machine()) == ""
