from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from spanwise.ablation import (
    FILES,
    PLAIN,
    Row,
    Run,
    Trial,
    changed,
    compare_runs,
    markdown,
    parse,
    plan,
    read_code,
    read_run,
)
from spanwise.errors import UserError
from spanwise.io import write_json, write_jsonl
from spanwise.metrics.paired import Comparison
from spanwise.provenance import Machine
from spanwise.reporting.formatting import DASH
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

compared = partial(compare_runs, folds=[0, 1], samples=200, level=0.9, seed=5)
told = partial(markdown, folds=[0, 1], epochs=6, samples=200, level=0.9)
CPU = Machine(device="cpu", cpu="AMD EPYC (AVX512)", threads=2, precision="bf16")
GPU = Machine(device="NVIDIA H200", cpu="Intel Xeon (AVX512)", threads=1, precision="bf16")
CODE = {"stages/train.py": "1", "src/spanwise/learners": "2.dir"}
SURE = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)


def documents(side: str, found: int) -> tuple[Prediction, ...]:
    """Six documents of ten gold spans each, of which so many are found and nothing else."""
    gold = tuple(GoldSpan(start=place, end=place + 1, label="A", tier="low") for place in range(10))
    right = tuple(
        PredictedSpan(**span.model_dump(exclude={"probability"}), confidence=SURE) for span in gold[:found]
    )
    return tuple(
        Prediction(id=f"{side}{number}", text="x" * 10, group=f"{side}{number}", gold=gold, predicted=right)
        for number in range(6)
    )


def run(
    technique: str,
    fold: int,
    validation: int,
    test: int,
    *,
    seconds: float = 60.0,
    resumed: bool = False,
    code: dict[str, str] = CODE,
    changed: tuple[str, ...] = (),
    machine: Machine = CPU,
) -> Run:
    """A trial that finds so many of ten spans in each document of a side."""
    return Run(
        Trial(technique, fold, 6),
        code,
        changed,
        machine,
        documents(f"validation {fold}.", validation),
        documents(f"test {fold}.", test),
        seconds,
        resumed,
    )


PLAIN_RUNS = [run(PLAIN, 0, 5, 4), run(PLAIN, 1, 5, 6)]


def f1(found: int) -> float:
    """Of so many right spans out of ten."""
    return 2 * found / (found + 10)


# Trials.


def test_the_name_of_a_trial_tells_it() -> None:
    trial = Trial("multi-sample-dropout", 3, 12)
    assert trial.name == "ablation-multi-sample-dropout-fold3-epochs12"
    assert parse(trial.name) == trial


@pytest.mark.parametrize(
    "name",
    ["crf", "ablation-crf-fold0", "ablation-crf-fold-epochs6", "my-ablation-crf-fold0-epochs6"],
)
def test_other_experiments_are_no_trials(name: str) -> None:
    assert parse(name) is None


def test_a_trial_is_set_by_its_file_fold_and_epochs() -> None:
    assert Trial("crf", 1, 6).overrides == ("experiment=ablation/crf", "split.fold=1", "train.epochs=6")


def test_plain_is_run_first_and_once_whatever_is_asked_for() -> None:
    expected = [Trial(PLAIN, 0, 6), Trial(PLAIN, 2, 6), Trial("crf", 0, 6), Trial("crf", 2, 6)]
    assert plan(["crf"], [0, 2], 6) == expected
    assert plan(["crf", PLAIN], [0, 2], 6) == expected


# Runs.


def written(folder: Path, timing: object) -> Path:
    validation, test, training, times = FILES
    write_json(folder / training, {**CPU.model_dump(), "epochs": 6, "best_score": 0.5})
    write_jsonl(folder / validation, documents("v", 3))
    write_jsonl(folder / test, documents("t", 4))
    write_json(folder / times, timing)
    return folder


def test_a_run_is_read_as_the_stages_write_it(tmp_path: Path) -> None:
    written(tmp_path, {"seconds": 2.5, "cpu_seconds": 4.5, "resumed": True, "peak_rss_mb": 3.0})
    trial = Trial("crf", 0, 6)
    expected = Run(trial, CODE, ("seed",), CPU, documents("v", 3), documents("t", 4), 4.5, resumed=True)
    assert read_run(tmp_path, trial, code=CODE, changed=["seed"]) == expected
    assert expected.machine.device == "cpu"
    training = tmp_path / "metrics/train.json"
    training.write_text(json.dumps({**json.loads(training.read_text()), "device": "NVIDIA H100"}))
    assert read_run(tmp_path, trial, code=CODE, changed=["seed"]).seconds == 2.5


