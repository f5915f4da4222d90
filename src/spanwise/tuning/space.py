"""A search space: which settings are tried, within which bounds and on what budget."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from spanwise.errors import UserError, UserErrors
from spanwise.io import read_text
from spanwise.schema import Record, Share

if TYPE_CHECKING:
    from optuna.trial import Trial

DIGITS = 4  # significant ones of a number that is drawn: what is trained with is what a preset says
EPOCHS = "train.epochs"

Scalar = bool | int | float | str | None
Positive = Annotated[int, Field(gt=0)]


class Parameter(Record):
    """A setting that is tried, perhaps `when` others have one of some values only."""

    when: dict[str, list[Scalar]] = Field(default_factory=dict)


class Range(Parameter):
    """Numbers between two bounds, both of them included; `log` draws evenly over orders of magnitude."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    @model_validator(mode="after")
    def _can_be_drawn_from(self) -> Range:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"low {self.low} must be below high {self.high}")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log takes a low above 0 and no step")
        if self.step is not None:
            steps = (self.high - self.low) / self.step if self.step > 0 else 0
            if steps <= 0 or not math.isclose(steps, round(steps)):
                raise ValueError(f"step {self.step} must lead from low {self.low} to high {self.high}")
        return self

    @property
    def bounds(self) -> tuple[Scalar, ...]:
        """The values that must be valid."""
        return self.low, self.high

    def draw(self, trial: Trial, key: str) -> Scalar:
        """A value, by the trial's sampler."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(key, self.low, self.high, step=int(self.step or 1), log=self.log)
        value = trial.suggest_float(key, self.low, self.high, step=self.step, log=self.log)
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def typed(self, low: Any, high: Any) -> Range:
        """The same between bounds of the setting's own type."""
        step = self.step if self.step is None or isinstance(low, float) else int(self.step)
        return self.model_copy(update={"low": low, "high": high, "step": step})


class Choice(Parameter):
    """One of some values."""

    choices: Annotated[list[Scalar], Field(min_length=2)]

    @property
    def bounds(self) -> tuple[Scalar, ...]:
        """The values that must be valid."""
        return tuple(self.choices)

    def draw(self, trial: Trial, key: str) -> Scalar:
        """A value, by the trial's sampler."""
        value: Scalar = trial.suggest_categorical(key, self.choices)
        return value

    def typed(self, *choices: Any) -> Choice:
        """The same with values of the setting's own type."""
        return self.model_copy(update={"choices": list(choices)})


class Repeats(Record):
    """How many of the best trials, and the defaults with them, are trained by how many more seeds."""

    best: Positive = 2
    seeds: Annotated[int, Field(ge=0)] = 0


def _kind(value: Any) -> str:
    given = value if isinstance(value, Mapping) else vars(value) if isinstance(value, Record) else {}
    return "choice" if "choices" in given else "range"


AnyParameter = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choice, Tag("choice")], Discriminator(_kind)
]


class Space(Record):
    """What is tried, and on what budget.

    Attributes:
        trials: How many sets of settings are tried.
        epochs: Of a trial, unless it is ended early.
        documents: The share of the train side that a trial learns from.
        repeats: How the best of them are told from the lucky ones.
        parameters: By their dotted keys in `params.yaml`.
    """

    trials: Positive
    epochs: Positive
    documents: Annotated[Share, Field(gt=0)]
    repeats: Repeats = Repeats()
    parameters: Annotated[dict[str, AnyParameter], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> Space:
        if EPOCHS in self.parameters:
            raise ValueError(f"{EPOCHS} is no parameter: it is the budget of a trial, set as epochs")
        before: dict[str, Range | Choice] = {}
        for key, parameter in self.parameters.items():
            for other, values in parameter.when.items():
                given = before.get(other)
                if not isinstance(given, Choice) or not set(values) <= set(given.choices):
                    raise ValueError(f"{key}: when takes an earlier parameter and some of its choices")
            before[key] = parameter
        return self

    def draw(self, trial: Trial) -> dict[str, Scalar]:
        """A value for each parameter that the values before it call for."""
        values: dict[str, Scalar] = {}
        for key, parameter in self.parameters.items():
            # A setting that was not drawn itself has no value that another could wait for.
            if all(other in values and values[other] in among for other, among in parameter.when.items()):
                values[key] = parameter.draw(trial, key)
        return values

    def checked(self, check: Callable[[str, Scalar], Any], path: Path) -> Space:
        """The space with its bounds in the types of their settings.

        Args:
            check: Gives a value of a setting in its type, or raises a `UserError`.
            path: Of the space.

        Raises:
            UserErrors: If there is no such setting, or it may not have such a value.
        """
        errors: list[UserError] = []
        parameters: dict[str, Range | Choice] = {}
        for key, parameter in self.parameters.items():
            try:
                parameters[key] = parameter.typed(*(check(key, value) for value in parameter.bounds))
            except UserError as error:
                errors.append(UserError(error.reason, path=path))
        if errors:
            raise UserErrors(errors)
        return self.model_copy(update={"parameters": parameters})


def read_space(folder: Path, name: str) -> tuple[Space, Path]:
    """The search space of this name, and its file.

    Raises:
        UserErrors: If there is none, or it is not valid.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        valid = sorted(file.stem for file in folder.glob("*.yaml"))
        raise UserError(
            f"no search space {name}: {_guess(name, valid)}valid: {', '.join(valid)}", path=folder
        )
    try:
        return Space.model_validate(yaml.safe_load(read_text(path))), path
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError("not valid YAML", path=path, line=mark.line + 1 if mark else None) from None
    except ValidationError as error:
        raise UserErrors([_explain(dict(each), path) for each in error.errors(include_url=False)]) from None


def _explain(detail: dict[str, Any], path: Path) -> UserError:
    """One pydantic error as a sentence with the key and its fault."""
    location = [str(part) for part in detail["loc"] if part not in ("range", "choice")]
    key = ".".join(location) or "the file"
    if detail["type"] == "extra_forbidden":
        owners: dict[str, list[type[Record]]] = {"parameters": [Range, Choice], "repeats": [Repeats]}
        fields = [owner.model_fields for owner in owners.get(location[0], [Space])]
        known = {name for each in fields for name in each}
        reason = f"{key} is not known: {_guess(location[-1], sorted(known))}valid: {', '.join(sorted(known))}"
        return UserError(reason, path=path)
    return UserError(f"{key}: {detail['msg'].removeprefix('Value error, ')}", path=path)


def _guess(name: str, valid: list[str]) -> str:
    close = difflib.get_close_matches(name, valid, n=1)
    return f"did you mean {close[0]}? " if close else ""
