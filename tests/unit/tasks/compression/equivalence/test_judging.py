from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.io import write_text
from spanwise.tasks.compression.equivalence.corruption import Probe, probes
from spanwise.tasks.compression.equivalence.coverage import lexical
from spanwise.tasks.compression.equivalence.embedding import Remembered
from spanwise.tasks.compression.equivalence.fitting import Fitted, fit_judge
from spanwise.tasks.compression.equivalence.judging import Judge, Mapped, load_record
from spanwise.tasks.compression.equivalence.signals import SIGNALS
from tests.unit.tasks.compression.equivalence.writings import SHORTER, SOURCE, made_up


@pytest.fixture(scope="module")
def planted() -> list[Probe]:
    return [probe for number in range(12) for probe in probes(f"p{number}", *made_up(number), seed=number)]


@pytest.fixture(scope="module")
def fitted(planted: list[Probe]) -> Fitted:
    return fit_judge(planted, Remembered(lexical), embedding="lexical", samples=20)


def test_a_fitted_judge_accepts_what_it_should(fitted: Fitted, planted: list[Probe]) -> None:
    quality = fitted.record.quality["extractive"]
    assert quality["true_accept"] >= 0.95
    assert quality["faithful"] + quality["probes"] == len(planted)
    assert quality["parts"]["not_subsequence"]["rejected"] == 1
    assert quality["parts"]["all"]["auroc"] > 0.9
    assert fitted.record.quality["any"]["parts"]["all"]["rejected"] <= quality["parts"]["all"]["rejected"]


def test_fitting_twice_gives_the_same_judge(fitted: Fitted, planted: list[Probe]) -> None:
    again = fit_judge(planted, lexical, embedding="lexical", samples=20)
    assert again.record == fitted.record


def test_what_fails_a_gate_scores_nothing(fitted: Fitted) -> None:
    judge = Judge(fitted.record, lexical)
    source, _ = made_up(1)
    said = judge(source, source.replace("never ", "").replace("I am writing to let you know that ", ""))
    assert (said.score, said.accepted) == (0.0, False)
    assert [failure.kind for failure in said.failures] == ["negation lost"]
    assert tuple(said.signals) == SIGNALS


def test_the_shipped_judge_accepts_a_careful_shortening() -> None:
    judge = Judge(load_record("lexical"), Remembered(lexical))
    said = judge(
        SOURCE,
        SOURCE.replace("Please note that the ", "").replace("then it switches itself", "switches itself"),
    )
    assert said.failures == ()
    assert said.accepted
    assert judge.quality["true_accept"] >= 0.95
    assert not judge(SOURCE, SHORTER).accepted  # it holds words that the source does not
    assert Judge(load_record("lexical"), lexical, extractive=False)(SOURCE, SHORTER).failures == ()


def test_a_judge_is_read_back_as_it_was_written(fitted: Fitted, tmp_path: Path) -> None:
    path = tmp_path / "judge.json"
    write_text(path, fitted.record.model_dump_json())
    assert load_record("lexical", path) == fitted.record
    with pytest.raises(UserError, match="fitted with lexical"):
        load_record("minilm", path)


def test_too_few_prompts_are_told() -> None:
    with pytest.raises(UserError, match="1 prompts"):
        fit_judge(probes("a", SOURCE, SHORTER, seed=1), lexical, embedding="lexical")


def test_faithful_probes_alone_fit_nothing(planted: list[Probe]) -> None:
    with pytest.raises(UserError, match="nothing to fit"):
        fit_judge([probe for probe in planted if probe.faithful], lexical, embedding="lexical")


def test_the_reading_is_a_logistic_function() -> None:
    mapped = Mapped(intercept=1.0, weights=(2.0,), means=(3.0,), scales=(4.0,))
    assert mapped([3.0]) == pytest.approx(0.731059, abs=1e-6)
    assert mapped([1e9]) == pytest.approx(1)
