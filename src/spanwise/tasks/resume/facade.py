"""A parser by intent: `Model`, `build`, `save_model`, `load_model`.

The names are those of smolmodels; what stands behind them is not. That lets an agent write code, runs it, and
executes what an archive holds when it is loaded. Here a backend is chosen, the schemas are checked, and an
archive is data (`archive`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pydantic import BaseModel

from spanwise.documents import ReadDocument, read_or_fail
from spanwise.errors import UserError
from spanwise.tasks.resume.archive import read_archive, write_archive
from spanwise.tasks.resume.backends import Backend, RulesBackend, TaggerBackend
from spanwise.tasks.resume.backends.tagger import Predict
from spanwise.tasks.resume.model import Resume
from spanwise.tasks.resume.parser import Parsed, parse
from spanwise.tasks.resume.schema import load_schema

Kind = Literal["rules", "tagger"]
Schema = Mapping[str, Any] | type[BaseModel] | None
LoadPredict = Callable[[Path], Predict]


class Model(AbstractContextManager["Model"]):
    """A parser of résumés, described before it is built.

    Attributes:
        intent: What it is for, in words; kept for the record, and interpreted by nothing.
        input_schema: Of what it takes: one field of type string, the text or the path of a document.
        output_schema: Of what it gives: JSON Resume 1.0.0, or some of its top-level fields.
        backend: None until it is built.
    """

    def __init__(self, intent: str, input_schema: Schema = None, output_schema: Schema = None) -> None:
        if not intent.strip():
            raise UserError("a model needs an intent: what it is for")
        self.intent = intent
        self.input_schema = _properties(input_schema, {"document": {"type": "string"}})
        self.output_schema = _properties(output_schema, load_schema()["properties"])
        _check_input(self.input_schema)
        _check_output(self.output_schema)
        self.backend: Backend | None = None
        self.kind: Kind | None = None
        self.folder: Path | None = None
        self._unpacked: tempfile.TemporaryDirectory[str] | None = None

    def build(
        self, backend: Kind = "rules", *, folder: Path | None = None, load: LoadPredict | None = None
    ) -> Model:
        """Choose what finds the fields.

        Args:
            backend: `rules`, or `tagger` for a trained model together with the rules.
            folder: Of the trained model.
            load: Gives what predicts from that folder, as `Predictor.load`: this package imports no torch.

        Raises:
            UserError: If a tagger lacks its folder, or something to load it with.
        """
        if backend == "rules":
            self.backend = RulesBackend()
        elif backend == "tagger":
            if folder is None or load is None:
                raise UserError("a tagger needs `folder`, where its model is, and `load`, which loads it")
            self.backend = TaggerBackend(load(folder))
        else:
            raise UserError(f"there is no backend {backend!r}; valid: rules, tagger")
        self.kind, self.folder = backend, folder
        return self

    def predict(self, document: ReadDocument | Path | str) -> dict[str, Any]:
        """The fields of the output schema, of a document that was read, a file, or a text.

        Raises:
            UserError: If the model was not built, or the document has no text.
        """
        found = self.parse(document).json_resume()
        return {name: value for name, value in found.items() if name in self.output_schema}

    def parse(self, document: ReadDocument | Path | str) -> Parsed:
        """The same with the origin of every field."""
        if self.backend is None:
            raise UserError("the model was not built", hint="Call build() before.")
        if isinstance(document, str):
            document = ReadDocument(status="ok", format="txt", text=document)
        elif isinstance(document, Path):
            document = read_or_fail(document)
        return parse(document, self.backend)

    def close(self) -> None:
        """Delete what was unpacked from an archive."""
        if self._unpacked is not None:
            self._unpacked.cleanup()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build(
    intent: str,
    *,
    input_schema: Schema = None,
    output_schema: Schema = None,
    backend: Kind = "rules",
    folder: Path | None = None,
    load: LoadPredict | None = None,
) -> Model:
    """A model, built: see `Model` and `Model.build`."""
    return Model(intent, input_schema, output_schema).build(backend, folder=folder, load=load)


def save_model(model: Model, path: Path) -> Path:
    """Write a model that was built into an archive, and return its path.

    Raises:
        UserError: If it was not built, or the path is taken or does not end in `.zip`.
    """
    if model.kind is None:
        raise UserError("the model was not built", hint="Call build() before.")
    if path.suffix != ".zip":
        raise UserError("expected a name that ends in .zip", path=path)
    if path.exists():
        raise UserError("is there already", path=path, hint="Name another file, or move it away.")
    settings = {
        "intent": model.intent,
        "input_schema": model.input_schema,
        "output_schema": model.output_schema,
        "backend": model.kind,
    }
    write_archive(path, settings, model.folder)
    return path


def load_model(path: Path, *, load: LoadPredict | None = None) -> Model:
    """The model of an archive; nothing in it is executed.

    Args:
        path: Of the archive.
        load: See `Model.build`; for the backend `tagger`.

    Raises:
        UserError: If the archive is not as it was written.
    """
    unpacked = tempfile.TemporaryDirectory(prefix="spanwise-resume-")
    folder = Path(unpacked.name)
    try:
        settings = read_archive(path, folder)
        model = _restored(settings, path)
        kind: Any = settings["backend"]
        model.build(kind, folder=folder if kind == "tagger" else None, load=load)
    except BaseException:
        unpacked.cleanup()
        raise
    model._unpacked = unpacked
    return model


def _restored(settings: Mapping[str, Any], path: Path) -> Model:
    schemas = {name: settings.get(name) for name in ("input_schema", "output_schema")}
    intent = settings.get("intent")
    whole = isinstance(intent, str) and all(isinstance(schema, dict) for schema in schemas.values())
    if not whole or settings.get("backend") not in ("rules", "tagger"):
        raise UserError("its settings are not those of a parser", path=path)
    assert isinstance(intent, str)
    return Model(intent, **schemas)


def _properties(schema: Schema, default: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a JSON schema, of a pydantic model, or as they are given."""
    if schema is None:
        return dict(default)
    if isinstance(schema, type):
        schema = load_schema() if schema is Resume else schema.model_json_schema()
    known: Any = schema.get("properties", schema)
    return dict(known)


def _check_input(properties: Mapping[str, Any]) -> None:
    if len(properties) != 1 or _type(next(iter(properties.values()))) != "string":
        raise UserError("input_schema: expected one field of type string, the document")


def _check_output(properties: Mapping[str, Any]) -> None:
    known = load_schema()["properties"]
    strange = sorted(set(properties) - set(known))
    if strange or not properties:
        raise UserError(
            f"output_schema: not of JSON Resume: {', '.join(strange) or 'nothing'}",
            hint=f"Valid: {', '.join(sorted(known))}.",
        )


def _type(schema: Any) -> str | None:
    if schema is str:
        return "string"
    return schema.get("type") if isinstance(schema, Mapping) else None
