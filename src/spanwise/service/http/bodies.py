"""What requests hold: texts or files, and options; as JSON or as a form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from spanwise.schema import Record
from spanwise.service.contract import Endpoint
from spanwise.service.http.problems import ProblemError, invalid
from spanwise.service.http.settings import Settings
from spanwise.service.operations.options import OPTIONS

JSON, FORM = "application/json", "multipart/form-data"
FILES = "files"  # the field of a form that holds documents
FIELDS = 16  # of a form beside files
FIELD_BYTES = 64 * 1024
QUICK = 256 * 1024  # bytes of JSON that are parsed on the event loop


@dataclass(frozen=True)
class Received:
    """What was asked.

    Attributes:
        options: Of the operation.
        texts: The documents, if they are texts.
        files: The bytes of the documents, if they are files.
    """

    options: Record
    texts: tuple[str, ...] = ()
    files: tuple[bytes, ...] = ()

    @property
    def documents(self) -> int:
        """How many."""
        return len(self.texts) + len(self.files)


class Bodies:
    """Reads the bodies of requests.

    Args:
        settings: How many documents there may be, and how long.
    """

    def __init__(self, settings: Settings) -> None:
        text = Annotated[str, Field(strict=True, min_length=1, max_length=settings.max_characters)]
        several = Annotated[list[text], Field(min_length=1, max_length=settings.max_documents)]
        self._text: TypeAdapter[str] = TypeAdapter(text)
        self._texts: TypeAdapter[list[str]] = TypeAdapter(several)
        self._most = settings.max_documents

    async def read(self, request: Request, endpoint: Endpoint) -> Received:
        """The body of a request.

        Raises:
            ProblemError: If it is of another kind, cannot be parsed, or does not fit the endpoint's schema.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == JSON:
            return self._of_json(await _json(request), OPTIONS[endpoint])
        if kind == FORM:
            return await self._of_form(request, OPTIONS[endpoint])
        raise ProblemError("unsupported-media-type")

    def _of_json(self, value: Mapping[str, Any], known: type[Record]) -> Received:
        documents = {name: value[name] for name in ("text", "texts") if name in value}
        faults: list[ErrorDetails] = []
        texts: list[str] = []
        if len(documents) != 1:
            faults.append(_fault((), "Exactly one of text and texts is expected"))
        for name, given in documents.items():
            try:
                texts = (
                    [self._text.validate_python(given)]
                    if name == "text"
                    else self._texts.validate_python(given)
                )
            except ValidationError as error:
                faults += [_below(name, fault) for fault in error.errors(include_input=False)]
        rest = {name: given for name, given in value.items() if name not in documents}
        options = _options(known, rest, faults, strict=True)
        return Received(options, texts=tuple(texts))

    async def _of_form(self, request: Request, known: type[Record]) -> Received:
        fields, files = await _form(request)
        faults: list[ErrorDetails] = []
        if not 1 <= len(files) <= self._most:
            faults.append(_fault((FILES,), f"From 1 to {self._most} files are expected"))
        options = _options(known, fields, faults, strict=False)
        return Received(options, files=tuple(files))


class _InMemory(MultiPartParser):
    """Keeps files in memory, whose limit is that of the body: no original is written to disk."""

    spool_max_size = 1 << 62


async def _json(request: Request) -> Mapping[str, Any]:
    body = await request.body()
    try:
        value = from_json(body) if len(body) <= QUICK else await asyncio.to_thread(from_json, body)
    except ValueError:
        raise ProblemError("invalid-json") from None
    if not isinstance(value, dict):
        raise ProblemError("invalid-request", errors=[{"path": "", "message": "An object is expected"}])
    return value


async def _form(request: Request) -> tuple[dict[str, str], list[bytes]]:
    """The fields of a form, and its files."""
    parser = _InMemory(
        request.headers, request.stream(), max_files=1_000, max_fields=FIELDS, max_part_size=FIELD_BYTES
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise ProblemError("invalid-multipart") from None
    try:
        return await _parts(form)
    finally:
        await form.close()


async def _parts(form: FormData) -> tuple[dict[str, str], list[bytes]]:
    fields: dict[str, str] = {}
    files: list[bytes] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) != (name == FILES) or name in fields:
            message = f"Files are expected as {FILES}, and every other field once, as a text"
            raise ProblemError("invalid-request", errors=[{"path": "", "message": message}])
        if isinstance(value, UploadFile):
            files.append(await value.read())
        else:
            fields[name] = value
    return fields, files


def _options(
    known: type[Record], value: Mapping[str, Any], faults: list[ErrorDetails], *, strict: bool
) -> Record:
    """The options; strings of a form become what they spell, those of JSON do not.

    Raises:
        ProblemError: If they are wrong, or there are other faults.
    """
    try:
        options = known.model_validate(value, strict=strict)
    except ValidationError as error:
        raise invalid([*faults, *error.errors(include_input=False)]) from None
    if faults:
        raise invalid(faults)
    return options


def _fault(place: tuple[int | str, ...], message: str) -> ErrorDetails:
    return {"type": "value_error", "loc": place, "msg": message, "input": None}


def _below(name: str, fault: ErrorDetails) -> ErrorDetails:
    return {**fault, "loc": (name, *fault["loc"])}
