"""Settings: what is accepted, what is refused and how, and that each model option is what it says."""

from __future__ import annotations

from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from spanwise.config import (
    STAGE_PARAMS,
    ConfidenceParams,
    Model,
    Params,
    Split,
    Train,
    load_params,
)
from spanwise.errors import UserError, UserErrors

ROOT = Path(__file__).parents[2]
MODELS = sorted((ROOT / "conf/model").glob("*.yaml"))

# Vocabularies and whether they know capitals: WordPiece of BERT's two and Bioformer's, BPE of Mistral and
# Llama 2, DeepSeek's and Qwen's.
CASED = {30522: False, 28996: True, 32768: True, 32000: True, 102400: True, 151936: True}


@pytest.fixture
def values() -> dict[str, Any]:
    """The committed settings, to be spoilt."""
    loaded = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def written(values: Any, folder: Path) -> Path:
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_the_committed_settings_are_valid(values: dict[str, Any], tmp_path: Path) -> None:
    params = load_params(written(values, tmp_path), Params)
    assert params.model_dump() == values


def test_stages_have_settings_of_the_whole(values: dict[str, Any], tmp_path: Path) -> None:
    path = written(values, tmp_path)
    for stage in STAGE_PARAMS.values():
        for name, annotation in stage.model_fields.items():
            assert Params.model_fields[name].annotation == annotation.annotation
        dumped = load_params(path, stage).model_dump()
        assert dumped == {name: values[name] for name in stage.model_fields}


def test_a_stage_cannot_read_what_it_does_not_declare(values: dict[str, Any], tmp_path: Path) -> None:
    settings = load_params(written(values, tmp_path), ConfidenceParams)
    with pytest.raises(AttributeError, match="train"):
        _ = settings.train  # type: ignore[attr-defined]


