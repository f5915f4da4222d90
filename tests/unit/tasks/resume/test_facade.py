"""The facade: describe, build, save, load."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from spanwise.documents import ReadDocument
from spanwise.errors import UserError
from spanwise.schema import Example, Prediction
from spanwise.tasks.resume.facade import Model, build, load_model, save_model
from spanwise.tasks.resume.model import Resume

TEXT = "Ann Lee\nann@mail.example\nSkills\nSQL, Go"


def load(folder: Path) -> Any:
    """A tagger that finds nothing, of a folder that holds its weights."""
    assert (folder / "model.safetensors").read_bytes() == b"weights"

    def predict(examples: Iterable[Example]) -> Iterator[Prediction]:
        for example in examples:
            yield Prediction(id=example.id, text=example.text, group=example.group)

    return predict


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "learner"
    path.mkdir()
    (path / "model.safetensors").write_bytes(b"weights")
    return path


def test_rules_need_nothing_but_an_intent() -> None:
    model = build("read résumés")
    assert model.predict(TEXT)["basics"]["name"] == "Ann Lee"
    assert model.parse(ReadDocument(status="ok", text=TEXT)).origin.backend == "rules"


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cv.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert build("read résumés").predict(path)["skills"] == [{"name": "SQL"}, {"name": "Go"}]


class Contact(BaseModel):
    basics: dict[str, Any]


@pytest.mark.parametrize("schema", [Contact, {"basics": {"type": "object"}}, {"properties": {"basics": {}}}])
def test_the_output_schema_chooses_the_fields(schema: Any) -> None:
    assert list(build("contacts", output_schema=schema).predict(TEXT)) == ["basics"]


def test_the_internal_model_stands_for_json_resume() -> None:
    assert "work" in Model("x", output_schema=Resume).output_schema


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"intent": " "}, "needs an intent"),
        ({"intent": "x", "input_schema": {"a": str, "b": str}}, "one field of type string"),
        ({"intent": "x", "input_schema": {"a": int}}, "one field of type string"),
        ({"intent": "x", "output_schema": {"salary": {}}}, "not of JSON Resume: salary"),
    ],
)
def test_a_description_that_cannot_be_met_is_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        Model(**arguments)


def test_python_types_may_stand_for_schemas() -> None:
    assert build("x", input_schema={"cv": str}).predict(TEXT)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({"backend": "tagger"}, "needs `folder`"), ({"backend": "agent"}, "there is no backend")],
)
def test_a_backend_needs_what_it_is_made_of(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        Model("x").build(**arguments)


def test_what_was_not_built_does_nothing(tmp_path: Path) -> None:
    for use in (lambda: Model("x").predict(TEXT), lambda: save_model(Model("x"), tmp_path / "m.zip")):
        with pytest.raises(UserError, match="not built"):
            use()


@pytest.mark.parametrize("backend", ["rules", "tagger"])
def test_a_saved_model_is_the_same_when_loaded(folder: Path, tmp_path: Path, backend: Any) -> None:
    tagger: dict[str, Any] = {"folder": folder, "load": load} if backend == "tagger" else {}
    model = build("read", output_schema={"basics": {}}, backend=backend, **tagger)
    path = save_model(model, tmp_path / "m.zip")
    with load_model(path, load=load) as loaded:
        assert (loaded.intent, loaded.output_schema, loaded.kind) == ("read", {"basics": {}}, backend)
        assert loaded.predict(TEXT) == model.predict(TEXT)
        unpacked = loaded.folder
    assert unpacked is None or not unpacked.exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "m.zip"
    save_model(build("x"), path)
    with pytest.raises(UserError, match="is there already"):
        save_model(build("x"), path)
    with pytest.raises(UserError, match=r"ends in \.zip"):
        save_model(build("x"), tmp_path / "m.tar.gz")


@pytest.mark.parametrize("settings", [{"backend": "agent"}, {"intent": 5}, {"output_schema": None}])
def test_settings_of_something_else_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    path = save_model(build("x"), tmp_path / "m.zip")
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["settings"] |= settings
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(UserError, match="not those of a parser"):
        load_model(path)