def test_a_run_without_its_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="seconds: Field required"):
        read_run(
            written(tmp_path, {"cpu_seconds": 1.0, "resumed": False}),
            Trial("crf", 0, 6),
            code=CODE,
            changed=[],
        )


def test_predictions_of_another_make_are_refused_with_their_experiment(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "ablation-crf-fold0-epochs6", {"seconds": 1.0, "cpu_seconds": 1.0, "resumed": False}
    )
    (folder / FILES[0]).write_text('{"id": "d", "spans": []}\n')
    with pytest.raises(UserError, match=r"ablation-crf-fold0-epochs6/.*jsonl:1: not a valid Prediction"):
        read_run(folder, Trial("crf", 0, 6), code=CODE, changed=[])


LOCK = """
schema: '2.0'
stages:
  prepare:
    deps: [{path: stages/prepare.py, md5: p}]
  train:
    deps:
    - {path: data/splits, hash: md5, md5: d.dir, size: 1, nfiles: 4}
    - {path: src/spanwise/learners, hash: md5, md5: l.dir, size: 1, nfiles: 2}
    - {path: stages/train.py, hash: md5, md5: t, size: 1}
  evaluate:
    deps: [{path: models/learner, md5: m.dir}, {path: stages/evaluate.py, md5: e}]
"""


def test_the_code_is_what_training_and_evaluation_read_without_their_data() -> None:
    expected = {"src/spanwise/learners": "l.dir", "stages/train.py": "t", "stages/evaluate.py": "e"}
    assert read_code(LOCK) == expected


def test_an_experiment_that_did_not_run_a_stage_is_refused() -> None:
    with pytest.raises(UserError, match=r"dvc\.lock: the stage evaluate was not run"):
        read_code(LOCK.partition("  evaluate")[0])


def test_changed_settings_are_told_by_their_keys() -> None:
    before = {
        "seed": 1,
        "train": {"rate": 0.1, "loss": {"gamma": 1.0}, "gone": None},
        "report": {"title": "a"},
    }
    now = {"seed": 1, "train": {"rate": 0.1, "loss": {"gamma": 2.0}, "new": None}, "report": {"title": "b"}}
    assert changed(before, now, ["seed", "train"]) == ["train.gone", "train.loss.gamma"]
    assert changed(before, before, ["seed", "train", "report"]) == []
    assert changed({"corpus": {"auxiliaries": {}}}, {"corpus": {"auxiliaries": {"a": {}}}}, ["corpus"]) == [
        "corpus.auxiliaries",
    ]


def test_settings_that_did_not_exist_yet_have_not_changed() -> None:
    before = {"seed": 1, "train": {"rate": 0.1}}
    now = {"seed": 1, "train": {"rate": 0.1, "new": 3}, "tracking": {"tools": []}}
    assert changed(before, now, ["seed", "train", "tracking"]) == []


# Rows.


def test_the_score_is_the_mean_over_the_folds() -> None:
    row = compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7)], PLAIN_RUNS)
    assert row.validation_f1 == pytest.approx((f1(6) + f1(8)) / 2)
    assert row.test_f1 == pytest.approx((f1(5) + f1(7)) / 2)
    assert (row.technique, row.folds, row.missing, row.compared) == ("crf", (0, 1), (), True)


def test_the_difference_is_over_the_documents_of_all_folds() -> None:
    row = compared([run("crf", 1, 8, 7), run("crf", 0, 6, 5)], PLAIN_RUNS)
    assert row.validation.difference == pytest.approx(2 * 14 / (14 + 20) - f1(5))
    assert row.test.difference == pytest.approx(2 * 12 / (12 + 20) - f1(5))
    assert row.macro.difference == pytest.approx(row.test.difference)  # there is one label
    assert row.validation.p_value == pytest.approx(2 / 201)


def test_only_folds_that_both_were_run_on_are_compared() -> None:
    row = compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7)], PLAIN_RUNS[:1])
    assert (row.folds, row.missing) == ((0,), (1,))
    assert row.validation_f1 == pytest.approx(f1(6))
    assert row.validation.difference == pytest.approx(f1(6) - f1(5))