def test_settings_cannot_be_changed(values: dict[str, Any], tmp_path: Path) -> None:
    settings = load_params(written(values, tmp_path), Params)
    with pytest.raises(ValidationError, match="frozen"):
        settings.train.epochs = 1


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("train", "epoch", 3, "train.epoch is not a setting: did you mean epochs? valid: adapter"),
        ("train", "zzz", 3, "train.zzz is not a setting: valid: adapter"),
        ("train", "epochs", 0, "train.epochs = 0: Input should be greater than 0"),
        ("train", "epochs", "many", "train.epochs = 'many': Input should be a valid integer"),
        (
            "train",
            "precision",
            "int4",
            "train.precision = 'int4': Input should be 'auto', 'fp32', 'bf16' or 'fp16'",
        ),
        ("split", "fold", 7, "split: fold 7 is not among folds 0 to 4"),
        (
            "split",
            "published",
            True,
            "split: folds and a published split exclude each other: set one of them",
        ),
        ("model", "stride", 200, "model: stride 200 must be at most half of max_length 256"),
        ("train", "learning_rate", inf, "train.learning_rate = inf: Input should be a finite number"),
        ("train", "max_grad_norm", nan, "train.max_grad_norm = nan: Input should be a finite number"),
        ("train", "weight_decay", "inf", "train.weight_decay = 'inf': Input should be a finite number"),
        (
            "confidence",
            "target_precision",
            nan,
            "confidence.target_precision = nan: Input should be a finite",
        ),
        ("bootstrap", "level", 1.0, "bootstrap.level = 1.0: Input should be less than 1"),
        ("confidence", "thresholds", [], "confidence.thresholds = []: List should have at least 1 item"),
        ("confidence", "thresholds", [0.5, 1.5], "confidence.thresholds.1 = 1.5"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_valid(
    section: str, key: str, value: Any, message: str, values: dict[str, Any], tmp_path: Path
) -> None:
    values["split"]["folds"] = 5
    values[section][key] = value
    path = written(values, tmp_path)
    with pytest.raises(UserErrors) as caught:
        load_params(path, Params)
    (error,) = caught.value.errors
    assert error.reason.startswith(message)
    assert error.path == path
    assert "spanwise compose" in str(caught.value)


@pytest.mark.parametrize("params", [Params, *STAGE_PARAMS.values()])
def test_an_unknown_section_is_named_whoever_reads(
    params: type[BaseModel], values: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UserErrors) as caught:
        load_params(written({**values, "trian": {}, 7: 1}, tmp_path), params)
    misspelt, number = (error.reason for error in caught.value.errors)
    assert misspelt.startswith("trian is not a section: did you mean train? valid: benchmark, bootstrap,")
    assert number.startswith("7 is not a section: valid: benchmark, bootstrap,")


def test_unknown_sections_and_wrong_settings_are_named_at_once(
    values: dict[str, Any], tmp_path: Path
) -> None:
    values["trian"] = values.pop("train")
    with pytest.raises(UserErrors) as caught:
        load_params(written(values, tmp_path), Params)
    misspelt, missing = (error.reason for error in caught.value.errors)
    assert misspelt.startswith("trian is not a section: did you mean train?")
    assert missing == "train is missing"


def test_a_missing_setting_and_section_are_named_at_once(values: dict[str, Any], tmp_path: Path) -> None:
    del values["train"]["epochs"], values["report"]
    with pytest.raises(UserErrors) as caught:
        load_params(written(values, tmp_path), Params)
    assert [error.reason for error in caught.value.errors] == ["train.epochs is missing", "report is missing"]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("seed: [1", "not valid YAML", 1),
        ("seed: 1\ntask: {", "not valid YAML", 2),
        ("- 1", "not a YAML mapping of sections", None),
        ("", "not a YAML mapping of sections", None),
    ],
)
def test_a_file_that_is_no_settings_is_refused(
    text: str, reason: str, line: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_params(path, Params)
    assert (caught.value.reason, caught.value.path) == (reason, path)
    assert caught.value.line == line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.yaml: no such file"):
        load_params(tmp_path / "nowhere.yaml", Params)


def test_folds_and_stride_at_their_bounds(values: dict[str, Any]) -> None:
    assert Split.model_validate({**values["split"], "folds": 5, "fold": 4}).fold == 4
    assert Split.model_validate({**values["split"], "folds": None, "published": True}).published
    assert Model.model_validate({**values["model"], "max_length": 256, "stride": 128}).stride == 128
    assert Train.model_validate({**values["train"], "patience": None}).patience is None


# Model options.


def model(path: Path) -> Model:
    return Model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_as_many_parameters_as_it_says(path: Path) -> None:
    """Counted on the meta device, where weights have shapes but take no memory."""
    import torch
    from transformers import AutoConfig, AutoModelForTokenClassification

    option = model(path)
    with torch.device("meta"):
        built = AutoModelForTokenClassification.from_config(  # type: ignore[no-untyped-call]
            AutoConfig.for_model(**option.architecture)
        )
    assert all(parameter.is_meta for parameter in built.parameters())
    encoder = built.base_model.parameters()
    assert sum(parameter.numel() for parameter in encoder) == option.parameters


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_is_cased_as_its_vocabulary_is(path: Path) -> None:
    option = model(path)
    if option.cased is None:  # of a model that writes, its tokenizer alone says so
        return
    assert option.cased is CASED[option.architecture["vocab_size"]]
    for word, cased in (("uncased", False), ("Clinical", True), ("biobert", True)):
        assert word not in option.source or option.cased is cased


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_windows_fit_the_positions_of_a_model(path: Path) -> None:
    option = model(path)
    assert option.max_length <= option.architecture["max_position_embeddings"]
    assert option.architecture["hidden_size"] % option.architecture["num_attention_heads"] == 0


def test_the_default_model_is_the_package_it_names() -> None:
    import json
    from importlib.resources import files

    option = model(ROOT / "conf/model/minilm.yaml")
    package, _, folder = option.source.removeprefix("package:").partition("/")
    shipped = files(package) / folder
    config = json.loads((shipped / "config.json").read_text(encoding="utf-8"))
    assert {key: config[key] for key in option.architecture} == option.architecture
    tokenizer = json.loads((shipped / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert tokenizer["do_lower_case"] is not option.cased
    assert len((shipped / "vocab.txt").read_text(encoding="utf-8").splitlines()) == config["vocab_size"]


def test_a_tracking_server_with_a_password_in_its_address_is_refused() -> None:
    from spanwise.config import Tracking

    values: dict[str, Any] = {"tools": [], "project": "notes", "group": None, "log_model": False}
    assert Tracking(**values, mlflow_uri="https://dagshub.com/me/notes.mlflow").mlflow_uri
    with pytest.raises(ValueError, match="no place in a file"):
        Tracking(**values, mlflow_uri="https://me:secret@dagshub.com/notes.mlflow")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"learner": None}, "train.learner is missing"),
        ({"learner": "parrot"}, "train.learner = 'parrot': Input should be 'tagger' or 'generator'"),
        ({"learner": "generator", "epoch": 1}, "train.epoch is not a setting: did you mean epochs? valid:"),
        ({"learner": "generator", "epochs": -1}, "train.epochs = -1: Input should be greater than or equal"),
        ({"learner": "generator", "adapter": {}}, "train.adapter.rank is missing"),
    ],
)
def test_the_learner_says_whose_settings_a_recipe_holds(
    change: dict[str, Any], reason: str, values: dict[str, Any], tmp_path: Path
) -> None:
    sft = yaml.safe_load((ROOT / "conf/train/sft.yaml").read_text(encoding="utf-8"))
    values["train"] = {
        key: value for key, value in (sft | change).items() if value is not None or key != "learner"
    }
    with pytest.raises(UserErrors) as caught:
        load_params(written(values, tmp_path), Params)
    assert caught.value.errors[0].reason.startswith(reason)
