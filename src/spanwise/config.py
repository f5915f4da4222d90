"""Typed settings: one section per part of `params.yaml`, one params class per stage.

Opened by stages, command line and service alone: the library takes plain arguments.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from spanwise.deployment import Kind
from spanwise.errors import UserError, UserErrors
from spanwise.io import read_text
from spanwise.schema import Share

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """A group of settings that refuses keys it does not know, and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Task(Section):
    """The problem to solve: `kind` names a package of `spanwise.tasks`, `learner` one of `spanwise.flows`."""

    name: str
    kind: str
    learner: Literal["tagger", "generator"]


class Corpus(Section):
    """What is read, what becomes of spans that flat tags cannot express, and which documents belong together.

    `group` finds in a document's id what must stay on one side of a split; see `spanwise.readers.read`.
    `auxiliaries` are further pinned corpora to learn from, each with new names for some of its labels;
    `unlabelled` are pinned corpora of which the texts alone are used.
    """

    name: str
    discontinuous: Literal["envelope", "longest", "split", "drop", "error"]
    overlapping: Literal["longest", "first", "keep", "error"]
    group: str | None
    auxiliaries: dict[str, dict[str, Annotated[str, Field(min_length=1)]]]
    unlabelled: list[str]

    @field_validator("group")
    @classmethod
    def _is_an_expression(cls, group: str | None) -> str | None:
        try:
            re.compile(group or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return group


class Sizes(Section):
    """The sides of a split, in proportion."""

    train: Positive
    validation: Positive
    test: Positive


class Twins(Section):
    """When two documents count as one: their shared word n-grams."""

    ngram: Positive
    overlap: Share


class Split(Section):
    """How documents are divided, and labels put into frequency tiers."""

    published: bool
    sizes: Sizes
    folds: Annotated[int, Field(ge=2)] | None
    fold: Count
    tiers: dict[str, Count]
    min_count: Count
    twins: Twins

    @model_validator(mode="after")
    def _fold_exists(self) -> Split:
        if self.folds is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is not among folds 0 to {self.folds - 1}")
        if self.folds is not None and self.published:
            raise ValueError("folds and a published split exclude each other: set one of them")
        return self


class Model(Section):
    """A pretrained model: where it comes from, and what must be true of it.

    Of one that writes, `cased` and `stride` are null: its tokenizer says the former, and it has no windows;
    so is `bidirectional`, whether a token sees those behind it: true of an encoder, a choice with a decoder.
    """

    name: str
    source: str
    tokenizer: str
    revision: str | None
    licence: str | None
    cased: bool | None
    parameters: Positive
    architecture: dict[str, Any]
    max_length: Annotated[int, Field(ge=8)]
    stride: Count | None
    bidirectional: bool | None

    @model_validator(mode="after")
    def _windows_advance(self) -> Model:
        if self.stride is not None and self.stride > self.max_length // 2:
            raise ValueError(f"stride {self.stride} must be at most half of max_length {self.max_length}")
        return self


class Layers(Section):
    """How far each layer of the encoder may move."""

    decay: Annotated[float, Field(gt=0, le=1)]
    frozen: Count
    frozen_embeddings: bool
    head_rate: Annotated[float, Field(gt=0)]


class Dropout(Section):
    """Dropout of the encoder and its head; None leaves the model's own."""

    hidden: Share | None
    attention: Share | None
    classifier: Share | None
    samples: Positive


class Loss(Section):
    """What the softmax head's loss is bent by."""

    label_smoothing: Share
    boundary_smoothing: Share
    focal_gamma: Annotated[float, Field(ge=0)]
    r_drop: Annotated[float, Field(ge=0)]


class ClassWeights(Section):
    """What rare tags weigh in the loss."""

    scheme: Literal["none", "inverse_frequency", "effective_number"]
    temper: Share
    beta: Annotated[float, Field(gt=0, lt=1)]
    tiers: list[str]


class Averaging(Section):
    """Averages of the weights over the steps."""

    scheme: Literal["none", "ema", "swa"]
    decay: Annotated[float, Field(gt=0, lt=1)]
    start: Annotated[float, Field(ge=0, lt=1)]


class Augmentation(Section):
    """Copies of training text with other mentions of the same type."""

    replacement: Share
    copies: Positive
    tiers: list[str]


class Adapter(Section):
    """Low-rank adaptation; rank 0 is full fine-tuning."""

    rank: Count
    alpha: Annotated[float, Field(gt=0)]
    dropout: Share
    targets: Annotated[list[str], Field(min_length=1)]


class Pretraining(Section):
    """Masked-language-model training ahead of fine-tuning; 0 epochs is none."""

    epochs: Count
    learning_rate: Annotated[float, Field(gt=0)]
    batch_size: Positive
    masked: Annotated[float, Field(gt=0, lt=1)]


class Distillation(Section):
    """An ensemble as teacher; 0 teachers is none."""

    teachers: Count
    scheme: Literal["seeds", "folds"]
    weight: Annotated[float, Field(gt=0, le=1)]
    temperature: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _folds_are_two(self) -> Distillation:
        if self.scheme == "folds" and self.teachers == 1:
            raise ValueError("scheme folds takes at least 2 teachers")
        return self


class Train(Section):
    """How a tagger is trained; conf/train/base.yaml says what each value means."""

    learner: Literal["tagger"]
    epochs: Positive
    batch_size: Positive
    gradient_accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup_steps: Annotated[float, Field(ge=0)]
    scheduler: Literal["linear", "cosine", "constant_with_warmup"]
    max_grad_norm: Annotated[float, Field(gt=0)]
    patience: Positive | None
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    head: Literal["softmax", "crf", "pointer", "combined"]
    layers: Layers
    dropout: Dropout
    loss: Loss
    class_weights: ClassWeights
    averaging: Averaging
    augmentation: Augmentation
    adapter: Adapter
    dtype: Literal["fp32", "bf16"]
    quantisation: Literal["none", "int8", "nf4"]
    gradient_checkpointing: bool
    pretraining: Pretraining
    distillation: Distillation
    auxiliary_weight: Annotated[float, Field(gt=0)]


class Sft(Section):
    """How a generator is tuned; conf/train/sft.yaml says what each value means."""

    learner: Literal["generator"]
    epochs: Count
    batch_size: Positive
    gradient_accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup_steps: Annotated[float, Field(ge=0)]
    scheduler: Literal["linear", "cosine", "constant_with_warmup"]
    max_grad_norm: Annotated[float, Field(gt=0)]
    patience: Positive | None
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    packing: bool
    gradient_checkpointing: bool
    quantisation: Literal["none", "int8", "nf4"]
    adapter: Adapter
    merged: bool
    require_effect: bool


LEARNERS: dict[str, type[Section]] = {"tagger": Train, "generator": Sft}
Training = Annotated[Train | Sft, Field(discriminator="learner")]


BackendName = Literal["torch", "torch-bf16", "onnx", "onnx-int8"]


class Runtime(Section):
    """How a trained model predicts."""

    backend: BackendName
    served: list[BackendName]
    max_f1_loss: Share
    batch_tokens: Positive

    @model_validator(mode="after")
    def _served_are_others(self) -> Runtime:
        if self.backend in self.served or len(set(self.served)) < len(self.served):
            raise ValueError("served names further backends, each once: not the one that is evaluated")
        return self


class Generation(Section):
    """How answers are written, by learners that write; temperature 0 takes the likeliest token."""

    max_new_tokens: Positive
    temperature: Annotated[float, Field(ge=0)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    batch_size: Positive


class Bootstrap(Section):
    """How intervals are drawn."""

    samples: Positive
    level: Annotated[float, Field(gt=0, lt=1)]


class Robustness(Section):
    """In which variants the test documents are predicted once more; see `spanwise.perturbation`."""

    variants: list[Literal["typos", "lower", "upper", "whitespace", "unicode"]]
    typo_rate: Share


class HighValue(Section):
    """The types that matter most, and how often what is accepted of them must be right."""

    types: list[str]
    target_precision: Share


class Confidence(Section):
    """How confidence is measured and used."""

    feature: Literal["minimum", "mean", "product", "span"]
    method: Literal["auto", "temperature", "platt", "isotonic", "classifier", "identity"]
    bins: Positive
    thresholds: Annotated[list[Share], Field(min_length=1)]
    target_precision: Share
    error_rate: Annotated[float, Field(gt=0, lt=1)]
    high_value: HighValue


class Peer(Section):
    """How much Hugging Face's pipeline predicts in turn with the model; `batch_sizes` are its own."""

    documents: Count
    repeats: Positive
    batch_sizes: Annotated[list[Positive], Field(min_length=1)]


class Benchmark(Section):
    """What is timed: documents in batches of several sizes, documents of several lengths, and a peer."""

    batch_sizes: Annotated[list[Positive], Field(min_length=1)]
    documents: Positive
    repeats: Positive
    lengths: list[Positive]
    peer: Peer

    @model_validator(mode="after")
    def _batches_fill(self) -> Benchmark:
        if max(self.batch_sizes) > self.documents:
            raise ValueError(
                f"documents {self.documents} must be at least the largest of batch_sizes {self.batch_sizes}"
            )
        return self


class Report(Section):
    """What the report says beside the figures."""

    title: str
    examples: Count


class Weights(Section):
    """What each figure of a model weighs when several are compared; 0 leaves it out."""

    f1: Annotated[float, Field(ge=0)]
    rare_f1: Annotated[float, Field(ge=0)]
    latency: Annotated[float, Field(ge=0)]
    size: Annotated[float, Field(ge=0)]


class Comparison(Section):
    """How `spanwise compare` ranks models."""

    weights: Weights


class Tracking(Section):
    """What records a training beside DVC."""

    tools: list[Literal["wandb", "mlflow", "dvclive"]]
    project: Annotated[str, Field(min_length=1)]
    group: str | None
    mlflow_uri: str | None
    log_model: bool

    @field_validator("mlflow_uri")
    @classmethod
    def _holds_no_secret(cls, uri: str | None) -> str | None:
        if uri and "@" in uri.partition("://")[2].partition("/")[0]:
            raise ValueError(
                "a user or password has no place in a file: set MLFLOW_TRACKING_USERNAME and "
                "MLFLOW_TRACKING_PASSWORD in the environment"
            )
        return uri


class Registry(Section):
    """What a version must show before it is put into a stage; see `registry.gates.Gates`."""

    minimum: dict[Kind, Share]
    regression: bool
    calibration: bool
    leak: bool
    remote: bool
    readiness: dict[Kind, Literal["assisted", "threshold", "automatic"]]


class StageParams(BaseModel):
    """The sections that one stage declares: all others are dropped, so none can be read untracked."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PrepareParams(StageParams):
    """What `prepare` may read."""

    corpus: Corpus


class TierSplitParams(StageParams):
    """What `tier-split` may read."""

    seed: int
    task: Task
    split: Split


class TrainParams(StageParams):
    """What `train` may read."""

    seed: int
    threads: Positive | None
    processes: Positive
    task: Task
    model: Model
    train: Training
    tracking: Tracking

    @model_validator(mode="after")
    def _one_learner(self) -> TrainParams:
        if self.train.learner != self.task.learner:
            raise ValueError(
                f"train.learner is {self.train.learner}, and the task {self.task.name} is for the learner "
                f"{self.task.learner}: take another option of conf/train"
            )
        if self.processes > 1 and self.task.learner == "generator":
            raise ValueError(f"processes is {self.processes}, and a generator is trained by one process")
        return self


class EvaluateParams(StageParams):
    """What `evaluate` may read."""

    seed: int
    threads: Positive | None
    task: Task
    runtime: Runtime
    generation: Generation
    bootstrap: Bootstrap
    robustness: Robustness


class ConfidenceParams(StageParams):
    """What `confidence` may read."""

    seed: int
    runtime: Runtime
    bootstrap: Bootstrap
    confidence: Confidence


class BenchmarkParams(StageParams):
    """What `benchmark` may read."""

    seed: int
    threads: Positive | None
    task: Task
    runtime: Runtime
    generation: Generation
    bootstrap: Bootstrap
    benchmark: Benchmark


class ReportParams(StageParams):
    """What `report` may read."""

    seed: int
    task: Task
    corpus: Corpus
    bootstrap: Bootstrap
    report: Report


class Params(BaseModel):
    """The whole of `params.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    threads: Positive | None
    processes: Positive
    task: Task
    corpus: Corpus
    split: Split
    model: Model
    train: Training
    runtime: Runtime
    generation: Generation
    bootstrap: Bootstrap
    robustness: Robustness
    confidence: Confidence
    benchmark: Benchmark
    report: Report
    comparison: Comparison
    registry: Registry
    tracking: Tracking


STAGE_PARAMS: dict[str, type[StageParams]] = {
    "prepare": PrepareParams,
    "tier-split": TierSplitParams,
    "train": TrainParams,
    "evaluate": EvaluateParams,
    "confidence": ConfidenceParams,
    "benchmark": BenchmarkParams,
    "report": ReportParams,
}

P = TypeVar("P", bound=BaseModel)


def load_params(path: Path, params: type[P]) -> P:
    """The settings in the YAML file `path` as a `params`.

    Sections that `params` leaves out must at least be sections, or a misspelt one would go unnoticed.

    Raises:
        UserError: If the file is no YAML mapping, or for each key or value in it that does not fit.
    """
    try:
        values = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise UserError("not valid YAML", path=path, line=line) from None
    if not isinstance(values, dict):
        raise UserError("not a YAML mapping of sections", path=path, hint="Write it with `spanwise compose`.")
    known = {name: value for name, value in values.items() if name in Params.model_fields}
    errors = [_unknown(str(name), "section", Params, path) for name in values if name not in known]
    try:
        settings = params.model_validate(known)
    except ValidationError as error:
        errors += [_explain(dict(detail), params, path) for detail in error.errors(include_url=False)]
    if errors:
        raise UserErrors(
            errors,
            hint="Change conf/ and run `spanwise compose`, or override it: `dvc exp run -S KEY=VALUE`.",
        )
    return settings


def _explain(detail: dict[str, Any], params: type[BaseModel], path: Path) -> UserError:
    """One pydantic error as a sentence with the key, its fault and the valid keys."""
    location = [str(part) for part in detail["loc"]]
    if detail["type"].startswith("union_tag"):
        return _explain_learner(".".join([*location, "learner"]), detail["ctx"], path)
    # Pydantic names the learner between `train` and its setting; no file does.
    learner = LEARNERS.get(location[1]) if location[0] == "train" and len(location) > 1 else None
    if learner:
        del location[1]
    key = ".".join(location)
    if detail["type"] == "extra_forbidden":
        inside = _section(learner, location[1:-1]) if learner else _section(params, location[:-1])
        return _unknown(key, "setting", inside, path)
    if detail["type"] == "missing":
        return UserError(f"{key} is missing", path=path)
    message = detail["msg"].removeprefix("Value error, ")
    # A whole section would bury what is wrong with it.
    given = "" if isinstance(detail["input"], dict) else f" = {detail['input']!r}"
    return UserError(f"{key}{given}: {message}", path=path)


def _explain_learner(key: str, context: dict[str, Any], path: Path) -> UserError:
    """A section that does not say whose settings it holds."""
    if "tag" not in context:
        return UserError(f"{key} is missing", path=path)
    valid = " or ".join(map(repr, LEARNERS))
    return UserError(f"{key} = {context['tag']!r}: Input should be {valid}", path=path)


def _unknown(key: str, noun: str, owner: type[BaseModel], path: Path) -> UserError:
    """A key that `owner` does not have, with the one that may have been meant."""
    valid = sorted(owner.model_fields)
    close = difflib.get_close_matches(key.rpartition(".")[2], valid, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    return UserError(f"{key} is not a {noun}: {guess}valid: {', '.join(valid)}", path=path)


def _section(params: type[BaseModel], location: list[str]) -> type[BaseModel]:
    """The settings class at `location`."""
    for part in location:
        annotation = params.model_fields[part].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        params = annotation
    return params
