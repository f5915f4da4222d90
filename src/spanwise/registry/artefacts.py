"""The models that a commit declares in `dvc.yaml`, and what it must be to hold one of them.

    artifacts:
      ner:
        desc: Clinical entities in case reports, a token classifier
        path: models/learner       # an output of the pipeline
        type: model
        labels: [clinical]         # free words, for people
        meta: {kind: ner, tasks: [casenotes, maccrobat], models: [minilm]}

`kind` is required; where `tasks` or `models` are left out, any task of the kind and any network will do. One
commit holds the outputs of one task, so that different commits of one repository hold different models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spanwise.deployment import Kind
from spanwise.errors import UserError
from spanwise.registry.ledger import NAME

PIPELINE = "dvc.yaml"


class Meta(BaseModel):
    """What an artefact is: `meta:` of its declaration.

    Attributes:
        kind: The kind of task, `task.kind` in `params.yaml`.
        tasks: The tasks whose models it takes; empty for any of the kind.
        models: The networks it takes; empty for any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    tasks: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class Artefact(BaseModel):
    """An entry of `artifacts:` in `dvc.yaml`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    type: str = Field(pattern="^model$")
    meta: Meta


class Settings(BaseModel):
    """What is read of a commit's `params.yaml`."""

    class Task(BaseModel):
        """The problem."""

        name: str
        kind: str

    class Model(BaseModel):
        """The network."""

        name: str
        architecture: dict[str, Any] = Field(default_factory=dict)

    task: Task
    model: Model


def declared(pipeline: Mapping[str, Any], name: str, where: str) -> Artefact:
    """The declaration of an artefact.

    Args:
        pipeline: What `dvc.yaml` holds.
        name: Of the artefact.
        where: The commit, for messages.

    Raises:
        UserError: If the name has another form than `ner`, or it is not declared as it must be.
    """
    check_name(name)
    known = pipeline.get("artifacts") or {}
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise UserError(
            f"{where} declares no artefact {name}: it has {names}",
            path=PIPELINE,
            hint="Declare it under `artifacts:` before the run whose model is to be registered.",
        )
    try:
        return Artefact.model_validate(known[name])
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(["artifacts", name, *map(str, told["loc"])])
        raise UserError(f"{key}: {told['msg']}", path=PIPELINE) from None


def check_name(name: str) -> None:
    """Refuse a name of another form; GTO itself takes any.

    Raises:
        UserError: See above.
    """
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name} is no name for a model",
            hint="Lower-case letters, digits and hyphens, a letter first, such as `clinical-ner`.",
        )


def check_model(name: str, artefact: Artefact, settings: Settings, config: Mapping[str, Any]) -> None:
    """Hold the task and the network of a commit against the artefact.

    Args:
        name: Of the artefact.
        artefact: Its declaration.
        settings: Of the commit.
        config: What the stored network says of itself; empty where it says nothing.

    Raises:
        UserError: If they are not the artefact's, or the network is not that of the settings.
    """
    meta, task, model = artefact.meta, settings.task, settings.model
    if task.kind != meta.kind:
        raise UserError(
            f"{name} is of the kind {meta.kind}, and the commit holds the task {task.name} ({task.kind})"
        )
    if meta.tasks and task.name not in meta.tasks:
        raise UserError(f"{name} takes {', '.join(meta.tasks)}, and the commit holds the task {task.name}")
    if meta.models and model.name not in meta.models:
        raise UserError(f"{name} takes {', '.join(meta.models)}, and the commit's network is {model.name}")
    for key, value in model.architecture.items():
        # Tokens may be added to a vocabulary.
        if key != "vocab_size" and config.get(key, value) != value:
            raise UserError(
                f"the stored network has {key} = {config[key]}, and that of the settings has {value}",
                hint="`dvc repro` makes the model that the settings name.",
            )