def test_without_plain_there_is_no_comparison() -> None:
    row = compared([run("crf", 1, 8, 7, code={}, machine=GPU)], PLAIN_RUNS[:1])
    assert (row.folds, row.missing, row.compared) == ((1,), (0,), False)
    assert (row.other_code, row.other_machine) == ((), None)
    assert row.test_f1 == pytest.approx(f1(7))


def test_times_are_added_up_over_the_folds_compared() -> None:
    row = compared([run("crf", 0, 6, 5, seconds=90), run("crf", 1, 8, 7, seconds=30)], PLAIN_RUNS)
    assert (row.seconds, row.plain_seconds, row.resumed) == (120, 120, False)
    assert compared([run("crf", 0, 6, 5, seconds=90)], PLAIN_RUNS).plain_seconds == 60


@pytest.mark.parametrize(("own", "plain"), [(True, False), (False, True)])
def test_an_interrupted_training_makes_the_time_too_short(own: bool, plain: bool) -> None:
    assert compared([run("crf", 0, 6, 5, resumed=own)], [run(PLAIN, 0, 5, 4, resumed=plain)]).resumed


def test_other_code_is_noticed_fold_by_fold() -> None:
    code = {**CODE, "stages/train.py": "0", "src/spanwise/new.py": "3"}
    moved = [run(PLAIN, 0, 5, 4), run(PLAIN, 1, 5, 6, code=code)]
    assert compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7, code=code)], moved).other_code == ()
    differing = compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7)], moved).other_code
    assert differing == ("src/spanwise/new.py", "stages/train.py")


def test_other_hardware_is_noticed_fold_by_fold() -> None:
    moved = [run(PLAIN, 0, 5, 4), run(PLAIN, 1, 5, 6, machine=GPU)]
    assert compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7, machine=GPU)], moved).other_machine is None
    assert compared([run("crf", 0, 6, 5), run("crf", 1, 8, 7)], moved).other_machine == (GPU, CPU)
    threads = CPU.model_copy(update={"threads": 4})
    assert compared([run("crf", 0, 6, 5, machine=threads)], moved).other_machine == (CPU, threads)


def test_changed_settings_are_gathered_over_the_folds() -> None:
    runs = [run("crf", 0, 6, 5, changed=("seed", "train.head")), run("crf", 1, 8, 7, changed=("seed",))]
    assert compared(runs, PLAIN_RUNS).changed == ("seed", "train.head")
    assert compared(runs[1:], PLAIN_RUNS).changed == ("seed",)
    assert compared(PLAIN_RUNS, PLAIN_RUNS).changed == ()


@pytest.mark.parametrize("side", ["validation", "test"])
def test_runs_on_other_documents_are_refused_with_their_technique_and_fold(side: str) -> None:
    one, other = run("crf", 0, 6, 5), run("crf", 1, 6, 5)
    strange = replace(other, **{side: getattr(other, side)[1:]})
    message = (
        f"crf on fold 1, {side}, beside plain: the systems predict different documents: 1 of 6 are missing"
    )
    with pytest.raises(UserError, match=message):
        compared([one, strange], PLAIN_RUNS)


# The table.


def rows() -> list[Row]:
    techniques = {
        "worse": [run("worse", 0, 4, 7), run("worse", 1, 4, 7)],
        "better": [run("better", 0, 6, 5, seconds=90), run("better", 1, 8, 7)],
        PLAIN: PLAIN_RUNS,
    }
    return [compared(runs, PLAIN_RUNS) for runs in techniques.values()]


