"""Search spaces: what is refused, what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spanwise.errors import UserError
from spanwise.tuning.space import Choice, Range, Space, read_space

BUDGET: dict[str, Any] = {"trials": 2, "epochs": 1, "documents": 1.0}
HEAD = {"choices": ["softmax", "crf"]}


def space(**parameters: Any) -> Space:
    return Space.model_validate({**BUDGET, "parameters": parameters})


def drawn(space: Space, seed: int) -> dict[str, Any]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return space.draw(study.ask())


@given(seed=st.integers(0, 10**6), low=st.floats(1e-6, 1), factor=st.floats(1.1, 1e4))
def test_a_number_that_is_drawn_lies_within_its_bounds_and_has_few_digits(
    seed: int, low: float, factor: float
) -> None:
    found = drawn(space(x=Range(low=low, high=low * factor, log=True)), seed)["x"]
    assert low <= found <= low * factor
    assert found in {low, low * factor} or len(f"{found:e}".split("e", maxsplit=1)[0].rstrip("0")) <= 5


@pytest.mark.parametrize("seed", range(5))
def test_whole_numbers_are_drawn_between_whole_bounds(seed: int) -> None:
    found = drawn(space(x={"low": 2, "high": 8, "step": 3}, y={"low": 0.0, "high": 0.2, "step": 0.1}), seed)
    assert found["x"] in {2, 5, 8}
    assert isinstance(found["x"], int)
    assert found["y"] in {0.0, 0.1, 0.2}


def test_a_parameter_waits_for_the_value_it_is_for() -> None:
    given = space(head=HEAD, smoothing={"low": 0.1, "high": 0.2, "when": {"head": ["softmax"]}})
    found = [drawn(given, seed) for seed in range(12)]
    assert {("smoothing" in each, each["head"]) for each in found} == {(True, "softmax"), (False, "crf")}


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"low": 2, "high": 1}, "low 2 must be below high 1"),
        ({"low": 1, "high": float("inf")}, "must be below"),
        ({"low": 0, "high": 1, "log": True}, "log takes a low above 0"),
        ({"low": 1, "high": 2, "log": True, "step": 1}, "log takes"),
        ({"low": 0, "high": 1, "step": 0.3}, "step 0.3 must lead from low 0 to high 1"),
        ({"low": 0, "high": 1, "step": -1}, "step -1 must lead"),
        ({"choices": [1]}, "at least 2"),
        ({"low": 1}, "high"),
    ],
)
def test_a_parameter_that_cannot_be_drawn_is_refused(parameter: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        space(x=parameter)


@pytest.mark.parametrize(
    "when", [{"other": ["softmax"]}, {"head": ["pointer"]}, {"x": ["softmax"]}, {"rate": [1]}]
)
def test_a_condition_names_an_earlier_parameter_and_its_choices(when: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="when takes an earlier parameter"):
        space(head=HEAD, rate={"low": 1, "high": 2}, x={"low": 1, "high": 2, "when": when})


def test_epochs_are_no_parameter() -> None:
    with pytest.raises(ValidationError, match="it is the budget of a trial"):
        space(**{"train.epochs": {"low": 1, "high": 2}})


def test_bounds_take_the_type_of_their_setting() -> None:
    given = space(
        x={"low": 1, "high": 3, "step": 1}, y={"choices": [1, 2]}, z={"low": 1.0, "high": 3.0, "step": 1.0}
    )
    kinds = {"x": float, "y": str, "z": int}
    found = given.checked(lambda key, value: kinds[key](value), Path("x.yaml")).parameters
    assert (found["x"], found["y"]) == (Range(low=1.0, high=3.0, step=1), Choice(choices=["1", "2"]))
    assert [type(value) for value in found["z"].bounds] == [int, int]


def test_each_setting_that_is_refused_is_named() -> None:
    def check(key: str, value: object) -> None:
        raise UserError(f"{key} is unknown")

    with pytest.raises(UserError, match=r"2 errors:\nx.yaml: a is unknown\nx.yaml: b is unknown"):
        space(a=HEAD, b=HEAD).checked(check, Path("x.yaml"))


def test_a_space_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "quick.yaml").write_text(yaml.safe_dump({**BUDGET, "parameters": {"head": HEAD}}))
    assert read_space(tmp_path, "quick") == (space(head=HEAD), tmp_path / "quick.yaml")
    with pytest.raises(UserError, match=r"no search space quik: did you mean quick\? valid: quick"):
        read_space(tmp_path, "quik")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("trials: [", "quick.yaml:1: not valid YAML"),
        ("1", "the file: Input should be"),
        (
            "{trials: 1, epochs: 1, documents: 1, parameters: {x: {low: 1, high: 2}}, trails: 3}",
            "did you mean trials",
        ),
        (
            "{trials: 1, epochs: 1, documents: 1, parameters: {x: {low: 1, hihg: 2}}}",
            r"x.hihg is not known: did you mean high",
        ),
        (
            "{trials: 1, epochs: 1, documents: 1, parameters: {x: {choices: [1, 2]}}, repeats: {sed: 3}}",
            "repeats.sed is not known: did you mean seeds",
        ),
        (
            "{trials: 0, epochs: 1, documents: 2, parameters: {}}",
            r"3 errors:(.|\n)*trials: Input should be greater than 0",
        ),
    ],
)
def test_a_malformed_space_is_told_by_key(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "quick.yaml").write_text(text)
    with pytest.raises(UserError, match=reason):
        read_space(tmp_path, "quick")