def cells(text: str, technique: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| `{technique}`")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_techniques_are_sorted_by_what_they_gain_on_validation() -> None:
    """What is worse there is better on the test documents."""
    lines = [line for line in told(rows(), [PLAIN, "better", "worse"]).splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == [PLAIN, "better", "worse"]


def test_a_row_holds_scores_differences_and_times() -> None:
    row = rows()[1]

    def difference(found: Comparison) -> str:
        assert found.low is not None
        assert found.high is not None
        return f"{100 * found.difference:+.1f} ({100 * found.low:+.1f} to {100 * found.high:+.1f})"

    assert cells(told(rows(), []), "better") == [
        "`better`", "0, 1", "6",
        f"{row.validation_f1:.3f}", difference(row.validation), "0.010",
        f"{row.test_f1:.3f}", difference(row.test), "0.010",
        "0.750", difference(row.macro),
        "2.5 min", "1.25",
    ]  # fmt: skip
    assert difference(row.test).startswith("+8.3 (")


def test_every_line_of_the_table_has_all_columns() -> None:
    lines = [line for line in told(rows(), []).splitlines() if line.startswith("|")]
    assert len(lines) == 5
    assert {line.count("|") for line in lines} == {14}


def test_plain_is_compared_with_nothing() -> None:
    found = cells(told(rows(), []), PLAIN)
    assert [found[index] for index in (4, 5, 7, 8, 10, 12)] == [DASH] * 6
    assert "`plain` is compared with nothing" not in told(rows(), [])


def test_a_small_p_value_is_not_told_as_nought() -> None:
    row = compare_runs(
        [run("crf", 0, 6, 5), run("crf", 1, 8, 7)], PLAIN_RUNS, [0, 1], samples=5000, level=0.9, seed=5
    )
    assert cells(told([row], []), "crf")[5] == "< 0.001"


def test_a_difference_over_few_groups_has_neither_interval_nor_p_value() -> None:
    def few(one: Run) -> Run:
        return replace(one, validation=one.validation[:4])

    row = compared([few(run("crf", 0, 5, 5))], [few(PLAIN_RUNS[0])])
    assert cells(told([row], []), "crf")[4:6] == ["+0.0", DASH]


def test_techniques_that_were_not_run_are_listed() -> None:
    text = told(rows(), ["better", "crf", PLAIN, "swa", "worse"])
    assert "- Not run: `crf` and `swa`." in text.splitlines()
    assert "Not run" not in told(rows(), ["better"])


def test_a_missing_fold_is_told() -> None:
    row = compared([run("crf", 0, 6, 5)], PLAIN_RUNS)
    assert "- `crf` is told for fold 0 alone; fold 1 is missing." in told([row], []).splitlines()
    row = compare_runs([run("crf", 0, 6, 5)], PLAIN_RUNS, [0, 1, 2], samples=9, level=0.9, seed=5)
    assert "folds 1 and 2 are missing." in told([row], [])


def test_a_technique_without_plain_is_told_and_comes_last() -> None:
    alone = compared([run("alone", 0, 9, 9)], [])
    text = told([alone, *rows()], [])
    assert "- `alone` is compared with nothing: `plain` was not run on its folds." in text.splitlines()
    assert [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")][-1] == "alone"
    assert cells(text, "alone")[4] == cells(text, "alone")[12] == DASH


def test_interrupted_trainings_are_told() -> None:
    text = told([compared([run("crf", 0, 6, 5, resumed=True)], PLAIN_RUNS)], [])
    assert cells(text, "crf")[11:] == ["at least 1 min", DASH]
    assert "its time is that of the last part" in text
    assert "last part" not in told(rows(), [])


def test_what_was_run_otherwise_is_told() -> None:
    code = {f"src/{letter}.py": "1" for letter in "abcdef"}
    row = compared([run("crf", 0, 6, 5, code=code, machine=GPU, changed=("seed",))], PLAIN_RUNS)
    text = told([row], [])
    assert "- `crf` is out of date: `seed` changed since it was run. `spanwise ablation queue`" in text
    assert (
        "- `crf` ran other code than `plain`, `src/a.py`, `src/b.py`, `src/c.py`, `src/d.py` and 4 ot" in text
    )
    machines = f"({GPU}; `plain`: cpu, AMD EPYC (AVX512), 2 threads, bf16)"
    assert f"- `crf` was trained on other hardware than `plain` {machines}" in text
    assert cells(text, "crf")[12] == DASH  # the times do not compare
    for words in ("out of date", "other code", "other hardware"):
        assert words not in told(rows(), [])


def test_what_the_figures_cannot_tell_is_told() -> None:
    text = told(rows(), [])
    assert "validation documents have also chosen the epoch of each training" in text
    assert "processor time on a CPU" in text


def test_many_comparisons_are_told_with_their_bound() -> None:
    assert "2 techniques are compared" in told(rows(), [])
    assert "Bonferroni's bound is 0.0250" in told(rows(), [])
    assert "Bonferroni" not in told(rows()[1:], [])


def test_the_commands_that_make_the_table_stand_before_it() -> None:
    text = told(rows(), [])
    assert text.startswith("```bash\nspanwise ablation queue --folds 0,1 --epochs 6\ndvc queue start\n")
    assert text.index("spanwise ablation table --folds 0,1 --epochs 6\n```") < text.index("| technique")
    assert text.endswith(".\n")
